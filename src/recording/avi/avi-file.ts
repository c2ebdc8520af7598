import type { FileHandle } from 'node:fs/promises';
import { type CsiCamerasError, errorWithAdvice, fileError, isFileSizeLimit } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import {
  type AviGeometry,
  BLOCK_BYTES,
  COPIES,
  DEFAULT_GEOMETRY,
  HeaderBlock,
  type HeaderState,
  type VideoFormat,
  chunkBytes,
  headerCopyAt,
} from './avi-layout.js';
import { AviLedger, type LeftOpenState } from './avi-ledger.js';
import type { PlannedWrite } from './avi-space.js';
import { FrameHeads } from './frame-heads.js';
import type { FrameRate } from './frame-rate.js';
import { headerCopy, noCopies } from './header-copy.js';
import { writeParts } from './positional-write.js';

/** When files are synced: with every checkpoint (a power cut costs one second), only at the end, or never by us. */
export type SyncPolicy = 'onCheckpoint' | 'onClose' | 'never';

export interface AviFileOptions {
  /** Path for error messages. */
  readonly path: string;
  readonly format: VideoFormat;
  /** Expected frames per second. The header has it until the mean rate is measured. */
  readonly expectedFps: number;
  readonly sync: SyncPolicy;
  readonly geometry?: AviGeometry;
  /**
   * Mark of the process that writes the file. The next start needs it if this process dies (`recording-owner.ts`).
   */
  readonly owner?: Uint8Array;
}

/** A file that was left open, as `readLeftOpen` found it. */
export interface LeftOpenFile {
  readonly state: LeftOpenState;
  /** Size of the file, bytes. */
  readonly fileBytes: number;
  /** Writes that a power cut may have lost. Only readers that walk the file need them. */
  readonly repairs: readonly PlannedWrite[];
}

/**
 * The video file, and the owner of its descriptor. It performs the plans of `AviLedger`, in the order that keeps
 * the file playable at every moment (`docs/recovery.md`). It knows nothing of the timing file. Calls do not
 * overlap. Rejections are `CsiCamerasError` (`disk_full`, `io_error`).
 */
export class AviFile {
  readonly #geometry: AviGeometry;
  readonly #header: HeaderBlock;
  readonly #heads = new FrameHeads();
  readonly #ledger: AviLedger;
  /** Late writes, in order. Readers can do without them. A failed one is tried again with the next commit. */
  readonly #late: PlannedWrite[] = [];
  /** The header on the disk may still name live entries that the next commit overwrites. */
  #isLiveIndexNamed = false;
  /**
   * Number of commits. It selects the place of the header's copy, so a retried commit never overwrites the last copy.
   */
  #commits = 0;
  #finalBytes: number | undefined;
  #isClosed = false;

  /**
   * Takes over the descriptor of a new file and writes an AVI without frames. Where a file may not become as large as
   * its first growth, it grows in smaller steps. Closes the descriptor if it fails.
   */
  static async create(handle: FileHandle, options: AviFileOptions): Promise<AviFile> {
    const { geometry = DEFAULT_GEOMETRY } = options;
    for (let growthBytes = geometry.growthBytes; ; growthBytes = smallerGrowth(growthBytes)) {
      const file = new AviFile(handle, { ...options, geometry: { ...geometry, growthBytes } });
      try {
        await file.#begin();
        return file;
      } catch (failure) {
        if (isFileSizeLimit(failure) && growthBytes > BLOCK_BYTES) continue;
        await handle.close().catch(() => undefined); // only the first failure is reported
        throw failure;
      }
    }
  }

  /**
   * Takes over the descriptor of a file that its owner left open and marks this process as its owner. Only
   * `finalize` or `abandon` may follow. Closes the descriptor if that fails.
   */
  static async reopen(handle: FileHandle, options: AviFileOptions, left: LeftOpenFile): Promise<AviFile> {
    const file = new AviFile(handle, options, left.state);
    file.#late.push(...left.repairs);
    try {
      await file.#writeHeader(left.state.header);
      if (left.state.segment.end > left.fileBytes) await file.#resize(left.state.segment.end);
    } catch (failure) {
      await handle.close().catch(() => undefined); // only the first failure is reported
      throw failure;
    }
    return file;
  }

