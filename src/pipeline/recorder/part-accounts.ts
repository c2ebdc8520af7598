import type { FrameMetadata } from '../../core/frame.js';
import type { GivenExtents } from '../../core/given-settings.js';
import type { InfoAccount, InfoGap } from '../../recording/info/info-file.js';
import type { LossReason } from './frame-tally.js';
import { GapList } from './gap-list.js';
import { GivenMeter } from './given-meter.js';
import { addMissing, type GapReason, type Missing, nothingMissing, PendingLosses } from './pending-losses.js';

/** What became of the frames that belong to one video. */
export interface PartAccount {
  readonly account: InfoAccount;
  readonly gaps: readonly InfoGap[];
  readonly gapsTotal: number;
  readonly given: GivenExtents;
}

/** Written frames whose place in the video is remembered: gaps at the source are noticed a frame or two late. */
const REMEMBERED_FRAMES = 64;
/** Numbers of frames out of order that wait for what becomes of them. Beyond that the oldest count for the present video. */
const MAX_WAITING_DISORDERED = 4_096;

/**
 * The account of each video of a recording. A video answers for what was delivered behind the last frame of the one before,
 * up to its own last frame; the last one also for what was lost at the end. So the sums over all videos are the recording's
 * own counts. It is told of each frame once; a frame that was written without a loss before it costs a few comparisons.
 */
export class PartAccounts {
  readonly #pending = new PendingLosses();
  readonly #ended: Part[] = [];
  #part = new Part();
  /** Frames written, over all parts. */
  #written = 0;
  /** The frame behind which the next part begins, counted over all parts. */
  readonly #borders: number[] = [];
  /** Numbers of frames out of order, of which is not known yet to which part they belong. */
  readonly #disordered: number[] = [];
  /** Numbers of the last written frames of this part, at the place in the part modulo the length. */
  readonly #remembered = new Float64Array(REMEMBERED_FRAMES);
  #lastNumber = 0;

  /** The video that is being written ended with so many frames in all; the next one goes on. */
  continueAfter(framesSoFar: number): void {
    this.#borders.push(framesSoFar);
  }

