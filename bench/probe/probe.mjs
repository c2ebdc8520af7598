// @ts-check
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread, threadId } from 'node:worker_threads';
import { FrameTimer } from './frame-timer.mjs';
import { hook } from './hook.mjs';
import { INNER_FILES } from './inner-files.mjs';
import { DIST_VARIABLE, FOLDER_VARIABLE } from './variables.mjs';

/**
 * Preloaded (`--import`) into the built module, which knows nothing of it: each camera's thread takes the time of its frames
 * and writes it to a file when its recording is closed. `docs/bench.md` says what is in which figure.
 */

/** @typedef {import('node:fs/promises').FileHandle} FileHandle */

/** Operations of a file that the recording waits for; what follows them is work of the thread. */
const FILE_OPERATIONS = ['writev', 'write', 'datasync', 'sync', 'truncate'];

/**
 * What is observed, by file and class of the build. A name that is gone ends the module with the name: then this table has
 * to follow the code.
 *
 * @param {FrameTimer} timer
 * @returns {readonly (readonly [file: string, className: string, method: string, around: import('./hook.mjs').Around])[]}
 */
const hooks = (timer) => [
  [INNER_FILES.waitingReads, 'WaitingReads', 'add', (call) => timer.read(call)],
  [INNER_FILES.frameRouter, 'FrameRouter', 'route', (call) => timer.frame(call)],
  [
    INNER_FILES.aviFile,
    'AviFile',
    'append',
    async (call, _self, [frames, from = 0]) => {
      timer.turn();
      const written = Number(await call());
      timer.written(/** @type {import('./frame-timer.mjs').Stamped[]} */ (frames), Number(from), written);
      return written;
    },
  ],
  [
    INNER_FILES.aviFile,
    'AviFile',
    'checkpoint',
    (call, self) =>
      timer.commit(async () => {
        await call();
        return Number(Reflect.get(/** @type {object} */ (self), 'committedFrames'));
      }),
  ],
  [
    INNER_FILES.aviFile,
    'AviFile',
    'finalize',
    async (call) => {
      const result = await call();
      writeFileSync(join(variable(FOLDER_VARIABLE), `thread-${threadId}.json`), JSON.stringify(timer.samples));
      return result;
    },
  ],
];

/** @param {string} name */
function variable(name) {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The probe needs ${name}.`);
  return value;
}

async function attach() {
  const timer = new FrameTimer();
  for (const [file, className, method, around] of hooks(timer)) {
    /** @type {unknown} */
    const exported = await import(pathToFileURL(join(variable(DIST_VARIABLE), file)).href);
    const target = /** @type {{ prototype: object } | undefined} */ (
      Reflect.get(/** @type {object} */ (exported), className)
    );
    hook(target?.prototype, `${className}.${method}`, method, around);
  }
  const handle = await open('/dev/null', 'r');
  const prototype = /** @type {object} */ (Object.getPrototypeOf(handle));
  await handle.close();
  for (const name of FILE_OPERATIONS) {
    hook(prototype, `FileHandle.${name}`, name, async (call) => {
      const result = await timer.handOver(call);
      timer.turn();
      return result;
    });
  }
}

// In the main thread nothing is timed.
if (!isMainThread) await attach();
