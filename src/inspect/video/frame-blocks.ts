import { CHUNK_HEAD_BYTES } from '../../recording/avi/avi-layout.js';
import type { MarkerScan } from '../jpeg/marker-scan.js';
import { readInto } from './positional-read.js';

/** Larger ones leave the caches of a processor. */
const BLOCK = 2 ** 18;
/** No camera makes a larger frame, and no damaged index may ask for more memory. */
export const LARGEST_FRAME = 2 ** 26;

/** Where some frames lie in a file, ascending. */
export interface SomeFrames {
  readonly dataAt: Float64Array;
  readonly dataBytes: Uint32Array;
}

/** A part of the file with whole frames. Valid until the next one is asked for. */
export interface FrameBlock {
  /** What was read; `at` is its position in the file. */
  readonly bytes: Buffer;
  readonly at: number;
  /** Places in `SomeFrames` of those that lie in it with their chunk heads: from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
}

/** Reads frames in order, several at a time where they are small. Holds one block, or the largest frame. */
export class FrameBlocks {
  constructor(
    private readonly fd: number,
    /** Gives the buffer that is read into. */
    private readonly scan: MarkerScan,
  ) {}

  /** Frames larger than `LARGEST_FRAME` are left out. */
  *read(frames: SomeFrames): Generator<FrameBlock, void, undefined> {
    const { dataAt, dataBytes } = frames;
    for (let first = 0; first < dataAt.length;) {
      if ((dataBytes[first] ?? 0) > LARGEST_FRAME) {
        first += 1;
        continue;
      }
      const at = (dataAt[first] ?? 0) - CHUNK_HEAD_BYTES;
      const { end, to } = blockEnd(frames, first, at);
      const target = this.scan.buffer(to - at);
      yield { bytes: target.subarray(0, readInto(this.fd, target, at)), at, first, end };
      first = end;
    }
  }
}

/** How far a block goes that begins at `at` with the frame `first`: the place behind its last frame, and that in the file. */
function blockEnd({ dataAt, dataBytes }: SomeFrames, first: number, at: number): { end: number; to: number } {
  let to = (dataAt[first] ?? 0) + (dataBytes[first] ?? 0);
  const most = Math.max(at + BLOCK, to);
  let end = first + 1;
  for (; end < dataAt.length; end += 1) {
    const frameEnd = (dataAt[end] ?? 0) + (dataBytes[end] ?? 0);
    if (frameEnd > most) break;
    to = frameEnd;
  }
  return { end, to };
}
