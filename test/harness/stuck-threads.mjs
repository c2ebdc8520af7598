// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { isMainThread, workerData } from 'node:worker_threads';

/**
 * Preloaded into the program (`--import`), which hands it to its threads: a thread that the file named by
 * `CSI_CAMERAS_STUCK` names does what that says, until the file says something else. Its lines are `THREAD stuck` or
 * `THREAD ends` (once: the file is emptied); THREAD is `module`, `monitor` or a device id.
 */

const LOOK_MS = 20;
const path = process.env['CSI_CAMERAS_STUCK'] ?? '';
const name = isMainThread ? 'module' : nameOf(/** @type {unknown} */ (workerData));
const never = new Int32Array(new SharedArrayBuffer(4));

/** @param {unknown} data */
function nameOf(data) {
  if (typeof data !== 'object' || data === null) return '';
  const device = /** @type {unknown} */ (Reflect.get(data, 'deviceId'));
  return typeof device === 'string' ? device : 'readsNeedToken' in data ? 'monitor' : '';
}

/** @param {string} what */
function isTold(what) {
  return readFileSync(path, 'utf8').split('\n').includes(`${name} ${what}`);
}

if (path !== '' && name !== '') {
  setInterval(() => {
    if (!isMainThread && isTold('ends')) {
      writeFileSync(path, '');
      process.exit(3);
    }
    // The event loop of the thread stands still, as in a system call that never comes back.
    while (isTold('stuck')) Atomics.wait(never, 0, 0, LOOK_MS);
  }, LOOK_MS).unref();
}