  /** A frame was written. */
  write(number: number, metadata: FrameMetadata | null): void {
    const [border] = this.#borders;
    if (border !== undefined && this.#written >= border) {
      this.#borders.shift();
      this.#beginPart();
    }
    const part = this.#part;
    if (this.#pending.isAnyBefore(number)) part.lose(part.recorded, this.#pending.takeBefore(number));
    this.#remembered[part.recorded % REMEMBERED_FRAMES] = number;
    part.recorded += 1;
    part.given.note(metadata);
    this.#written += 1;
    this.#lastNumber = number;
  }

  lose(number: number, reason: LossReason | 'skipped'): void {
    this.#pending.add(number, reason, 1);
  }

  /** The camera lost frames before this one. */
  miss(frames: number, beforeNumber: number): void {
    if (beforeNumber > this.#lastNumber) {
      this.#pending.add(beforeNumber - 0.5, 'source_gap', frames);
      return;
    }
    const missing = nothingMissing();
    missing.source_gap = frames;
    this.#part.lose(this.#placeBefore(beforeNumber), missing);
  }

  /** The stamp of this frame is out of order. */
  noteDisorder(number: number): void {
    this.#disordered.push(number);
    if (this.#disordered.length > MAX_WAITING_DISORDERED) this.#settleDisordered(this.#lastNumber, 1);
  }

  /** What the frames of all parts told. */
  get given(): GivenExtents {
    return GivenMeter.over([...this.#ended, this.#part].map((part) => part.given));
  }

  /** How many parts have ended, and another one was begun. */
  get endedParts(): number {
    return this.#ended.length;
  }

  /**
   * The recording is over. `frames`: what each video that is left really holds. Frames that were counted as written and are in
   * none were at the end of the last one, and so is what is lost and was not placed yet. Call it once.
   */
  end(frames: readonly number[]): void {
    const counted = this.#written;
    while (this.#ended.length > 0 && frames.length <= this.#ended.length) this.#returnToPart();
    // A write that did not return in time may have gone on to the next video.
    while (this.#ended.length + 1 < frames.length) {
      this.#part.recorded = frames[this.#ended.length] ?? 0;
      this.#beginPart();
    }
    this.#settleDisordered(Number.POSITIVE_INFINITY, 0);
    const part = this.#part;
    part.cutTo(frames.at(-1) ?? 0);
    part.loseAtEnd(this.#pending.takeBefore(Number.POSITIVE_INFINITY));
    const held = frames.reduce((sum, count) => sum + count, 0);
    part.retract(counted - held);
  }

  /** `number`: of a part that has ended, from 1. Its gaps are handed out once, because recordings may have many parts. */
  takeAccount(number: number): PartAccount | null {
    const part = number === this.#ended.length + 1 ? this.#part : this.#ended[number - 1];
    return part?.takeAccount() ?? null;
  }

  /** Nothing of the present part could be kept: the part before answers for its frames. */
  #returnToPart(): void {
    const gone = this.#part;
    const before = this.#ended.pop();
    if (before === undefined) return;
    this.#part = before;
    before.absorb(gone);
  }

  #beginPart(): void {
    this.#settleDisordered(this.#lastNumber, 0);
    this.#ended.push(this.#part);
    this.#part = new Part();
  }

  /** Those up to this number, and at least so many, count for the present part. */
  #settleDisordered(upTo: number, atLeast: number): void {
    const found = this.#disordered.findIndex((number) => number > upTo);
    const count = Math.max(atLeast, found === -1 ? this.#disordered.length : found);
    this.#part.disordered += this.#disordered.splice(0, count).length;
  }

  /** How many frames of this part go before that number. What is too long ago counts from the oldest one that is remembered. */
  #placeBefore(number: number): number {
    const { recorded } = this.#part;
    const oldest = Math.max(0, recorded - REMEMBERED_FRAMES);
    let place = recorded;
    while (place > oldest && (this.#remembered[(place - 1) % REMEMBERED_FRAMES] ?? 0) >= number) place -= 1;
    return place;
  }
}

/** One video. */
class Part {
  recorded = 0;
  disordered = 0;
  readonly given = new GivenMeter();
  readonly #missing: Missing = nothingMissing();
  #gaps = new GapList();

  lose(afterFrame: number, missing: Missing): void {
    addMissing(this.#missing, missing);
    this.#gaps.add(afterFrame, missing);
  }

  cutTo(frames: number): void {
    this.recorded = frames;
    this.#gaps.cutAfter(frames);
  }

  loseAtEnd(missing: Missing): void {
    addMissing(this.#missing, missing);
    for (const [reason, frames] of Object.entries(missing) as [GapReason, number][]) {
      if (frames > 0) this.#gaps.growLast(this.recorded, reason, frames);
    }
  }

  /** So many frames were written and are not in the file. Below 0: they are, and were counted as lost in a write. */
  retract(frames: number): void {
    const change = Math.max(frames, -this.#missing.write_error);
    if (change === 0) return;
    this.#missing.write_error += change;
    this.#gaps.growLast(this.recorded, 'write_error', change);
  }

  /** A part behind this one is gone with its frames; what that had lost is lost behind this one. */
  absorb(gone: Part): void {
    this.disordered += gone.disordered;
    this.loseAtEnd(gone.#missing);
  }

  takeAccount(): PartAccount {
    const gaps = this.#gaps;
    this.#gaps = new GapList();
    const { buffer_full, timeout, write_error, skipped, source_gap } = this.#missing;
    const dropped = buffer_full + timeout + write_error;
    return {
      account: {
        delivered: this.recorded + dropped + skipped,
        recorded: this.recorded,
        dropped,
        dropped_by: { buffer_full, timeout, write_error },
        skipped,
        source_gaps: source_gap,
        disordered: this.disordered,
      },
      gaps: gaps.listed,
      gapsTotal: gaps.total,
      given: this.given.extents,
    };
  }
}
