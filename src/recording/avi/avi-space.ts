import { oldIndexBytes } from './avi-index.js';
import {
  type AviGeometry,
  BLOCK_BYTES,
  CHUNK_HEAD_BYTES,
  LIST_HEAD_BYTES,
  SEGMENT_HEAD_BYTES,
  cover,
  firstMoviAt,
  indexBytes,
  moviHead,
  roundUp,
  segmentHead,
} from './avi-layout.js';

/** Parts to write one after another from `position`. */
export interface PlannedWrite {
  readonly position: number;
  readonly parts: readonly Buffer[];
}

/**
 * A RIFF of the file: the first one, or an AVIX. `start` and `end` are positions in the file. The space up to `end` is
 * reserved; frames fill it from the front.
 */
export interface Segment {
  readonly start: number;
  readonly end: number;
}

/**
 * A cover: a JUNK chunk that hides the frames that are not committed from readers, so that the file is readable at any
 * moment. Its head is at `at`. The frames start in the next block, at `batchAt`, so no frame shares a block with a commit.
 */
interface Cover {
  readonly at: number;
  readonly batchAt: number;
}

/** What a commit does to the space. The header block (`avi-layout.ts`) names the committed frames; it is written by the file. */
export interface SpacePlan {
  readonly segment: Segment;
  readonly cover: Cover;
  /** Must be written and synced before the header block. */
  readonly writes: readonly PlannedWrite[];
  /** Written after the header block, in this order. If they never are, recovery makes up for them. */
  readonly late: readonly PlannedWrite[];
}

/**
 * The reserved space of a growing video file: its last RIFF, and the cover over the uncommitted frames. It plans what to
 * write where; it does no I/O.
 */
export class AviSpace {
  #segment: Segment;
  #cover: Cover;

  /** `leftOpen`: the last RIFF of a file that a dead process left open, and the end of its committed frames. */
  constructor(
    private readonly geometry: AviGeometry,
    leftOpen?: { readonly segment: Segment; readonly committedEnd: number },
  ) {
    this.#cover = coverFrom(leftOpen?.committedEnd ?? firstMoviAt(geometry) + LIST_HEAD_BYTES);
    this.#segment = leftOpen?.segment ?? this.#newSegment(0, this.#cover.batchAt, 0);
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

  /** Frames may reach up to here. The room after it is for the segment's ix00, a cover and, in the first segment, idx1. */
  get framesEnd(): number {
    return this.#segment.end - reserveBytes(this.geometry, this.isFirstSegment);
  }

  /** End of the committed frames; the cover begins here. */
  get committedEnd(): number {
    return this.#cover.at;
  }

  /** Start of the frames after the cover's head. */
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

  /**
   * Plans a commit at `end`. The segment grows if the room ahead is less than half of `growthBytes` or four times the
   * frames of this commit, whichever is more.
   */
  planCommit(end: number, chunkBytes: number): SpacePlan {
    const { growthBytes, segmentBytes } = this.geometry;
    const old = this.#segment;
    const ahead = Math.max(growthBytes / 2, 4 * (end - this.#cover.batchAt));
    const wanted = roundUp(this.#neededEnd(end, chunkBytes) + ahead, growthBytes);
    const segment = { start: old.start, end: Math.max(old.end, Math.min(wanted, old.start + segmentBytes)) };
    if (segment.end === old.end) return this.planCommitInPlace(end);
    return {
      segment,
      cover: coverFrom(end),
      writes: [
        { position: end, parts: [cover(end, segment.end)] },
        // The old cover ends at `old.end`. This one hides the new space until the late writes are done.
        { position: old.end, parts: [cover(old.end, segment.end)] },
      ],
      late: [this.resize(segment.end, segment.end), this.liftCover()],
    };
  }

  /** Plans a commit at `end` that keeps the segment as it is. */
  planCommitInPlace(end: number): SpacePlan {
    const segment = this.#segment;
    const writes = [{ position: end, parts: [cover(end, segment.end)] }];
    return { segment, cover: coverFrom(end), writes, late: [this.liftCover()] };
  }

  /**
   * Plans a commit at `end` that ends the segment and begins the next. `oldIndex`: idx1 of the first
   * segment, else empty.
   */
  planNextSegment(end: number, oldIndex: readonly Buffer[], chunkBytes: number): SpacePlan {
    const old = this.#segment;
    const moviEnd = old.end - oldIndex.reduce((sum, part) => sum + part.length, 0);
    const next = coverFrom(old.end + SEGMENT_HEAD_BYTES);
    const segment = this.#newSegment(old.end, next.batchAt, chunkBytes);
    const writes: PlannedWrite[] = [
      { position: end, parts: [cover(end, moviEnd)] },
      { position: moviEnd, parts: [...oldIndex, segmentHead(old.end, segment.end), cover(next.at, segment.end)] },
    ];
    const late = [this.liftCover(), this.resize(old.end, moviEnd)];
    return { segment, cover: next, writes, late };
  }

  /** The plan was carried out. */
  adopt(plan: SpacePlan): void {
    this.#segment = plan.segment;
    this.#cover = plan.cover;
  }

  /** Shrinks the cover to the rest of its block, so that a reader that walks the file finds the frames after it. */
  liftCover(): PlannedWrite {
    const { at, batchAt } = this.#cover;
    return { position: at, parts: [cover(at, batchAt)] };
  }

  /**
   * Updates the sizes in a segment's head. The first segment's own size stands in the header block, so only that of its
   * movi list is written here.
   */
  resize(end: number, moviEnd: number): PlannedWrite {
    const { start } = this.#segment;
    if (start > 0) return { position: start, parts: [segmentHead(start, end)] };
    const moviAt = firstMoviAt(this.geometry);
    return { position: moviAt, parts: [moviHead(moviAt, moviEnd)] };
  }

  /** The worst-case end of the next chunk after a commit at `end`, including the reserve after it. */
  #neededEnd(end: number, chunkBytes: number): number {
    return end + 2 * BLOCK_BYTES + chunkBytes + reserveBytes(this.geometry, this.isFirstSegment);
  }

  #newSegment(start: number, batchAt: number, chunkBytes: number): Segment {
    const { segmentBytes, growthBytes } = this.geometry;
    const needed = batchAt + chunkBytes + reserveBytes(this.geometry, start === 0) + growthBytes / 2;
    return { start, end: Math.min(start + segmentBytes, roundUp(needed, growthBytes)) };
  }
}

function coverFrom(at: number): Cover {
  return { at, batchAt: roundUp(at + CHUNK_HEAD_BYTES, BLOCK_BYTES) };
}

/** Room for a segment's ix00, its idx1, a cover, and the padding to the next block. */
function reserveBytes(geometry: AviGeometry, isFirst: boolean): number {
  const oldIndex = isFirst ? oldIndexBytes(geometry.firstSegmentFrames) : 0;
  return 2 * BLOCK_BYTES + indexBytes(geometry.liveEntries) + oldIndex;
}
