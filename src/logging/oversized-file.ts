import type { FileSystem } from '../core/file-system.js';
import { placeOf } from './log-repair.js';

const NEWLINE = 0x0a;

type FileHandle = Awaited<ReturnType<FileSystem['open']>>;

/**
 * Splits a log file that exceeds its maximum; another program made it, or an opening with larger bounds did. The file
 * is cut at line ends into as many pieces as needed. The last piece stays the log, the others become its newest
 * backups. Pieces that would be pushed out at once are not copied. Returns whether the file had to be split.
 */
export async function splitOversized(
  files: FileSystem,
  path: string,
  maxBytes: number,
  backups: number,
  mode: number,
): Promise<boolean> {
  const size = (await placeOf(files, path))?.size ?? 0;
  if (size <= maxBytes) return false;
  const part = `${path}.part`;
  const source = await files.open(path, 'r');
  try {
    const memory = Buffer.allocUnsafe(maxBytes);
    let start = Math.max(0, size - (backups + 1) * maxBytes);
    if (start > 0) start += await lengthOfWholeLines(source, memory, start, 'first');
    while (start < size) {
      const length = await lengthOfWholeLines(source, memory, start, size - start > maxBytes ? 'all' : 'rest');
      if (length === 0) break; // another program shortened the file
      await writeWhole(files, part, memory.subarray(0, length), mode);
      start += length;
      if (start < size) await becomeNewestBackup(files, part, path, backups);
    }
    await files.rename(part, path);
  } finally {
    await source.close();
  }
  return true;
}

/**
 * Reads into `memory` and returns the length of the first line, of all whole lines, or of everything read. A line
 * longer than the memory is cut.
 */
async function lengthOfWholeLines(
  source: FileHandle,
  memory: Buffer,
  start: number,
  which: 'first' | 'all' | 'rest',
): Promise<number> {
  const { bytesRead } = await source.read(memory, 0, memory.length, start);
  if (which === 'rest' || bytesRead === 0) return bytesRead;
  const read = memory.subarray(0, bytesRead);
  const end = (which === 'first' ? read.indexOf(NEWLINE) : read.lastIndexOf(NEWLINE)) + 1;
  return end === 0 ? bytesRead : end;
}

async function writeWhole(files: FileSystem, path: string, bytes: Buffer, mode: number): Promise<void> {
  const file = await files.open(path, 'w', mode);
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

async function becomeNewestBackup(files: FileSystem, part: string, path: string, backups: number): Promise<void> {
  for (let number = backups; number > 1; number -= 1) {
    const from = `${path}.${number - 1}`;
    if ((await placeOf(files, from)) !== undefined) await files.rename(from, `${path}.${number}`);
  }
  await files.rename(part, `${path}.1`);
}
