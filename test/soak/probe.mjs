// @ts-check
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { devNull } from 'node:os';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';
import { getHeapCodeStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Preloaded (`--import`) into the built program under soak, which knows nothing of it: answers each message of the soak
 * with what this process holds after a garbage collection. A heap cannot be measured from outside; all else is.
 * `CSI_SOAK_LEAK` plants a leak, so that one sees that the soak notices: see `LEAKS`.
 */

/** @typedef {import('node:fs/promises').FileHandle} FileHandle */

setFlagsFromString('--expose-gc');
/** @type {() => void} */
const collectGarbage = runInNewContext('gc');

/** Between the probe of the main thread and those of the cameras' threads, each of which has a heap of its own. */
const channel = new BroadcastChannel('csi-soak');

const OTHER_THAN_HELD = new Set(['Immediate', 'Timeout']);

/**
 * Timers that were made and are neither over nor cleared. `getActiveResourcesInfo` leaves out those that do not keep the
 * process alive, which are most of the module's.
 * @type {Set<NodeJS.Timeout>}
 */
const timers = new Set();

/** Takes note of each timer the program makes. `promises` are not seen: their timers end with them. */
function watchTimers() {
  for (const name of /** @type {const} */ (['setTimeout', 'setInterval'])) {
    const make = /** @type {(...args: unknown[]) => NodeJS.Timeout} */ (/** @type {unknown} */ (globalThis[name]));
    Object.defineProperty(globalThis, name, {
      /** @param {unknown[]} args */
      value(...args) {
        const timer = make(...args);
        timers.add(timer);
        return timer;
      },
    });
  }
}

/** @param {NodeJS.Timeout} timer */
const isOver = (timer) => Reflect.get(timer, '_destroyed') === true;

function liveTimers() {
  for (const timer of timers) if (isOver(timer)) timers.delete(timer);
  return timers.size;
}

function figures() {
  const timersLeft = liveTimers();
  collectGarbage();
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  const code = getHeapCodeStatistics();
  return {
    heapUsed,
    code: code.code_and_metadata_size + code.bytecode_and_metadata_size,
    external,
    arrayBuffers,
    rss,
    timers: timersLeft,
    // File operations in flight come and go; what stays are sockets, pipes, children and watchers.
    handles: resources.filter((type) => !OTHER_THAN_HELD.has(type) && !type.startsWith('FSReq')).length,
  };
}

/** What is never given back. @type {unknown[]} */
const kept = [];
let keptBytes = 0;
const MAX_KEPT_BYTES = 2 ** 30;

/**
 * What the main thread does on behalf of a leak: whatever a camera's thread holds would end with that thread.
 * @type {Record<string, (what: unknown) => void>}
 */
const HOLDERS = {
  keep: (what) => kept.push(what),
  openFile: () => openSync(devNull, 'r'),
  setTimer: () => setInterval(() => undefined, 3_600_000),
  /** It ends with this process, at the end of its stdin. */
  startChild: () => spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] }),
};

/** For good. @param {keyof typeof HOLDERS} how @param {unknown} [what] */
function hold(how, what) {
  if (isMainThread) HOLDERS[how]?.(what);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel between threads
  else channel.postMessage({ hold: how, what });
}

/** What happens to the handle of each file that the module opens with promises: its recordings. */
const LEAKS = {
  /**
   * Some words for each part of a frame that is written. Not for each write: how many frames share one depends on the machine,
   * and what is held would not grow with the frames at a steady pace. @param {FileHandle} handle
   */
  memory(handle) {
    beforeWrite(handle, (parts) => {
      hold('keep', { at: performance.now(), words: Array.from({ length: 16 * parts.length }, () => parts.length) });
    });
  },
  /** A copy of every frame. @param {FileHandle} handle */
  frames(handle) {
    beforeWrite(handle, (parts) => {
      for (const part of parts) {
        if (part.byteLength < 1000 || keptBytes > MAX_KEPT_BYTES) continue;
        keptBytes += part.byteLength;
        hold('keep', new Uint8Array(part.buffer, part.byteOffset, part.byteLength).slice());
      }
    });
  },
  /** An open file more for each. @param {FileHandle} handle */
  descriptors(handle) {
    onClose(handle, () => {
      hold('openFile');
    });
  },
  /** A timer for each file. @param {FileHandle} handle */
  timers(handle) {
    onClose(handle, () => {
      hold('setTimer');
    });
  },
  /** A child for each file. @param {FileHandle} handle */
  children(handle) {
    onClose(handle, () => {
      hold('startChild');
    });
  },
};

