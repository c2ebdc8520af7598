import type { RecordingCounts } from '../pipeline-messages.js';

/** Why a frame that the camera delivered is missing in the video. */
export type LossReason = 'buffer_full' | 'timeout' | 'write_error';

/**
 * Counts what becomes of a recording's frames; nothing else does. When the recording is over,
 * delivered = recorded + dropped + skipped. Garbage in the stream is not a frame and is not counted here. The frame
 * that was damaged counts as missing at the source.
 */
export class FrameTally {
  #delivered = 0;
  #recorded = 0;
  #dropped = 0;
  #skipped = 0;
  #missingAtSource = 0;
  #disordered = 0;

  /** The camera delivered a frame. */
  deliver(): void {
    this.#delivered += 1;
  }

  /** Frames are in the file. */
  record(frames: number): void {
    this.#recorded += frames;
  }

  /** Frames that were counted as recorded are not in the file. */
  retract(frames: number): void {
    this.#recorded -= frames;
  }

  drop(frames: number): void {
    this.#dropped += frames;
  }

  /** The gate skipped a frame on purpose. */
  skip(): void {
    this.#skipped += 1;
  }

  /** The camera lost frames before they reached us. */
  miss(frames: number): void {
    this.#missingAtSource += frames;
  }

  /** The timestamp of a delivered frame is out of order. Returns how many are so far. */
  noteDisorder(): number {
    this.#disordered += 1;
    return this.#disordered;
  }

  get recorded(): number {
    return this.#recorded;
  }

  /** Frames that are neither recorded, dropped nor skipped yet: they wait, or they are in a write. */
  get pending(): number {
    return this.#delivered - this.#recorded - this.#dropped - this.#skipped;
  }

  counts(): RecordingCounts {
    return {
      delivered: this.#delivered,
      recorded: this.#recorded,
      dropped: this.#dropped,
      skipped: this.#skipped,
      missingAtSource: this.#missingAtSource,
      disordered: this.#disordered,
    };
  }

  /** Throws if a frame was lost without being counted, or counted twice. */
  assertBalanced(): void {
    if (this.pending === 0) return;
    const counts = JSON.stringify(this.counts());
    throw new Error(`Frames are unaccounted for (${this.pending}): ${counts}.`);
  }
}
