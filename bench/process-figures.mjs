// @ts-check
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What the kernel says about processes (proc(5)), and what a shell's `times` says about its children. */

/** @type {number | undefined} */
let ticksPerSecond;

/**
 * User and system time that a process and its ended threads have used, seconds; resolution 10 ms on most systems.
 *
 * @param {number} pid
 * @returns {number}
 */
export function cpuSecondsOf(pid) {
  ticksPerSecond ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return cpuTicks(readFileSync(`/proc/${pid}/stat`, 'utf8')) / ticksPerSecond;
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
 * utime and stime, fields 14 and 15 of `/proc/PID/stat`. The name in field 2 may hold spaces and brackets.
 *
 * @param {string} stat
 * @returns {number} clock ticks
 */
export function cpuTicks(stat) {
  const fromThird = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fromThird[11]) + Number(fromThird[12]);
}

/**
 * @param {string} status `/proc/PID/status`
 * @returns {number} bytes
 */
export function peakResidentBytes(status) {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('The kernel does not say how much memory was resident (VmHWM).');
  return Number(kibibytes) * 1024;
}

/**
 * User and system time of all children that a shell waited for: second line of its built-in `times`
 * (`0m0.350s 0m1.020s`; POSIX, Shell Command Language).
 *
 * @param {string} output
 * @returns {number} seconds
 */
export function childrenSeconds(output) {
  const line = output.trim().split('\n')[1] ?? '';
  const times = [...line.matchAll(/(\d+)m([\d.]+)s/g)];
  if (times.length !== 2) throw new Error(`This is not what a shell's times prints: ${output}`);
  return times.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
