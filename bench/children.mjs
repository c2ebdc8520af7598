// @ts-check

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/** @type {Set<ChildProcess>} */
const running = new Set();
/** Of those that lead a process group of their own (`detached`). @type {Set<ChildProcess>} */
const leaders = new Set();

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
    leaders.delete(child);
  });
  return child;
}

/**
 * The same for a child that was started `detached` and has children which do not end with it.
 *
 * @template {ChildProcess} T
 * @param {T} child
 * @returns {T}
 */
export function rememberedGroup(child) {
  leaders.add(child);
  return remembered(child);
}

/** Kills every child that runs; what they feed or are fed by ends with its pipe. */
export function killChildren() {
  for (const child of running) {
    if (leaders.has(child) && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  }
}
