import { dirname, join } from 'node:path';
import { bytesText, timeText } from '../amounts.js';
import { fail, ok, unknown, warn, type Finding } from '../finding.js';
import { readNumber, readText, type Machine } from '../machine.js';
import type { Plan } from '../plan.js';

/** What the system allows a process. */

/** A camera has pipes, sockets and up to four files of its own. */
const FILES_PER_CAMERA = 32;
const FILES_OF_PROCESS = 64;
/** The soak saw 106 MB of one camera with small frames (docs/soak.md); on top of it come large frames and a full buffer. */
const MEMORY_OF_PROCESS = 200e6;
/** Not measured, but reckoned: the heap of its thread, and its buffer (64 MiB) with frames on their way to the disk. */
const MEMORY_PER_CAMERA = 150e6;

export async function checkOpenFiles({ roots: { proc } }: Machine, { cameras }: Plan): Promise<Finding> {
  const limit = await limitOf(proc, 'Max open files');
  if (limit === undefined) return unknown('The limit of open files is not told.');
  const needed = FILES_OF_PROCESS + FILES_PER_CAMERA * cameras;
  const facts = { limit: Number.isFinite(limit) ? limit : null };
  const message = `${Number.isFinite(limit) ? limit : 'Any number of'} files may be open.`;
  if (limit < needed) return fail(message, `Raise the limit to ${needed * 4} (ulimit -n).`, facts);
  if (limit < needed * 2) return warn(message, `Raise the limit to ${needed * 4} (ulimit -n).`, facts);
  return ok(message, facts);
}

export async function checkFileSize({ roots: { proc } }: Machine, { rate, cameras }: Plan): Promise<Finding> {
  const limit = await limitOf(proc, 'Max file size');
  if (limit === undefined) return unknown('The limit of file sizes is not told.');
  if (limit === Infinity) return ok('A file may have any size.', { limit: null });
  const seconds = (limit / rate.bytesPerSecond) * cameras;
  const facts = { limit, seconds: Math.floor(seconds) };
  const message = `A file may have ${bytesText(limit)}: ${timeText(seconds)} of video.`;
  const advice = 'Take the limit away (ulimit -f unlimited).';
  // A recording goes on in the next part, with a frame or two lost between.
  return seconds < 60 ? fail(message, advice, facts) : warn(message, advice, facts);
}

export async function checkMemory({ roots }: Machine, { cameras }: Plan): Promise<Finding> {
  const limits = [await availableMemory(roots.proc), await cgroupMemory(roots.proc, roots.sys)].filter(
    (bytes) => bytes !== undefined,
  );
  if (limits.length === 0) return unknown('The memory that is left is not told.');
  const left = Math.max(0, Math.min(...limits));
  const needed = MEMORY_OF_PROCESS + MEMORY_PER_CAMERA * cameras;
  const facts = { bytes: left };
  const message = `${bytesText(left)} of memory are left.`;
  const advice = 'End other programs, or raise the limit of the service (MemoryMax).';
  if (left < needed) return fail(message, advice, facts);
  if (left < needed * 2) return warn(message, advice, facts);
  return ok(message, facts);
}

/** The soft limit; `Infinity` where there is none. */
async function limitOf(proc: string, name: string): Promise<number | undefined> {
  const text = (await readText(join(proc, 'self/limits'))) ?? '';
  const line = text.split('\n').find((one) => one.startsWith(name));
  const word = line?.slice(name.length).trim().split(/\s+/)[0] ?? '';
  if (word === 'unlimited') return Infinity;
  return /^\d{1,20}$/.test(word) ? Number(word) : undefined;
}

async function availableMemory(proc: string): Promise<number | undefined> {
  const kibibytes = /^MemAvailable:\s+(\d{1,15}) kB$/m.exec((await readText(join(proc, 'meminfo'))) ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

/** What the tightest group of this process has left; `undefined` without a limit, or with the old groups. */
async function cgroupMemory(proc: string, sys: string): Promise<number | undefined> {
  const path = /^0::(\/.*)$/m.exec((await readText(join(proc, 'self/cgroup'))) ?? '')?.[1];
  if (path === undefined || path.includes('/../')) return undefined;
  let least: number | undefined;
  for (let group = path; ; group = dirname(group)) {
    const folder = join(sys, 'fs/cgroup', group);
    const most = await readNumber(join(folder, 'memory.max')); // `max` is no number: no limit
    const used = await readNumber(join(folder, 'memory.current'));
    if (most !== undefined && used !== undefined) least = Math.min(least ?? Infinity, most - used);
    if (group === '/' || group === '.') return least;
  }
}
