// @ts-check
import { readFileSync, readdirSync } from 'node:fs';
import { cpuTimeOf, totalOf } from '../process-figures.mjs';

/**
 * What the scheduler has counted for each thread of a process so far (proc(5), Documentation/scheduler/sched-stats.rst), in one moment.
 * What a window of time cost is in `window.mjs`.
 */

/**
 * @typedef {object} ThreadSample
 * @property {string} name `main` for the thread that the process began with, the others by `/proc/PID/task/TID/comm`
 * @property {number} cpuNs time that it ran, user and system
 * @property {number} voluntarySwitches how often it gave up its core by itself, to wait
 */

/**
 * @typedef {object} ProcessSample
 * @property {number} atMs monotonic
 * @property {ReadonlyMap<number, ThreadSample>} threads by thread id; those that live
 * @property {number} readCalls of the whole process, ended threads included
 * @property {number} bytesRead of the whole process
 * @property {number} cpuSeconds of the whole process, ended threads included, in steps of 10 ms: to check the sum of the threads with
 */

/**
 * Throws where the process has ended.
 *
 * @param {number} pid
 * @returns {ProcessSample}
 */
export function sampleOf(pid) {
  try {
    return takeSample(pid);
  } catch (thrown) {
    if (!hasEnded(thrown)) throw thrown;
    throw new Error(`Process ${pid} ended while it was watched.`, { cause: thrown });
  }
}

/** @param {number} pid @returns {ProcessSample} */
function takeSample(pid) {
  /** @type {Map<number, ThreadSample>} */
  const threads = new Map();
  for (const entry of readdirSync(`/proc/${pid}/task`)) {
    const thread = threadSampleOf(pid, Number(entry));
    if (thread !== undefined) threads.set(Number(entry), thread);
  }
  const io = readFileSync(`/proc/${pid}/io`, 'utf8');
  return {
    atMs: performance.now(),
    threads,
    readCalls: countIn(io, 'syscr'),
    bytesRead: countIn(io, 'rchar'),
    cpuSeconds: totalOf(cpuTimeOf(pid)),
  };
}

/**
 * @param {number} pid
 * @param {number} tid
 * @returns {ThreadSample | undefined} `undefined`: it ended while it was looked at
 */
function threadSampleOf(pid, tid) {
  const folder = `/proc/${pid}/task/${tid}`;
  try {
    return {
      name: tid === pid ? 'main' : readFileSync(`${folder}/comm`, 'utf8').trim(),
      cpuNs: runTimeNs(readFileSync(`${folder}/schedstat`, 'utf8')),
      voluntarySwitches: countIn(readFileSync(`${folder}/status`, 'utf8'), 'voluntary_ctxt_switches'),
    };
  } catch (thrown) {
    if (hasEnded(thrown) && tid !== pid) return undefined;
    throw thrown;
  }
}

/** What reading in `/proc` fails with when the process or thread is gone. @param {unknown} thrown */
function hasEnded(thrown) {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return code === 'ESRCH' || code === 'ENOENT';
}

/**
 * The first of the three numbers of a `schedstat`: time spent on a core.
 *
 * @param {string} schedstat
 * @returns {number} nanoseconds
 */
export function runTimeNs(schedstat) {
  const text = /^(\d+) \d+ \d+\s*$/.exec(schedstat)?.[1];
  if (text === undefined) throw new Error(`This is not what the kernel writes in schedstat: ${schedstat}`);
  return Number(text);
}

/**
 * @param {string} text lines of `name: number`, as in `/proc/PID/status` and `/proc/PID/io`
 * @param {string} name the whole name
 * @returns {number}
 */
export function countIn(text, name) {
  const count = new RegExp(`^${name}:\\s+(\\d+)$`, 'm').exec(text)?.[1];
  if (count === undefined) throw new Error(`The kernel does not count ${name} here.`);
  return Number(count);
}