/** @param {FileHandle} handle @param {(parts: NodeJS.ArrayBufferView[]) => void} see */
function beforeWrite(handle, see) {
  replaceMethod(handle, 'writev', (original, self, args) => {
    const [parts] = /** @type {[NodeJS.ArrayBufferView[]]} */ (args);
    see(parts);
    return call(original, self, args);
  });
}

/** @param {FileHandle} handle @param {() => void} leak */
function onClose(handle, leak) {
  replaceMethod(handle, 'close', (original, self) => {
    leak();
    return call(original, self, []);
  });
}

/**
 * @param {FileHandle} handle
 * @param {'writev' | 'close'} name
 * @param {(original: unknown, self: FileHandle, args: unknown[]) => unknown} method
 */
function replaceMethod(handle, name, method) {
  /** @type {unknown} */
  const original = Reflect.get(handle, name);
  Object.defineProperty(handle, name, {
    /** @this {FileHandle} @param {unknown[]} args */
    value(...args) {
      return method(original, this, args);
    },
  });
}

/** @param {unknown} method @param {FileHandle} self @param {unknown[]} args @returns {unknown} */
function call(method, self, args) {
  return typeof method === 'function' ? Reflect.apply(method, self, args) : undefined;
}

/** Every file that is opened from now on leaks. @param {string} name */
function plant(name) {
  const leak = Object.entries(LEAKS).find(([known]) => known === name)?.[1];
  if (leak === undefined) throw new Error(`CSI_SOAK_LEAK=${name} is none of ${Object.keys(LEAKS).join(', ')}.`);
  const { open } = fs;
  /** @type {typeof open} */
  fs.open = async (path, flags, mode) => {
    const handle = await open(path, flags, mode);
    leak(handle);
    return handle;
  };
  syncBuiltinESMExports();
}

/** How long a thread that is just ending is waited for. */
const THREADS_LIMIT_MS = 2000;

/** @typedef {ReturnType<typeof figures>} Figures */

/** @type {Set<import('node:worker_threads').Worker>} */
const threads = new Set();

/** What the present question still waits for. @type {(figures: Figures) => void} */
let onAnswer = () => undefined;

/** What every camera's thread holds. @returns {Promise<Figures[]>} */
function figuresOfThreads() {
  /** @type {Figures[]} */
  const answers = [];
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(limit);
      resolve(answers);
    };
    const limit = setTimeout(over, THREADS_LIMIT_MS);
    onAnswer = (answer) => {
      answers.push(answer);
      if (answers.length >= threads.size) over();
    };
    if (threads.size === 0) over();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel between threads
    else channel.postMessage('figures');
  });
}

/** The process has one resident set; all else is each thread's own. @param {Figures[]} all */
function total([own, ...others]) {
  /** @type {Record<string, number>} */
  const sum = { ...own };
  for (const name of Object.keys(sum)) {
    if (name === 'rss') continue;
    for (const other of others) sum[name] = (sum[name] ?? 0) + (Reflect.get(other, name) ?? 0);
  }
  return sum;
}

/** @param {(data: unknown) => void} hear */
function listen(hear) {
  channel.addEventListener('message', (event) => {
    hear(Reflect.get(event, 'data'));
  });
  channel.unref();
}

watchTimers();
const leak = process.env['CSI_SOAK_LEAK'];
if (leak !== undefined && leak !== '') plant(leak);
if (isMainThread) {
  process.on('worker', (worker) => {
    threads.add(worker);
    worker.once('exit', () => threads.delete(worker));
  });
  listen((said) => {
    if (typeof said === 'object' && said !== null && 'hold' in said)
      HOLDERS[String(said.hold)]?.(Reflect.get(said, 'what'));
    else onAnswer(/** @type {Figures} */ (said));
  });
  process.on('message', () => {
    void figuresOfThreads().then((others) => process.send?.(total([figures(), ...others])));
  });
  // The soak's ear must not keep the program alive.
  process.channel?.unref();
} else {
  // The answers of other threads come here too.
  listen((question) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel between threads
    if (question === 'figures') channel.postMessage(figures());
  });
}
