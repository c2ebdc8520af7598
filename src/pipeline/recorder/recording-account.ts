import { type ErrorData, errorDataOf } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import type { RecordingCounts } from '../pipeline-messages.js';
import type { EvictedFrame, FrameBatch } from './frame-ring.js';
import { FrameTally } from './frame-tally.js';
import type { LossReason } from './frame-tally.js';

/** Who hears what became of each frame, at once. No method throws. */
export interface AccountListener {
  /** Called for each frame that is in the file, before its memory is given back. `timeMs`: on the run's timeline. */
  onWritten(timeMs: number): void;
  /** `frameNumber`: of the one frame; of several the first, or the last where only their number is known. */
  onDropped(reason: LossReason, frameNumber: number, monoNs: bigint, count: number): void;
  onSkipped(frameNumber: number, monoNs: bigint): void;
  /** Something a person may want to know that changes nothing. */
  onRemark(message: string, error: ErrorData | null): void;
}

/** The books of one recording: every frame that was offered is recorded, dropped or skipped, and each loss is said. */
export class RecordingAccount {
  readonly #tally = new FrameTally();
  #firstMs = Number.NaN;
  #lastMs = 0;
  /** The newest frame that was written: what turns out to be missing later is at the end. */
  #lastNumber = 0;
  #lastNs = 0n;

  constructor(private readonly listener: AccountListener) {}

  get counts(): RecordingCounts {
    return this.#tally.counts();
  }

  get recorded(): number {
    return this.#tally.recorded;
  }

  /** Playing time of the frames in the file, seconds: frames / mean rate. */
  get durationS(): number {
    const { recorded } = this.#tally;
    return recorded < 2 ? 0 : ((this.#lastMs - this.#firstMs) * recorded) / (recorded - 1) / 1_000;
  }

  deliver(): void {
    this.#tally.deliver();
  }

  skip(frame: Frame, frameNumber: number): void {
    this.#tally.skip();
    this.listener.onSkipped(frameNumber, frame.timelineNs);
  }

  /** The camera lost frames. False where that was before this recording's first frame: then they are not its own. */
  miss(frames: number): boolean {
    if (this.#tally.counts().delivered === 0) return false;
    this.#tally.miss(frames);
    return true;
  }

  /** The first `written` frames of the batch are in the file, the others are not. */
  settleBatch({ frames, numbers, timesMs }: FrameBatch, written: number): void {
    this.#tally.record(written);
    for (let index = 0; index < written; index += 1) this.#noteTime(timesMs[index] ?? 0);
    this.#lastNumber = numbers[written - 1] ?? this.#lastNumber;
    this.#lastNs = frames[written - 1]?.timelineNs ?? this.#lastNs;
    for (let index = written; index < frames.length; index += 1) {
      this.#drop('write_error', numbers[index] ?? 0, frames[index]?.timelineNs ?? 0n);
    }
  }

  /** Counts frames that left the ring unwritten, and lets go of them. */
  lose(reason: LossReason, evicted: readonly EvictedFrame[]): void {
    for (const { frame, number } of evicted) {
      this.#drop(reason, number, frame.timelineNs);
      frame.release();
    }
  }

  /** Counts as lost what is still in a write that does not come back. */
  abandon({ frames, numbers }: FrameBatch): void {
    const { pending } = this.#tally;
    if (pending > 0) this.#drop('write_error', numbers[0] ?? 0, frames[0]?.timelineNs ?? 0n, pending);
  }

  /** What is really in the file decides; a difference to what was counted is a loss and is said. */
  reconcile(framesInFile: number): void {
    const missing = this.#tally.recorded - framesInFile;
    if (missing > 0) {
      this.#tally.retract(missing);
      this.#drop('write_error', this.#lastNumber, this.#lastNs, missing);
    }
    try {
      this.#tally.assertBalanced();
      if (missing < 0) throw new Error(`The file holds ${framesInFile} frames, ${-missing} more than were counted.`);
    } catch (thrown) {
      this.listener.onRemark('The counts of a recording do not agree.', errorDataOf(thrown, 'io_error'));
    }
  }

  #noteTime(timeMs: number): void {
    if (Number.isNaN(this.#firstMs)) this.#firstMs = timeMs;
    this.#lastMs = timeMs;
    this.listener.onWritten(timeMs);
  }

  #drop(reason: LossReason, frameNumber: number, monoNs: bigint, count = 1): void {
    this.#tally.drop(count);
    this.listener.onDropped(reason, frameNumber, monoNs, count);
  }
}
