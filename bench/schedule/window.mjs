// @ts-check

/** From samples of one process to what a window of time cost. Pure. */

/** @typedef {import('./process-sample.mjs').ProcessSample} ProcessSample */

/**
 * @typedef {object} WindowCost
 * @property {number} seconds
 * @property {number} cpuUs of all threads
 * @property {number} voluntarySwitches of all threads
 * @property {number} readCalls
 * @property {number} bytesRead
 * @property {number} unseenCpuUs what the process used beyond that: threads that ended, after their last sample. 0 where it is within
 *   what the check can tell
 * @property {Readonly<Record<string, number>>} cpuUsByThread of those that ran: `main`, the others by their name and a number, in the order
 *   in which they were started (Node gives all of its threads one name)
 */

/** Both ends of the check come in clock ticks of 10 ms. */
const CHECK_RESOLUTION_US = 20_000;

/**
 * The first sample begins the window and the last one ends it. Those between are for threads that end within it: their last sample
 * stands for their end. A thread that is not in the first sample began within the window, so everything that it used counts.
 *
 * @param {readonly ProcessSample[]} samples in order, two at least
 * @returns {WindowCost}
 */
export function windowCost(samples) {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || first === last) {
    throw new RangeError('A window needs a sample at each end.');
  }
  const threads = threadCosts(samples);
  const cpuUs = threads.reduce((sum, { cpuNs }) => sum + cpuNs / 1000, 0);
  const beyondUs = 1e6 * (last.cpuSeconds - first.cpuSeconds) - cpuUs;
  return {
    seconds: (last.atMs - first.atMs) / 1000,
    cpuUs,
    voluntarySwitches: threads.reduce((sum, { voluntarySwitches }) => sum + voluntarySwitches, 0),
    readCalls: last.readCalls - first.readCalls,
    bytesRead: last.bytesRead - first.bytesRead,
    unseenCpuUs: beyondUs > CHECK_RESOLUTION_US ? beyondUs : 0,
    cpuUsByThread: byThread(threads),
  };
}

/** @param {readonly ThreadCost[]} threads @returns {Record<string, number>} */
function byThread(threads) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  /** @type {Record<string, number>} */
  const times = {};
  // Ids grow with time, but for the rare moment when they begin anew.
  for (const { name, cpuNs } of [...threads].sort((a, b) => a.tid - b.tid)) {
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    if (cpuNs > 0) times[name === 'main' ? name : `${name} ${number}`] = cpuNs / 1000;
  }
  return times;
}

/** @typedef {import('./process-sample.mjs').ThreadSample & { tid: number }} ThreadCost */

/**
 * @param {readonly ProcessSample[]} samples
 * @returns {ThreadCost[]} what each thread used; a thread id that was given away again makes two
 */
function threadCosts(samples) {
  /** @typedef {import('./process-sample.mjs').ThreadSample} ThreadSample */
  /** @type {ThreadCost[]} */
  const ended = [];
  /** @type {Map<number, { from: ThreadSample, to: ThreadSample }>} */
  const alive = new Map();
  for (const [index, { threads }] of samples.entries()) {
    for (const [tid, thread] of threads) {
      const known = alive.get(tid);
      if (known !== undefined && thread.cpuNs >= known.to.cpuNs) {
        known.to = thread;
        continue;
      }
      // Counts only grow: with a smaller one this is another thread of the same id.
      if (known !== undefined) ended.push(difference(tid, known));
      const from = index === 0 ? thread : { ...thread, cpuNs: 0, voluntarySwitches: 0 };
      alive.set(tid, { from, to: thread });
    }
  }
  return [...ended, ...[...alive].map(([tid, pair]) => difference(tid, pair))];
}

/**
 * @param {number} tid
 * @param {Readonly<Record<'from' | 'to', import('./process-sample.mjs').ThreadSample>>} samples
 * @returns {ThreadCost}
 */
function difference(tid, { from, to }) {
  return {
    tid,
    name: to.name,
    cpuNs: to.cpuNs - from.cpuNs,
    voluntarySwitches: to.voluntarySwitches - from.voluntarySwitches,
  };
}
