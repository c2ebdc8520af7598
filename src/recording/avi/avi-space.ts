import { oldIndexBytes } from './avi-index.js';
import {
  type AviGeometry,
  BLOCK_BYTES,
  CHUNK_HEAD_BYTES,
  SEGMENT_HEAD_BYTES,
  cover,
  firstMoviAt,
  indexBytes,
  moviHead,
  roundUp,
  segmentHead,
} from './avi-layout.js';

/** Parts that follow one another in the file. */
export interface PlannedWrite {
  readonly position: number;
  readonly parts: readonly Buffer[];
}

/** A RIFF of the file: the first, or an AVIX. Both are positions in the file; `end` is reserved, not reached. */
export interface Segment {
  readonly start: number;
  readonly end: number;
}

/** A cover's head stands at `at`; the frames behind it start with the next block: no frame shares a block with a commit. */
interface Cover {
  readonly at: number;
  readonly batchAt: number;
}

/** Where a commit leaves segment and cover, what that writes before the header, and what late. */
export interface SpacePlan {
  readonly segment: Segment;
  readonly cover: Cover;
  readonly writes: readonly PlannedWrite[];
  readonly late: readonly PlannedWrite[];
}

/** The reserved space of the video file: its last RIFF and the cover over what is not committed. It plans; no I/O. */
export class AviSpace {
  #segment: Segment;
  #cover: Cover;

  /** `left`: the last RIFF of a file that was left open, and the end of what is committed in it. */
  constructor(
    private readonly geometry: AviGeometry,
    left?: { readonly segment: Segment; readonly committedEnd: number },
  ) {
    this.#cover = coverAt(left?.committedEnd ?? firstMoviAt(geometry) + 12);
    this.#segment = left?.segment ?? this.#newSegment(0, this.#cover.batchAt, 0);
  }

  get isFirstSegment(): boolean {
    return this.#segment.start === 0;
  }

  get segmentStart(): number {
    return this.#segment.start;
  }

  /** Reserved end of the file. */
  get end(): number {
    return this.#segment.end;
  }

  /** Frames may reach up to here: behind it lies the room for the segment's ix00, idx1 and a cover. */
  get framesEnd(): number {
    return this.#segment.end - reserveBytes(this.geometry, this.isFirstSegment);
  }

  /** End of what is committed. */
  get coverAt(): number {
    return this.#cover.at;
  }

  /** Start of the frames behind the cover. */
  get batchAt(): number {
    return this.#cover.batchAt;
  }

  /** The first movi list of a new file, empty. */
  get opening(): readonly PlannedWrite[] {
    const { end } = this.#segment;
    const moviAt = firstMoviAt(this.geometry);
    return [{ position: moviAt, parts: [moviHead(moviAt, end), cover(this.#cover.at, end)] }];
  }

  /** Whether a chunk of `chunkBytes` no longer fits this segment after a commit that ends at `end`. */
  isFullAt(end: number, chunkBytes: number): boolean {
    return this.#neededEnd(end, chunkBytes) > this.#segment.start + this.geometry.segmentBytes;
  }

  /** A commit at `end`; the segment grows where the room ahead is short: half a step, or four times the last batch. */
  planCommit(end: number, chunkBytes: number): SpacePlan {
    const { growthBytes, segmentBytes } = this.geometry;
    const old = this.#segment;
    const ahead = Math.max(growthBytes / 2, 4 * (end - this.#cover.batchAt));
    const wanted = roundUp(this.#neededEnd(end, chunkBytes) + ahead, growthBytes);
    const segment = { start: old.start, end: Math.max(old.end, Math.min(wanted, old.start + segmentBytes)) };
    if (segment.end === old.end) return this.planCommitInPlace(end);
    return {
      segment,
      cover: coverAt(end),
      writes: [
        { position: end, parts: [cover(end, segment.end)] },
        // Spans the difference until the list's size has followed the header's and the old cover is lifted.
        { position: old.end, parts: [cover(old.end, segment.end)] },
      ],
      late: [this.resize(segment.end, segment.end), this.liftCover()],
    };
  }

  /** A commit at `end` that leaves the segment as it is. */
  planCommitInPlace(end: number): SpacePlan {
    const segment = this.#segment;
    const writes = [{ position: end, parts: [cover(end, segment.end)] }];
    return { segment, cover: coverAt(end), writes, late: [this.liftCover()] };
  }

  /** A commit at `end` that ends the segment (`oldIndex`: its idx1, for the first one) and begins the next. */
  planNextSegment(end: number, oldIndex: readonly Buffer[], chunkBytes: number): SpacePlan {
    const old = this.#segment;
    const moviEnd = old.end - oldIndex.reduce((sum, part) => sum + part.length, 0);
    const next = coverAt(old.end + SEGMENT_HEAD_BYTES);
    const segment = this.#newSegment(old.end, next.batchAt, chunkBytes);
    const writes: PlannedWrite[] = [
      { position: end, parts: [cover(end, moviEnd)] },
      { position: moviEnd, parts: [...oldIndex, segmentHead(old.end, segment.end), cover(next.at, segment.end)] },
    ];
    const late = [this.liftCover(), this.resize(old.end, moviEnd)];
    return { segment, cover: next, writes, late };
  }

  adopt(plan: SpacePlan): void {
    this.#segment = plan.segment;
    this.#cover = plan.cover;
  }

  /** Shrinks the cover to the rest of its block: a reader that walks the file sees what stands behind it. */
  liftCover(): PlannedWrite {
    const { at, batchAt } = this.#cover;
    return { position: at, parts: [cover(at, batchAt)] };
  }

  /** The sizes of the segment and its movi list, as far as they stand outside the header block. */
  resize(end: number, moviEnd: number): PlannedWrite {
    const { start } = this.#segment;
    if (start > 0) return { position: start, parts: [segmentHead(start, end)] };
    const moviAt = firstMoviAt(this.geometry);
    return { position: moviAt, parts: [moviHead(moviAt, moviEnd)] };
  }

  /** Where the next chunk would end at worst after a commit that ends at `end`, with the reserve behind it. */
  #neededEnd(end: number, chunkBytes: number): number {
    return end + 2 * BLOCK_BYTES + chunkBytes + reserveBytes(this.geometry, this.isFirstSegment);
  }

  #newSegment(start: number, batchAt: number, chunkBytes: number): Segment {
    const { segmentBytes, growthBytes } = this.geometry;
    const needed = batchAt + chunkBytes + reserveBytes(this.geometry, start === 0) + growthBytes / 2;
    return { start, end: Math.min(start + segmentBytes, roundUp(needed, growthBytes)) };
  }
}

function coverAt(at: number): Cover {
  return { at, batchAt: roundUp(at + CHUNK_HEAD_BYTES, BLOCK_BYTES) };
}

/** Room for a segment's ix00, its idx1, a cover and their way to the next block. */
function reserveBytes(geometry: AviGeometry, isFirst: boolean): number {
  const oldIndex = isFirst ? oldIndexBytes(geometry.firstSegmentFrames) : 0;
  return 2 * BLOCK_BYTES + indexBytes(geometry.liveEntries) + oldIndex;
}
