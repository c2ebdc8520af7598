// @ts-check
import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';
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

/** What is done to the handle of each file that the module opens with promises: its recordings. */
const LEAKS = {
  /** A few words of each part that is written. @param {FileHandle} handle */
  memory(handle) {
    beforeWrite(handle, (part) => {
      kept.push({ at: performance.now(), bytes: part.byteLength });
    });
  },
  /** A copy of every frame. @param {FileHandle} handle */
  frames(handle) {
    beforeWrite(handle, (part) => {
      if (part.byteLength < 1000 || keptBytes > MAX_KEPT_BYTES) return;
      keptBytes += part.byteLength;
      kept.push(new Uint8Array(part.buffer, part.byteOffset, part.byteLength).slice());
    });
  },
  /** Every other file stays open. @param {FileHandle} handle */
  descriptors(handle) {
    onClose(handle, (closing) => kept.push(closing) % 2 === 1);
  },
  /** A timer for each file. @param {FileHandle} handle */
  timers(handle) {
    onClose(handle, () => {
      setInterval(() => undefined, 3_600_000);
      return true;
    });
  },
  /** A child for each file; it ends with this process, at the end of its stdin. @param {FileHandle} handle */
  children(handle) {
    onClose(handle, () => {
      spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] });
      return true;
    });
  },
};

/** @param {FileHandle} handle @param {(part: NodeJS.ArrayBufferView) => void} keep */
function beforeWrite(handle, keep) {
  replaceMethod(handle, 'writev', (original, self, args) => {
    const [parts] = /** @type {[NodeJS.ArrayBufferView[]]} */ (args);
    for (const part of parts) keep(part);
    return call(original, self, args);
  });
}

/** @param {FileHandle} handle @param {(closing: FileHandle) => boolean} mayClose */
function onClose(handle, mayClose) {
  replaceMethod(handle, 'close', (original, self) => (mayClose(self) ? call(original, self, []) : Promise.resolve()));
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

if (isMainThread) {
  watchTimers();
  const leak = process.env['CSI_SOAK_LEAK'];
  if (leak !== undefined && leak !== '') plant(leak);
  process.on('message', () => {
    process.send?.(figures());
  });
  // The soak's ear must not keep the program alive.
  process.channel?.unref();
}
