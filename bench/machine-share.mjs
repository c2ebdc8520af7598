// @ts-check
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** How much of the machine went to others than this bench and its children: what a wall clock has to be read with. */

/**
 * @typedef {object} Used
 * @property {number} machine clock ticks that the machine's cores were busy, the time included that a host of virtual machines took away
 * @property {number} own clock ticks of this process and its ended children
 * @property {number} atMs
 */

/** @returns {Used} */
export function usedSoFar() {
  return {
    machine: busyTicks(readFileSync('/proc/stat', 'utf8')),
    own: ownTicks(readFileSync('/proc/self/stat', 'utf8')),
    atMs: performance.now(),
  };
}

/**
 * First line of `/proc/stat` (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal, and what is counted in user already.
 *
 * @param {string} stat
 * @returns {number}
 */
export function busyTicks(stat) {
  const [user, nice, system, , , irq, softirq, steal] =
    stat.split('\n', 1)[0]?.trim().split(/\s+/).slice(1).map(Number) ?? [];
  return [user, nice, system, irq, softirq, steal].reduce((/** @type {number} */ sum, ticks = 0) => sum + ticks, 0);
}

/**
 * utime, stime, cutime and cstime: fields 14 to 17 of `/proc/PID/stat`.
 *
 * @param {string} stat
 * @returns {number}
 */
export function ownTicks(stat) {
  const fromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fromThird.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
}

/**
 * @param {Used} before
 * @param {Used} after when all children of the time between have ended
 * @param {number} ticksPerSecond
 * @param {number} [cores]
 * @returns {number} percent of all cores, 0 to 100
 */
export function othersPercent(before, after, ticksPerSecond, cores = cpus().length) {
  const others = after.machine - before.machine - (after.own - before.own);
  const all = ((after.atMs - before.atMs) / 1000) * ticksPerSecond * cores;
  return Math.min(100, Math.max(0, (100 * others) / all));
}
