import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesText, rateText, timeText } from '../amounts.js';
import { cleanText } from '../clean-text.js';
import { fail, note, ok, unknown, warn, type Finding } from '../finding.js';
import { nearestFolder, readText, type Machine } from '../machine.js';
import type { Plan } from '../plan.js';
import { mountOf, type Mount } from '../mounts.js';

/** The disk that is recorded to: room, file system, mount. Its speed is measured in `disk-speed.ts`. */

/** `recording.minFreeBytes` of the default configuration: a recording ends above it. */
const KEPT_FREE_BYTES = 256 * 1024 * 1024;
/** Without --duration. */
const LITTLE_S = 3600;
const NO_ROOM_S = 600;
/** Frames of another scene are larger. */
const SPARE = 1.2;

const FAT_LIMIT_BYTES = 2 ** 32 - 1;

export async function checkFreeSpace({ disk }: Machine, { out, rate, durationS }: Plan): Promise<Finding> {
  const bytes = await disk.freeBytes(out).catch(() => null); // the mount's check says what is wrong
  if (bytes === null) return unknown('The file system does not tell its free space.');
  const free = Number(bytes);
  const seconds = Math.max(0, (free - KEPT_FREE_BYTES) / rate.bytesPerSecond);
  const facts = { free_bytes: free, seconds: Math.floor(seconds) };
  const message = `${bytesText(free)} are free: ${timeText(seconds)} at ${rateText(rate.bytesPerSecond)}.`;
  const advice = 'Free some space, or record to another disk with --out.';
  if (durationS !== undefined) {
    const held = `${message.slice(0, -1)}, and ${timeText(durationS)} are wanted.`;
    if (seconds < durationS) return fail(held, advice, facts);
    if (seconds < durationS * SPARE) return warn(held, `${advice} Frames of another scene may be larger.`, facts);
    return ok(held, facts);
  }
  if (seconds < NO_ROOM_S) return fail(message, advice, facts);
  if (seconds < LITTLE_S) return warn(message, advice, facts);
  return ok(message, facts);
}

const LOCAL = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'zfs', 'bcachefs', 'jfs', 'reiserfs']);
const NETWORK = /^(?:nfs\d?|cifs|smb\d?|smbfs|9p|ceph|afs|sshfs|glusterfs|lustre|beegfs|virtiofs)$/;
const IN_MEMORY = /^(?:tmpfs|ramfs|devtmpfs)$/;

export async function checkFileSystem(machine: Machine, plan: Plan): Promise<Finding> {
  const mount = await mountHere(machine, plan.out);
  if (mount === undefined) return unknown('The file system of the recordings is not told.');
  const { type } = mount;
  const facts = { type, mount_point: mount.point };
  if (type === 'vfat' || type === 'msdos') {
    const seconds = (FAT_LIMIT_BYTES / plan.rate.bytesPerSecond) * plan.cameras;
    return fail(
      `The file system is ${type}: a file ends at 4 GB, after ${timeText(seconds)}.`,
      'Format the disk with ext4 (or exfat), or name another one with --out.',
      { ...facts, seconds: Math.floor(seconds) },
    );
  }
  if (IN_MEMORY.test(type)) {
    return warn(`The file system is ${type}: what is there is gone at power off.`, 'Name a disk with --out.', facts);
  }
  if (type === 'overlay') {
    return warn(
      'The file system is an overlay: what is written may lie in memory, and be gone at power off.',
      'Name a disk with --out.',
      facts,
    );
  }
  if (NETWORK.test(type)) {
    return warn(
      `The file system is ${type}: it waits for the network, and a recording waits with it.`,
      'Record to a local disk, and copy afterwards.',
      facts,
    );
  }
  if (type.startsWith('fuse')) {
    return warn(
      `The file system is ${type}: a program stands between, and what it promises is not known.`,
      'Record to a disk with ext4.',
      facts,
    );
  }
  if (type.startsWith('ntfs')) {
    return warn(`The file system is ${type}: it is slow here, and not made for power cuts.`, 'Record to ext4.', facts);
  }
  if (type === 'exfat') {
    return note('The file system is exfat: it has no journal, so a power cut may cost more.', 'ext4 is safer.', facts);
  }
  if (!LOCAL.has(type)) return note(`The file system is ${type}, which was never tried.`, 'ext4 is safer.', facts);
  return ok(`The file system is ${type}.`, facts);
}

export async function checkMount(machine: Machine, { out }: Plan): Promise<Finding> {
  const folder = await nearestFolder(out);
  const mount = await mountHere(machine, out);
  const facts = { folder, mount_point: mount?.point ?? null };
  if (mount?.options.includes('ro') === true) {
    return fail(
      `${cleanText(mount.point, 200)} is mounted read-only.`,
      'The system does that when a disk fails: check the disk, then mount it for writing.',
      facts,
    );
  }
  if ((await stat(folder).catch(() => undefined))?.isDirectory() === false) {
    return fail(`${cleanText(folder, 200)} is no folder.`, 'Name a folder with --out.', facts);
  }
  const access = await machine.access(folder);
  if (access !== 'usable') {
    return fail(
      `This user cannot write to ${cleanText(folder, 200)} (${access}).`,
      'Name another folder with --out, or change its owner (chown).',
      facts,
    );
  }
  if (mount === undefined) return unknown('The folder can be written. Its mount is not told.', facts);
  if (mount.options.includes('sync')) {
    return note(
      'The disk is mounted with `sync`, which is slow.',
      'Mount it without; recordings sync by themselves.',
      facts,
    );
  }
  return ok(`${cleanText(folder, 200)} can be written.`, facts);
}

async function mountHere({ roots: { proc } }: Machine, out: string): Promise<Mount | undefined> {
  const folder = await nearestFolder(out);
  const real = await realpath(folder).catch(() => folder); // another user's folder on the way: its name must do
  return mountOf((await readText(join(proc, 'self/mountinfo'))) ?? '', real);
}
