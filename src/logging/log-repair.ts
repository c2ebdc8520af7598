import { errnoOf } from '../core/errors.js';
import type { FileSystem } from '../core/file-system.js';

const NEWLINE = 0x0a;
const SEARCH_BYTES = 64 * 1024;

/** The inode tells a file from another of the same name; the size tells how much is in it. */
export interface FilePlace {
  readonly inode: bigint;
  /** Bytes. */
  readonly size: number;
}

/** The file's inode and size; `undefined` if the file does not exist. */
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
 * Moves older backups down to close gaps in the row of backups. A rotation that was interrupted (a kill between two
 * of its renames) leaves a gap, and the next rotation would push the oldest backup out although there is room.
 */
export async function closeBackupGaps(files: FileSystem, path: string, backups: number): Promise<void> {
  let free = 1;
  for (let number = 1; number <= backups; number += 1) {
    if ((await placeOf(files, `${path}.${number}`)) === undefined) continue;
    if (number !== free) await files.rename(`${path}.${number}`, `${path}.${free}`);
    free += 1;
  }
}

/**
 * Cuts off an incomplete last line, which a kill or a full disk leaves behind. Returns the bytes cut; 0 if there is
 * no file.
 */
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
    if (bytesRead === 0) return size; // another program shortened the file; the next attempt sees its new size
    const at = memory.lastIndexOf(NEWLINE, bytesRead - 1);
    if (at !== -1) return start + at + 1;
    end = start;
  }
  return 0;
}

export async function truncateTo(files: FileSystem, path: string, size: number): Promise<void> {
  const file = await files.open(path, 'r+');
  try {
    await file.truncate(size);
  } finally {
    await file.close();
  }
}
