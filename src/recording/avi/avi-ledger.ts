import type { Frame } from '../../core/frame.js';
import { FrameGroup, OldIndex } from './avi-index.js';
import {
  type AviGeometry,
  BLOCK_BYTES,
  CHUNK_HEAD_BYTES,
  type HeaderState,
  INDEX_ENTRY_BYTES,
  type IndexSlot,
  LIVE_ENTRIES_AT,
  chunkBytes,
  cover,
  firstMoviAt,
} from './avi-layout.js';
import { AviSpace, type PlannedWrite, type Segment, type SpacePlan } from './avi-space.js';
import { type FrameRate, meanFrameRate } from './frame-rate.js';

/**
 * The steps of a commit, in this order: grow to `fileBytes`, `writes`, rows, sync, `header`, then `late`. The late
 * writes may be lost.
 */
export interface CommitPlan {
  readonly fileBytes: number;
  readonly writes: readonly PlannedWrite[];
  readonly header: HeaderState;
  readonly late: readonly PlannedWrite[];
  /** The group's ix00 moves out of the live index. The live index may be used again when the header is durable. */
  readonly closesGroup: boolean;
  readonly space: SpacePlan;
}

/** The steps that end the file, in this order: `writes`, sync, `settling`, `header`, sync, cut to `fileBytes`. */
export interface EndPlan {
  readonly writes: readonly PlannedWrite[];
  readonly settling: readonly PlannedWrite[];
  readonly header: HeaderState;
  readonly fileBytes: number;
}

/** The state found in a file that was left open: everything needed to end it. */
export interface LeftOpenState {
  readonly header: HeaderState;
  /** The RIFF that holds the end of the committed frames, with room for the final indexes. */
  readonly segment: Segment;
  readonly committedEnd: number;
  /** The entries of the live index. */
  readonly liveEntries: Buffer;
  /**
   * Positions and sizes of the data of the first RIFF's frames, if the first RIFF is the last one. Otherwise empty.
   */
  readonly firstSegment: readonly { readonly dataAt: number; readonly dataBytes: number }[];
}

/**
 * Knows what is in the video file and plans the next writes, so that the file is playable at every moment. No I/O.
 * The plans keep the invariants of `docs/recovery.md`. Changing the order of a write changes these invariants.
 */
export class AviLedger {
  readonly #space: AviSpace;
  readonly #group: FrameGroup;
  readonly #oldIndex = new OldIndex();
  /** Timeline of the uncommitted frames. */
  readonly #pendingNs: bigint[] = [];
  readonly #moviTypeAt: number;
  #groups: readonly IndexSlot[] = [];
  #position: number;
  #riffEnd: number;
  #segmentFrames = 0;
  #firstSegmentFrames = 0;
  #committedFrames = 0;
  #committedInGroup = 0;
  #firstNs = 0n;
  #committedNs = 0n;
  /** Of all noted frames. */
  #largestFrame = 0;
  #largestCommitted = 0;
  #refusedBytes = 0;
  #isEnding = false;
  /** The rate of a file that was left open. It stays, because no frames follow. */
  #foundRate: FrameRate | undefined;

  constructor(
    private readonly geometry: AviGeometry,
    private readonly expectedFps: number,
    left?: LeftOpenState,
  ) {
    this.#space = new AviSpace(geometry, left);
    this.#group = new FrameGroup(geometry.liveEntries);
    this.#moviTypeAt = firstMoviAt(geometry) + CHUNK_HEAD_BYTES;
    this.#position = this.#space.batchAt;
    this.#riffEnd = this.#space.end;
    if (left !== undefined) this.#resume(left);
  }

  /** Frames noted, committed or not. */
  get frames(): number {
    return this.#committedFrames + this.#pendingNs.length;
  }

  get committedFrames(): number {
    return this.#committedFrames;
  }

  /** Position of the next frame: the end of the bytes written. */
  get position(): number {
    return this.#position;
  }

  /** Reserved end of the file. */
  get fileBytes(): number {
    return this.#space.end;
  }

  /** Whether a checkpoint would change something. */
  get isDirty(): boolean {
    return this.#pendingNs.length > 0 || this.#refusedBytes > 0;
  }

  /** Whether the super index has no slot for another group. This happens only in files of hundreds of gigabytes. */
  get isIndexFull(): boolean {
    return this.#closesGroup && this.#groups.length + 1 >= this.geometry.maxGroups;
  }

  /** The header for all noted frames, with the live index as the index of the open group. */
  get header(): HeaderState {
    return this.#describe(this.#riffEnd, this.#groups, this.#group.frames);
  }

