import { readSync } from 'node:fs';
import { messageOf } from '../../core/errors.js';
import { NotReadable } from '../not-readable.js';

/**
 * Reads into `target` from a position of the file, to its end or to the end of the file; returns the number of bytes.
 * Synchronous: an inspection reads hundreds of thousands of chunk heads, and a promise each would take ten times as long.
 */
export function readInto(fd: number, target: Buffer, position: number): number {
  let done = 0;
  try {
    while (done < target.length) {
      const bytes = readSync(fd, target, done, target.length - done, position + done);
      if (bytes === 0) break;
      done += bytes;
    }
  } catch (thrown) {
    throw notReadable(thrown, position + done);
  }
  return done;
}

function notReadable(cause: unknown, position: number): NotReadable {
  return new NotReadable('io', `It cannot be read at byte ${position}: ${messageOf(cause)}.`, { cause });
}

/** Reads `length` bytes, or fewer at the end of the file. */
export function readBytes(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readInto(fd, bytes, position));
}

/** An unsigned 64-bit position. Files stay below 2^53; more is a number beyond every file. */
export function positionAt(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
