import { type ErrorData, errorDataOf } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import type { RecordingCounts } from '../pipeline-messages.js';
import type { GivenExtents } from '../../core/given-settings.js';
import type { EvictedFrame, FrameBatch } from './frame-ring.js';
import { FrameTally } from './frame-tally.js';
import type { LossReason } from './frame-tally.js';
import { PartAccounts } from './part-accounts.js';

/** Receives at once what became of each frame. No method throws. */
export interface AccountListener {
  /** Called for each frame in the file, before its memory is released. `timeMs`: on the run's timeline. */
  onWritten(timeMs: number): void;
  /**
   * `frameNumber`: the frame's number; of several frames the first one, or the last one if only their count is known.
   */
  onDropped(reason: LossReason, frameNumber: number, monoNs: bigint, count: number): void;
  onSkipped(frameNumber: number, monoNs: bigint): void;
  /** A remark for a person. It changes nothing. */
  onRemark(message: string, error: ErrorData | null): void;
}

/** Accounts for every frame offered to one recording: it is recorded, dropped or skipped. Each loss is reported. */
export class RecordingAccount {
  readonly #tally = new FrameTally();
  /** What became of the same frames, for each video. */
  readonly parts = new PartAccounts();
  #deliveredNumber = 0;
  /** Number of the recording's first frame; infinite before it. */
  #firstNumber = Number.POSITIVE_INFINITY;
  #firstMs = Number.NaN;
  #lastMs = 0;
  /** The newest frame written. Frames that are found missing later were at the end of the file. */
  #lastNumber = 0;
  #lastNs = 0n;

  constructor(private readonly listener: AccountListener) {}

  get counts(): RecordingCounts {
    return this.#tally.counts();
  }

  /** What the frames that were written told of the camera's settings. */
  get given(): GivenExtents {
    return this.parts.given;
  }

  get recorded(): number {
    return this.#tally.recorded;
  }

  /** Playing time of the frames in the file, seconds: frames / mean rate. */
  get durationS(): number {
    const { recorded } = this.#tally;
    return recorded < 2 ? 0 : ((this.#lastMs - this.#firstMs) * recorded) / (recorded - 1) / 1_000;
  }

  deliver(frameNumber: number): void {
    this.#firstNumber = Math.min(this.#firstNumber, frameNumber);
    this.#deliveredNumber = frameNumber;
    this.#tally.deliver();
  }

  skip(frame: Frame, frameNumber: number): void {
    this.#tally.skip();
    this.parts.lose(frameNumber, 'skipped');
    this.listener.onSkipped(frameNumber, frame.timelineNs);
  }

  /**
   * The camera lost frames before this one. Returns `false` if they lie before this recording's first frame, because then
   * they are not its loss.
   */
  miss(frames: number, frameNumber: number): boolean {
    if (frameNumber <= this.#firstNumber) return false;
    this.#tally.miss(frames);
    this.parts.miss(frames, frameNumber);
    return true;
  }

  /** The timestamp of a delivered frame is out of order. Returns how many are so far. */
  noteDisorder(): number {
    this.parts.noteDisorder(this.#deliveredNumber);
    return this.#tally.noteDisorder();
  }

  /** Counts the first `written` frames of the batch as recorded and the others as lost. */
  settleBatch({ frames, numbers, timesMs }: FrameBatch, written: number): void {
    this.#tally.record(written);
    for (let index = 0; index < written; index += 1) {
      this.#noteTime(timesMs[index] ?? 0);
      this.parts.write(numbers[index] ?? 0, frames[index]?.metadata ?? null);
    }
    this.#lastNumber = numbers[written - 1] ?? this.#lastNumber;
    this.#lastNs = frames[written - 1]?.timelineNs ?? this.#lastNs;
    for (let index = written; index < frames.length; index += 1) {
      this.parts.lose(numbers[index] ?? 0, 'write_error');
      this.#drop('write_error', numbers[index] ?? 0, frames[index]?.timelineNs ?? 0n);
    }
  }

  /** Counts frames that left the ring unwritten as lost, and releases them. */
  lose(reason: LossReason, evicted: readonly EvictedFrame[]): void {
    for (const { frame, number } of evicted) {
      this.parts.lose(number, reason);
      this.#drop(reason, number, frame.timelineNs);
      frame.release();
    }
  }

  /** Counts the frames of a write that does not return as lost. */
  abandon({ frames, numbers }: FrameBatch): void {
    const { pending } = this.#tally;
    if (pending === 0) return;
    for (const number of numbers) this.parts.lose(number, 'write_error');
    this.#drop('write_error', numbers[0] ?? 0, frames[0]?.timelineNs ?? 0n, pending);
  }

  /** Compares the counts with the file. The file decides: frames that it lacks are counted and reported as lost. */
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