  /** The writes for a new file, besides its header. */
  get opening(): readonly PlannedWrite[] {
    return this.#space.opening;
  }

  /**
   * Whether a frame of that size fits at `position` before a checkpoint. `ahead`: frames before it in the same batch.
   */
  fits(position: number, dataBytes: number, ahead: number): boolean {
    const { geometry } = this;
    const inGroup = this.#group.frames + ahead;
    const base = this.#group.frames === 0 ? this.#position : this.#group.base;
    if (inGroup >= geometry.liveEntries || (inGroup > 0 && position - base >= geometry.groupBytes)) return false;
    if (this.#space.isFirstSegment && this.#segmentFrames + ahead >= geometry.firstSegmentFrames) return false;
    return position + chunkBytes(dataBytes) <= this.#space.framesEnd;
  }

  /** A frame of that size did not fit. The next checkpoint makes room for it. */
  refuse(dataBytes: number): void {
    this.#refusedBytes = dataBytes;
  }

  /** A frame was written at `position`. */
  note(frame: Frame): void {
    const { byteLength, timelineNs } = frame;
    if (this.#group.frames === 0) this.#group.restart(this.#position);
    this.#group.add(this.#position + CHUNK_HEAD_BYTES, byteLength);
    if (this.#space.isFirstSegment) this.#oldIndex.add(this.#position - this.#moviTypeAt, byteLength);
    if (this.frames === 0) this.#firstNs = timelineNs;
    this.#pendingNs.push(timelineNs);
    this.#largestFrame = Math.max(this.#largestFrame, byteLength);
    this.#segmentFrames += 1;
    this.#position += chunkBytes(byteLength);
  }

  /** Call this when no frame will follow. Commits then keep the segment as it is. */
  beginEnd(): void {
    this.#isEnding = true;
    this.#refusedBytes = 0;
  }

  /** Removes the newest frames, down to `frames`. Committed frames stay. */
  forgetAfter(frames: number): void {
    const kept = Math.max(0, Math.min(frames - this.#committedFrames, this.#pendingNs.length));
    const forgotten = this.#pendingNs.length - kept;
    this.#pendingNs.length = kept;
    this.#group.frames -= forgotten;
    this.#segmentFrames -= forgotten;
    if (this.#space.isFirstSegment) this.#oldIndex.frames -= forgotten;
    this.#largestFrame = Math.max(this.#largestCommitted, this.#group.largestFrom(this.#committedInGroup));
    this.#position = kept === 0 ? this.#space.batchAt : this.#group.endOf(this.#group.frames - 1);
    this.#refusedBytes = 0;
  }

  planCommit(): CommitPlan {
    const group = this.#group;
    const closesGroup = this.#closesGroup;
    const end = this.#position + (closesGroup ? group.bytes : 0);
    const index: PlannedWrite = closesGroup
      ? { position: this.#position, parts: group.chunk }
      : {
          position: LIVE_ENTRIES_AT + INDEX_ENTRY_BYTES * this.#committedInGroup,
          parts: [group.entriesFrom(this.#committedInGroup)],
        };
    const space = this.#planSpace(end);
    const riffEnd = space.segment.start === 0 ? space.segment.end : this.#riffEnd;
    const groups = closesGroup ? [...this.#groups, { offset: this.#position, frames: group.frames }] : this.#groups;
    return {
      fileBytes: space.segment.end,
      writes: [index, ...space.writes],
      header: this.#describe(riffEnd, groups, closesGroup ? 0 : group.frames),
      late: space.late,
      closesGroup,
      space,
    };
  }

  /** Call this when the commit's header is written. The plan is then the file's state. */
  adopt(plan: CommitPlan): void {
    const { header } = plan;
    if (plan.space.segment.start !== this.#space.segmentStart) this.#segmentFrames = 0;
    this.#space.adopt(plan.space);
    if (!this.#space.isFirstSegment) this.#oldIndex.clear();
    this.#riffEnd = header.riffEnd;
    this.#groups = header.groups;
    this.#firstSegmentFrames = header.firstSegmentFrames;
    this.#committedFrames = header.frames;
    this.#largestCommitted = header.largestFrame;
    this.#committedNs = this.#pendingNs.at(-1) ?? this.#committedNs;
    this.#pendingNs.length = 0;
    this.#position = this.#space.batchAt;
    this.#refusedBytes = 0;
    if (plan.closesGroup) this.#group.restart(this.#position);
    this.#committedInGroup = this.#group.frames;
  }

  /** Plans the end, with the open group's ix00 and idx1 after the frames. All frames must be committed. */
  planEnd(): EndPlan {
    const space = this.#space;
    const group = this.#group;
    if (!space.isFirstSegment && this.#segmentFrames === 0 && group.frames === 0) {
      return { writes: [], settling: [], header: this.header, fileBytes: space.segmentStart };
    }
    const isOpen = group.frames > 0;
    const moviEnd = this.#position + (isOpen ? group.bytes : 0);
    const end = moviEnd + (space.isFirstSegment ? this.#oldIndex.bytes : 0);
    const parts = [
      ...(isOpen ? group.chunk : []),
      ...(space.isFirstSegment ? this.#oldIndex.chunk : []),
      cover(end, space.end), // over the rest until it is cut off
    ];
    const groups = isOpen ? [...this.#groups, { offset: this.#position, frames: group.frames }] : this.#groups;
    return {
      writes: [{ position: this.#position, parts }],
      settling: [space.liftCover(), space.resize(end, moviEnd)],
      header: this.#describe(space.isFirstSegment ? end : this.#riffEnd, groups, 0),
      fileBytes: end,
    };
  }

  /** Plans the end on a disk without room for `planEnd`. The live index stays the file's index. */
  planEndInPlace(): EndPlan {
    const end = this.#space.committedEnd;
    return {
      writes: [],
      settling: [this.#space.resize(end, end)],
      header: this.#describe(this.#space.isFirstSegment ? end : this.#riffEnd, this.#groups, this.#group.frames),
      fileBytes: end,
    };
  }

  /** Takes over the state of a file that was left open. Only its end may follow. */
  #resume({ header, liveEntries, firstSegment }: LeftOpenState): void {
    this.#isEnding = true;
    this.#foundRate = header.rate;
    this.#riffEnd = header.riffEnd;
    this.#groups = header.groups;
    this.#committedFrames = header.frames;
    this.#firstSegmentFrames = header.firstSegmentFrames;
    this.#largestFrame = header.largestFrame;
    this.#largestCommitted = header.largestFrame;
    // Of a later RIFF, only whether it has frames matters. It does, because it holds the end of the committed frames.
    this.#segmentFrames = this.#space.isFirstSegment ? header.firstSegmentFrames : 1;
    this.#group.resume(header.live.base, liveEntries);
    this.#committedInGroup = this.#group.frames;
    for (const { dataAt, dataBytes } of firstSegment) {
      this.#oldIndex.add(dataAt - CHUNK_HEAD_BYTES - this.#moviTypeAt, dataBytes);
    }
  }

  /** Whether the next commit ends the segment, because the refused frame or another entry of idx1 does not fit. */
  get #closesSegment(): boolean {
    const space = this.#space;
    if (this.#isEnding) return false;
    if (space.isFirstSegment && this.#segmentFrames >= this.geometry.firstSegmentFrames) return true;
    return space.isFullAt(this.#position + this.#group.bytes, chunkBytes(this.#refusedBytes));
  }

  /**
   * Whether the next commit ends the group, because the next frame would exceed its number of entries or their reach.
   */
  get #closesGroup(): boolean {
    const { frames, base } = this.#group;
    if (this.#isEnding || frames === 0) return false;
    if (frames >= this.geometry.liveEntries) return true;
    const nextAt = (this.#closesSegment ? this.#space.end : this.#position) + 2 * BLOCK_BYTES;
    return nextAt - base >= this.geometry.groupBytes;
  }

  #planSpace(end: number): SpacePlan {
    const space = this.#space;
    if (this.#isEnding) return space.planCommitInPlace(end);
    const nextChunk = chunkBytes(this.#refusedBytes);
    if (!this.#closesSegment) return space.planCommit(end, nextChunk);
    return space.planNextSegment(end, space.isFirstSegment ? this.#oldIndex.chunk : [], nextChunk);
  }

  #describe(riffEnd: number, groups: readonly IndexSlot[], liveFrames: number): HeaderState {
    const lastNs = this.#pendingNs.at(-1) ?? this.#committedNs;
    return {
      riffEnd,
      frames: this.frames,
      firstSegmentFrames: this.#space.isFirstSegment ? this.#segmentFrames : this.#firstSegmentFrames,
      rate: this.#foundRate ?? meanFrameRate(this.frames, lastNs - this.#firstNs, this.expectedFps),
      largestFrame: this.#largestFrame,
      groups,
      live: { base: this.#group.base, frames: liveFrames },
    };
  }
}
