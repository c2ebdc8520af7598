import type { FileSystem } from '../core/file-system.js';
import { placeOf } from './log-repair.js';

const NEWLINE = 0x0a;

type FileHandle = Awaited<ReturnType<FileSystem['open']>>;

/**
 * A log that is longer than it may be was made by something else, or with larger bounds. It is cut at line ends into as many
 * files as it takes: the last piece stays the log, the others become its newest backups. What would be pushed out at
 * once is not copied. Returns whether there was anything to do.
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
      if (length === 0) break; // it shrank meanwhile
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

/** Reads into `memory`; how many bytes of it the first line, all whole lines, or all there is take. A line longer than the memory is cut. */
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
