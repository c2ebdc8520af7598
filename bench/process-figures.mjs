// @ts-check
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What the kernel says about processes (proc(5)), and what a shell's `times` says about its children. */

/** @type {number | undefined} */
let knownTicks;

/** @returns {number} the kernel's unit of CPU time, 100 a second on most systems */
export function ticksPerSecond() {
  knownTicks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return knownTicks;
}

/**
 * @typedef {object} CpuTime
 * @property {number} user seconds
 * @property {number} system seconds: what the kernel did for it
 */

/**
 * What a process and its ended threads have used; resolution 10 ms on most systems.
 *
 * @param {number} pid
 * @returns {CpuTime}
 */
export function cpuTimeOf(pid) {
  const { user, system } = cpuTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return { user: user / ticksPerSecond(), system: system / ticksPerSecond() };
}

/**
 * Bytes that a process has read, from files and elsewhere. (What it wrote would not do: with a child's end the kernel adds
 * what that child wrote.)
 *
 * @param {number} pid
 * @returns {number}
 */
export function bytesReadBy(pid) {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}

/**
 * Memory that a process has resident now, bytes.
 *
 * @param {number} pid
 * @returns {number}
 */
export function residentBytesOf(pid) {
  return kibibytesIn(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS') * 1024;
}

/**
 * Most memory that a process ever had resident, bytes.
 *
 * @param {number} pid
 * @returns {number}
 */
export function peakResidentBytesOf(pid) {
  return peakResidentBytes(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/**
 * The process of that name among the descendants of another.
 *
 * @param {number} pid
 * @param {string} name as in `/proc/PID/comm`
 * @returns {number | undefined}
 */
export function descendantOf(pid, name) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
  const found = children.find((child) => readFileSync(`/proc/${child}/comm`, 'utf8').trim() === name);
  return found ?? children.map((child) => descendantOf(child, name)).find((deeper) => deeper !== undefined);
}

/**
 * utime and stime, fields 14 and 15 of `/proc/PID/stat`. The name in field 2 may hold spaces and brackets.
 *
 * @param {string} stat
 * @returns {CpuTime} clock ticks instead of seconds
 */
export function cpuTicks(stat) {
  const fromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fromThird[11]), system: Number(fromThird[12]) };
}

/**
 * @param {string} status `/proc/PID/status`
 * @returns {number} bytes
 */
export function peakResidentBytes(status) {
  return kibibytesIn(status, 'VmHWM') * 1024;
}

/** @param {string} status @param {string} name */
function kibibytesIn(status, name) {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`The kernel does not say how much memory was resident (${name}).`);
  return Number(kibibytes);
}

/**
 * What all children that a shell waited for used: second line of its built-in `times`
 * (`0m0.350s 0m1.020s`: user, system; POSIX, Shell Command Language).
 *
 * @param {string} output
 * @returns {CpuTime}
 */
export function childrenTime(output) {
  const line = output.trim().split('\n')[1] ?? '';
  const [user, system] = [...line.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
  );
  if (user === undefined || system === undefined) throw new Error(`This is not what a shell's times prints: ${output}`);
  return { user, system };
}

/** @param {CpuTime} time */
export const totalOf = ({ user, system }) => user + system;
