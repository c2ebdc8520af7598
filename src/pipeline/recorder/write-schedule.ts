import type { FrameBatch, FrameRing, RingLimits } from './frame-ring.js';

/** The most frames of one write. A write claims half of the ring at most, so that drop-oldest has something to drop. */
const MAX_BATCH_FRAMES = 64;
/** The most bytes of one write. After a sync on ext4, writes of 2 MiB used a third less CPU than writes of 16 MiB (`npm run bench`). */
const MAX_BATCH_BYTES = 2 * 1_024 * 1_024;
/**
 * Frames that follow each other faster than this share a write, ms on their own timeline. Uncommitted frames are lost in a crash whether
 * they were written or not, so gathering costs no safety: four writes go into a commit (docs/bench.md, "What recording costs, and what was tried").
 */
const MIN_WRITE_INTERVAL_MS = 80;
/** A ring that is fuller than this is emptied at once. */
const GATHERING_FILL = 0.25;

/** Decides when to write or commit, and how much at once. It touches no file; the recorder does. */
export class WriteSchedule {
  /** The files must be committed, after the frames that wait were written. */
  isCommitDue = false;
  /** Times of the newest frame in the ring and of the newest one that a write claimed, ms on the run's timeline. */
  #newestMs = 0;
  #claimedToMs = 0;
  readonly #maxFrames: number;
  readonly #maxBytes: number;
  #wake: (() => void) | null = null;

  constructor(
    private readonly ring: FrameRing,
    { maxFrames, maxBytes }: RingLimits,
  ) {
    this.#maxFrames = Math.max(1, Math.min(MAX_BATCH_FRAMES, Math.floor(maxFrames / 2)));
    this.#maxBytes = Math.min(MAX_BATCH_BYTES, maxBytes / 2);
  }

  /** Notes that a frame came into the ring. */
  noteFrame(timeMs: number): void {
    this.#newestMs = timeMs;
  }

  /** Whether waiting frames should be written now. `mayGather`: more frames will come, so a write may wait for them. */
  isWriteDue(mayGather: boolean): boolean {
    if (this.ring.waitingFrames === 0) return false;
    const isGathering = mayGather && !this.isCommitDue && this.ring.fill < GATHERING_FILL;
    return !isGathering || Math.abs(this.#newestMs - this.#claimedToMs) >= MIN_WRITE_INTERVAL_MS;
  }

  /** Moves the frames of the next write out of the ring. The batch must be empty. */
  claim(batch: FrameBatch): void {
    this.ring.claim(this.#maxFrames, this.#maxBytes, batch);
    this.#claimedToMs = batch.timesMs.at(-1) ?? this.#claimedToMs;
  }

  askForCommit(): void {
    this.isCommitDue = true;
    this.wake();
  }

  /** Resolves at the next `wake`. Only one caller may wait at a time. */
  async sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Wakes the sleeper: there may be something to do. */
  wake(): void {
    const wake = this.#wake;
    if (wake === null) return;
    this.#wake = null;
    wake();
  }
}
