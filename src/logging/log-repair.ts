import { errnoOf } from '../core/errors.js';
import type { FileSystem } from '../core/file-system.js';

const NEWLINE = 0x0a;
const SEARCH_BYTES = 64 * 1024;

/** What tells a file from another of the same name, and how much is in it. */
export interface FilePlace {
  readonly inode: bigint;
  /** Bytes. */
  readonly size: number;
}

/** Where the file is and how long; `undefined` where there is none. */
export async function placeOf(files: FileSystem, path: string): Promise<FilePlace | undefined> {
  try {
    const { ino, size } = await files.stat(path, { bigint: true });
    return { inode: ino, size: Number(size) };
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/**
 * A rotation that was interrupted (a kill between two of its renames) leaves a hole in the row of backups, and the next
 * one would push the oldest out although there is room: move the older ones down.
 */
export async function closeBackupGaps(files: FileSystem, path: string, backups: number): Promise<void> {
  let free = 1;
  for (let number = 1; number <= backups; number += 1) {
    if ((await placeOf(files, `${path}.${number}`)) === undefined) continue;
    if (number !== free) await files.rename(`${path}.${number}`, `${path}.${free}`);
    free += 1;
  }
}

/** Cuts half a line, left by a kill or a full disk, off the end. Returns the bytes cut; 0 where there is no file. */
export async function cutTornTail(files: FileSystem, path: string): Promise<number> {
  const place = await placeOf(files, path);
  if (place === undefined || place.size === 0) return 0;
  const file = await files.open(path, 'r+');
  try {
    const end = await endOfLastLine(file, place.size);
    if (end < place.size) await file.truncate(end);
    return place.size - end;
  } finally {
    await file.close();
  }
}

async function endOfLastLine(file: Awaited<ReturnType<FileSystem['open']>>, size: number): Promise<number> {
  const memory = Buffer.allocUnsafe(Math.min(size, SEARCH_BYTES));
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - memory.length);
    const { bytesRead } = await file.read(memory, 0, end - start, start);
    if (bytesRead === 0) return size; // it shrank under us: the next attempt sees it as it is
    const at = memory.lastIndexOf(NEWLINE, bytesRead - 1);
    if (at !== -1) return start + at + 1;
    end = start;
  }
  return 0;
}

/** Shortens the file to `size` bytes. */
export async function truncateTo(files: FileSystem, path: string, size: number): Promise<void> {
  const file = await files.open(path, 'r+');
  try {
    await file.truncate(size);
  } finally {
    await file.close();
  }
}
