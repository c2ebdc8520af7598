import type { FileHandle } from 'node:fs/promises';

/**
 * Maximum parts of one `writev` (IOV_MAX on Linux). libuv splits a longer list but loses count after a short write.
 */
const MAX_PARTS = 1024;

/** How many bytes were written. Without a `failure`: all of them. */
export interface Written {
  readonly bytes: number;
  readonly failure?: unknown;
}

/**
 * Writes the parts one after another from `position` and goes on after short writes. Never rejects, because the
 * caller needs the number of bytes on the disk most when a write fails. Changes the array, not the bytes: a part
 * that was written only in part is cut.
 */
export async function writeParts(handle: FileHandle, parts: Buffer[], position: number): Promise<Written> {
  let bytes = 0;
  let next = 0;
  while (next < parts.length) {
    const some = next === 0 && parts.length <= MAX_PARTS ? parts : parts.slice(next, next + MAX_PARTS);
    let written: number;
    try {
      written = (await handle.writev(some, position + bytes)).bytesWritten;
    } catch (failure) {
      return { bytes, failure };
    }
    if (written === 0) return { bytes, failure: new Error('A write put no bytes into the file.') };
    bytes += written;
    next = skipWritten(parts, next, written);
  }
  return { bytes };
}

/** Index of the first part with bytes left to write. */
function skipWritten(parts: Buffer[], from: number, written: number): number {
  let left = written;
  for (let index = from; index < parts.length; index += 1) {
    const part = parts[index];
    if (part === undefined) continue;
    if (left < part.length) {
      if (left > 0) parts[index] = part.subarray(left);
      return index;
    }
    left -= part.length;
  }
  return parts.length;
}
