import { CHUNK_HEAD_BYTES } from '../../recording/avi/avi-layout.js';
import type { FramePlaces } from './frame-places.js';
import { readInto } from './positional-read.js';

/** Fits into the caches of a processor: what was read is looked at while it is there. */
const BLOCK = 2 ** 20;
/** No camera makes a larger frame, and no damaged index may ask for more memory. */
export const LARGEST_FRAME = 2 ** 26;

/** A part of the file with whole frames. Valid until the next one is read. */
export interface FrameBlock {
  /** What was read; `at` is its position in the file. */
  readonly bytes: Buffer;
  readonly at: number;
  /** Indexes of the frames that lie in it with their chunk heads: from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
}

/** Reads all frames that `isWanted`, in order and in large blocks. Memory: one block, or the largest frame. */
export function* frameBlocks(
  fd: number,
  { dataAt, dataBytes }: FramePlaces,
  count: number,
  isWanted: (index: number) => boolean,
): Generator<FrameBlock> {
  let buffer = Buffer.allocUnsafe(BLOCK);
  for (let first = 0; first < count;) {
    if (!isWanted(first)) {
      first += 1;
      continue;
    }
    const at = (dataAt[first] ?? 0) - CHUNK_HEAD_BYTES;
    const needed = CHUNK_HEAD_BYTES + (dataBytes[first] ?? 0);
    if (needed > buffer.length) buffer = Buffer.allocUnsafe(needed);
    let end = first + 1;
    let to = at + needed;
    for (; end < count; end += 1) {
      const frameEnd = (dataAt[end] ?? 0) + (dataBytes[end] ?? 0);
      if (!isWanted(end) || frameEnd > at + buffer.length) break;
      to = frameEnd;
    }
    const bytes = buffer.subarray(0, to - at);
    yield { bytes: bytes.subarray(0, readInto(fd, bytes, at)), at, first, end };
    first = end;
  }
}