  private constructor(
    private readonly handle: FileHandle,
    private readonly options: AviFileOptions,
    left?: LeftOpenState,
  ) {
    const geometry = options.geometry ?? DEFAULT_GEOMETRY;
    this.#geometry = geometry;
    this.#header = new HeaderBlock(options.format, geometry);
    this.#header.own(options.owner);
    this.#ledger = new AviLedger(geometry, options.expectedFps, left);
  }

  /** Whole frames in the file, committed or not. */
  get frames(): number {
    return this.#ledger.frames;
  }

  /** Frames that a reader finds even if this process dies now. */
  get committedFrames(): number {
    return this.#ledger.committedFrames;
  }

  /** Bytes written so far. After `finalize`: the size of the file. */
  get bytes(): number {
    return this.#finalBytes ?? this.#ledger.position;
  }

  /** Whether all slots of the index are used. Then only the checkpoint of the end (after `beginEnd`) is possible. */
  get isFull(): boolean {
    return this.#ledger.isDirty && this.#ledger.isIndexFull;
  }

  /** Mean rate of the frames so far. */
  get rate(): FrameRate {
    return this.#ledger.header.rate;
  }

  /**
   * Writes frames from index `from` on, as many as fit before a checkpoint is due. Resolves with their number,
   * which is at least one right after a checkpoint. The frames' bytes must not change meanwhile. After a rejection
   * `frames` counts the whole frames on the disk, and `cutTorn` must be called next; but not where the file cannot
   * grow (`isFileSizeLimit`), because it would not get its size back: then the end must follow.
   */
  async append(frames: readonly Frame[], from = 0): Promise<number> {
    const heads = this.#heads;
    const count = this.#collect(frames, from);
    if (count === 0) return 0;
    const written = await writeParts(this.handle, heads.parts, this.#ledger.position);
    heads.clear();
    this.#noteWhole(frames, from, count, written.bytes);
    if (written.failure !== undefined) throw fileError('write', this.options.path, written.failure);
    return count;
  }

  /**
   * Commits all frames so far, so that the file plays up to there. `alongside` writes their rows before the header
   * names the frames. The video is not changed if nothing is new. After a rejection the file plays as the last
   * checkpoint left it, and the checkpoint may be tried again.
   */
  async checkpoint(alongside: () => Promise<void>): Promise<void> {
    const ledger = this.#ledger;
    if (!ledger.isDirty) {
      await alongside();
      return;
    }
    if (this.isFull) {
      const context = { operation: 'checkpoint', path: this.options.path, frames: ledger.frames };
      throw errorWithAdvice('io_error', 'The index of the video is full; no more frames fit.', context);
    }
    if (this.#isLiveIndexNamed) await this.#sync();
    this.#isLiveIndexNamed = false;

    const plan = ledger.planCommit();
    if (plan.fileBytes > ledger.fileBytes) await this.#resize(plan.fileBytes);
    await this.#writeAll([...plan.writes, this.#copyOf(plan.header)]);
    await alongside();
    await this.#sync();
    await this.#writeHeader(plan.header); // the commit

    this.#commits += 1;
    ledger.adopt(plan);
    this.#isLiveIndexNamed = plan.closesGroup;
    this.#late.push(...plan.late);
    await this.#writeLate().catch(() => undefined); // failed ones stay in the queue
  }

  /**
   * Call this when no frame will follow. Checkpoints then reserve no more space, which a full disk might not have.
   */
  beginEnd(): void {
    this.#ledger.beginEnd();
  }

  /** Removes the newest frames, down to `frames`. Committed frames stay. */
  forgetAfter(frames: number): void {
    this.#ledger.forgetAfter(frames);
  }

  /** Frees the disk space of a torn frame or of removed frames. */
  async cutTorn(): Promise<void> {
    await this.#resize(this.#ledger.position);
    await this.#resize(this.#ledger.fileBytes);
  }

  /**
   * Ends the file. Call it after `beginEnd` and a checkpoint. It writes ix00 and idx1 after the frames, cuts off
   * the reserved space and closes the descriptor. If the indexes do not fit, it resolves with the reason, and the
   * live index stays the file's index: all readers that know AVI 2.0 can use it. After a rejection the file plays
   * as the last checkpoint left it; `abandon` closes it.
   */
  async finalize(): Promise<CsiCamerasError | undefined> {
    let plan = this.#ledger.planEnd();
    let withoutIndex: CsiCamerasError | undefined;
    try {
      await this.#writeAll(plan.writes);
    } catch (failure) {
      withoutIndex = fileError('write', this.options.path, failure);
      plan = this.#ledger.planEndInPlace();
    }
    await this.#sync('onClose');
    await this.#writeLate();
    await this.#writeAll(plan.settling);
    await this.#writeHeader(plan.header);
    await this.#sync('onClose'); // a file cut before its header is durable would look truncated
    await this.#resize(plan.fileBytes);
    await this.#sync('onClose');
    this.#finalBytes = plan.fileBytes;
    // Readers use the copies only if the header is broken, so a failure on a full disk does no harm.
    await this.#writeAll([noCopies(this.#geometry)]).catch(() => undefined);
    // The mark is cleared last and not synced. If that is lost, the next start finds a complete file and clears it
    // again.
    this.#header.own(undefined);
    await this.#writeHeader(plan.header);
    await this.abandon();
    return withoutIndex;
  }

  /** Closes the descriptor and leaves the file as it is. May be called twice. */
  async abandon(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#attempt('close', this.handle.close());
  }

  async #begin(): Promise<void> {
    await this.#resize(this.#ledger.fileBytes);
    await this.#writeAll(this.#ledger.opening);
    await this.#writeHeader(this.#ledger.header);
  }

  /** Gathers the parts of the frames that fit. Returns how many frames fit. */
  #collect(frames: readonly Frame[], from: number): number {
    let position = this.#ledger.position;
    let count = 0;
    for (let index = from; index < frames.length; index += 1) {
      const frame = frames[index];
      if (frame === undefined) break;
      if (!this.#ledger.fits(position, frame.byteLength, count)) {
        this.#ledger.refuse(frame.byteLength);
        break;
      }
      this.#heads.add(frame);
      position += chunkBytes(frame.byteLength);
      count += 1;
    }
    return count;
  }

