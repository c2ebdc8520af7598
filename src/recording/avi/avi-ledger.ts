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

/** What a commit takes, in this order: grow to `fileBytes`, `writes`, rows, sync, `header`; then `late`, which may be lost. */
export interface CommitPlan {
  readonly fileBytes: number;
  readonly writes: readonly PlannedWrite[];
  readonly header: HeaderState;
  readonly late: readonly PlannedWrite[];
  /** The group's ix00 leaves the live index, which may be used again once the header is durable. */
  readonly closesGroup: boolean;
  readonly space: SpacePlan;
}

/** What the end of the file takes: `writes`, sync, `settling`, `header`, sync, cut to `fileBytes`. */
export interface EndPlan {
  readonly writes: readonly PlannedWrite[];
  readonly settling: readonly PlannedWrite[];
  readonly header: HeaderState;
  readonly fileBytes: number;
}

/** What was found in a file that was left open: everything that its end needs. */
export interface LeftOpenState {
  readonly header: HeaderState;
  /** The RIFF that holds the end of what is committed, with room for the end. */
  readonly segment: Segment;
  readonly committedEnd: number;
  /** Of the live index. */
  readonly liveEntries: Buffer;
  /** The frames of the first RIFF where it is the last one: positions of their data, and sizes. */
  readonly firstSegment: readonly { readonly dataAt: number; readonly dataBytes: number }[];
}

/**
 * What is in the video file, and what must be written next so that it is playable at every moment. It plans; no I/O.
 * The plans hold the invariants of `docs/recovery.md`: whoever changes the order of a write changes those.
 */
export class AviLedger {
  readonly #space: AviSpace;
  readonly #group: FrameGroup;
  readonly #oldIndex = new OldIndex();
  /** Timeline of the frames that are not committed. */
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
  #largestFrame = 0;
  #refusedBytes = 0;
  #isEnding = false;
  /** The rate of a file that was left open, which no frame will change. */
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

  /** Where the next frame goes: the end of what was written. */
  get position(): number {
    return this.#position;
  }

  /** Reserved end of the file. */
  get fileBytes(): number {
    return this.#space.end;
  }

  /** A checkpoint would change something. */
  get isDirty(): boolean {
    return this.#pendingNs.length > 0 || this.#refusedBytes > 0;
  }

  /** The super index has no slot for another group: only files of hundreds of gigabytes get here. */
  get isIndexFull(): boolean {
    return this.#closesGroup && this.#groups.length + 1 >= this.geometry.maxGroups;
  }

  /** The header of what is committed or noted, with the live index as the open group's. */
  get header(): HeaderState {
    return this.#describe(this.#riffEnd, this.#groups, this.#group.frames);
  }

  /** What a new file consists of besides its header. */
  get opening(): readonly PlannedWrite[] {
    return this.#space.opening;
  }

  /** Whether a frame of that size may go to `position` before a checkpoint, behind `ahead` others of its batch. */
  fits(position: number, dataBytes: number, ahead: number): boolean {
    const { geometry } = this;
    const inGroup = this.#group.frames + ahead;
    const base = this.#group.frames === 0 ? this.#position : this.#group.base;
    if (inGroup >= geometry.liveEntries || (inGroup > 0 && position - base >= geometry.groupBytes)) return false;
    if (this.#space.isFirstSegment && this.#segmentFrames + ahead >= geometry.firstSegmentFrames) return false;
    return position + chunkBytes(dataBytes) <= this.#space.framesEnd;
  }

  /** A frame of that size did not fit: the next checkpoint makes room for it. */
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

  /** No frame will follow: commits keep the segment as it is. */
  beginEnd(): void {
    this.#isEnding = true;
    this.#refusedBytes = 0;
  }

  /** Takes the newest frames back, down to `frames`; committed ones stay. */
  forgetAfter(frames: number): void {
    const kept = Math.max(0, Math.min(frames - this.#committedFrames, this.#pendingNs.length));
    const forgotten = this.#pendingNs.length - kept;
    this.#pendingNs.length = kept;
    this.#group.frames -= forgotten;
    this.#segmentFrames -= forgotten;
    if (this.#space.isFirstSegment) this.#oldIndex.frames -= forgotten;
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

  /** The commit's header is written: the plan is the file's state now. */
  adopt(plan: CommitPlan): void {
    const { header } = plan;
    if (plan.space.segment.start !== this.#space.segmentStart) this.#segmentFrames = 0;
    this.#space.adopt(plan.space);
    if (!this.#space.isFirstSegment) this.#oldIndex.clear();
    this.#riffEnd = header.riffEnd;
    this.#groups = header.groups;
    this.#firstSegmentFrames = header.firstSegmentFrames;
    this.#committedFrames = header.frames;
    this.#committedNs = this.#pendingNs.at(-1) ?? this.#committedNs;
    this.#pendingNs.length = 0;
    this.#position = this.#space.batchAt;
    this.#refusedBytes = 0;
    if (plan.closesGroup) this.#group.restart(this.#position);
    this.#committedInGroup = this.#group.frames;
  }

  /** The end with the open group's ix00, and idx1, behind the frames. Everything is committed. */
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
      cover(end, space.end), // over the rest, until that is cut off
    ];
    const groups = isOpen ? [...this.#groups, { offset: this.#position, frames: group.frames }] : this.#groups;
    return {
      writes: [{ position: this.#position, parts }],
      settling: [space.liftCover(), space.resize(end, moviEnd)],
      header: this.#describe(space.isFirstSegment ? end : this.#riffEnd, groups, 0),
      fileBytes: end,
    };
  }

  /** The end on a disk without room for `planEnd`: the live index stays the file's index for good. */
  planEndInPlace(): EndPlan {
    const end = this.#space.coverAt;
    return {
      writes: [],
      settling: [this.#space.resize(end, end)],
      header: this.#describe(this.#space.isFirstSegment ? end : this.#riffEnd, this.#groups, this.#group.frames),
      fileBytes: end,
    };
  }

  /** Takes over what was found: nothing but the end may follow. */
  #resume({ header, liveEntries, firstSegment }: LeftOpenState): void {
    this.#isEnding = true;
    this.#foundRate = header.rate;
    this.#riffEnd = header.riffEnd;
    this.#groups = header.groups;
    this.#committedFrames = header.frames;
    this.#firstSegmentFrames = header.firstSegmentFrames;
    this.#largestFrame = header.largestFrame;
    // Of a later RIFF it only matters that it has frames: one without is not the last of what is committed.
    this.#segmentFrames = this.#space.isFirstSegment ? header.firstSegmentFrames : 1;
    this.#group.resume(header.live.base, liveEntries);
    this.#committedInGroup = this.#group.frames;
    for (const { dataAt, dataBytes } of firstSegment) {
      this.#oldIndex.add(dataAt - CHUNK_HEAD_BYTES - this.#moviTypeAt, dataBytes);
    }
  }

  /** The next commit ends the segment: no further frame of this size, or no further entry of idx1, fits. */
  get #closesSegment(): boolean {
    const space = this.#space;
    if (this.#isEnding) return false;
    if (space.isFirstSegment && this.#segmentFrames >= this.geometry.firstSegmentFrames) return true;
    return space.isFullAt(this.#position + this.#group.bytes, chunkBytes(this.#refusedBytes));
  }

  /** The next commit ends the group: a frame behind it would be beyond its entries' number or reach. */
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
