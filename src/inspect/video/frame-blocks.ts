import { CHUNK_HEAD_BYTES } from '../../recording/avi/avi-layout.js';
import type { FramePlaces } from './frame-places.js';
import { readAside } from './positional-read.js';

/** Larger ones leave the caches of a processor, and two of them would be felt in the memory of a video of small frames. */
const BLOCK = 2 ** 20;
/** No camera makes a larger frame, and no damaged index may ask for more memory. */
export const LARGEST_FRAME = 2 ** 26;

/** A part of the file with whole frames. Valid until the next one is asked for. */
export interface FrameBlock {
  /** What was read; `at` is its position in the file. */
  readonly bytes: Buffer;
  readonly at: number;
  /** Indexes of the frames that lie in it with their chunk heads: from `first` up to, not including, `end`. */
  readonly first: number;
  readonly end: number;
}

type Place = Omit<FrameBlock, 'bytes'> & { readonly length: number };

/**
 * Reads all frames that `isWanted`, in order and in large blocks. While one is looked at, a thread of the system reads the next.
 * Memory: two blocks, or twice the largest frame.
 */
export async function* frameBlocks(
  fd: number,
  places: FramePlaces,
  count: number,
  isWanted: (index: number) => boolean,
): AsyncGenerator<FrameBlock, void, undefined> {
  let [free, full] = [Buffer.allocUnsafeSlow(BLOCK), Buffer.allocUnsafeSlow(BLOCK)];
  const read = async ({ length, ...place }: Place): Promise<FrameBlock> => {
    if (length > free.length) free = Buffer.allocUnsafeSlow(length);
    const bytes = free.subarray(0, length);
    return { ...place, bytes: bytes.subarray(0, await readAside(fd, bytes, place.at)) };
  };
  let reading: Promise<FrameBlock> | null = null;
  try {
    for (const place of blockPlaces(places, count, isWanted)) {
      const block: FrameBlock | null = reading === null ? null : await reading;
      [free, full] = [full, free];
      reading = read(place);
      // Heard here too, since it may fail while the block before it is still looked at.
      reading.catch(() => {});
      if (block !== null) yield block;
    }
    if (reading !== null) yield await reading;
  } finally {
    // The caller may close the file now.
    await reading?.catch(() => {});
  }
}

function* blockPlaces(
  { dataAt, dataBytes }: FramePlaces,
  count: number,
  isWanted: (index: number) => boolean,
): Generator<Place> {
  for (let first = 0; first < count;) {
    if (!isWanted(first)) {
      first += 1;
      continue;
    }
    const at = (dataAt[first] ?? 0) - CHUNK_HEAD_BYTES;
    const needed = CHUNK_HEAD_BYTES + (dataBytes[first] ?? 0);
    const most = Math.max(BLOCK, needed);
    let end = first + 1;
    let to = at + needed;
    for (; end < count; end += 1) {
      const frameEnd = (dataAt[end] ?? 0) + (dataBytes[end] ?? 0);
      if (!isWanted(end) || frameEnd > at + most) break;
      to = frameEnd;
    }
    yield { at, first, end, length: to - at };
    first = end;
  }
}