  /** Notes the frames that are whole within the first `bytes` written. */
  #noteWhole(frames: readonly Frame[], from: number, count: number, bytes: number): void {
    const end = this.#ledger.position + bytes;
    for (let index = from; index < from + count; index += 1) {
      const frame = frames[index];
      if (frame === undefined) return;
      // The last pad byte is not written, so an odd frame is whole without it.
      const unpadded = chunkBytes(frame.byteLength) - (frame.byteLength & 1);
      if (this.#ledger.position + unpadded > end) return;
      this.#ledger.note(frame);
    }
  }

  /** A copy of the header that the commit is about to write, in case a power cut tears that header. */
  #copyOf(state: HeaderState): PlannedWrite {
    this.#header.describe(state);
    const place = this.#commits % COPIES;
    const copy = headerCopy(this.#header.bytes, this.#commits);
    return { position: headerCopyAt(this.#geometry, place), parts: [copy] };
  }

  async #writeHeader(state: HeaderState): Promise<void> {
    this.#header.describe(state);
    await this.#writeAll([{ position: 0, parts: [this.#header.bytes] }]);
  }

  async #writeLate(): Promise<void> {
    for (;;) {
      const write = this.#late[0];
      if (write === undefined) return;
      await this.#writeAll([write]);
      this.#late.shift();
    }
  }

  async #writeAll(writes: readonly PlannedWrite[]): Promise<void> {
    for (const { position, parts } of writes) {
      const written = await writeParts(
        this.handle,
        parts.filter((part) => part.length > 0),
        position,
      );
      if (written.failure !== undefined) throw fileError('write', this.options.path, written.failure);
    }
  }

  async #sync(from: Exclude<SyncPolicy, 'never'> = 'onCheckpoint'): Promise<void> {
    const { sync } = this.options;
    if (sync === 'onCheckpoint' || sync === from) await this.#attempt('sync', this.handle.datasync());
  }

  async #resize(bytes: number): Promise<void> {
    await this.#attempt('truncate', this.handle.truncate(bytes));
  }

  async #attempt(operation: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (failure) {
      throw fileError(operation, this.options.path, failure);
    }
  }
}

function smallerGrowth(growthBytes: number): number {
  return Math.max(BLOCK_BYTES, Math.floor(growthBytes / 2 / BLOCK_BYTES) * BLOCK_BYTES);
}
