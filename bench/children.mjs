// @ts-check

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const running = new Set();

/**
 * Remembers a child until it ends, so that an end that nobody planned can end it too.
 *
 * @template {ChildProcess} T
 * @param {T} child
 * @returns {T}
 */
export function remembered(child) {
  running.add(child);
  child.once('exit', () => {
    running.delete(child);
  });
  return child;
}

/** Kills every child that runs; what they feed or are fed by ends with its pipe. */
export function killChildren() {
  for (const child of running) child.kill('SIGKILL');
}
