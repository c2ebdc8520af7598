import type { FrameBatch, FrameRing, RingLimits } from './frame-ring.js';

/** One write's frames and bytes at most. Never more than half of the ring: drop-oldest needs something to drop. */
const MAX_BATCH_FRAMES = 64;
/** After a sync on ext4, writes of 16 MiB ran at 0.6 GB/s and those of 2 MiB used a third less CPU (`npm run bench`). */
const MAX_BATCH_BYTES = 2 * 1_024 * 1_024;
/**
 * Frames that follow each other faster share a write, ms of their own timeline: with two cameras at 60 a second that costs a
 * fifth less CPU. Uncommitted frames are lost in a crash whether they were written or not, so gathering costs no safety.
 */
const MIN_WRITE_INTERVAL_MS = 30;
/** A buffer that is fuller than this is emptied at once. */
const GATHERING_FILL = 0.25;

/** Says when there is something to write or to commit, and how much at once. It touches no file: the recorder does. */
export class WriteSchedule {
  /** The files are to be committed. The frames that wait are written before. */
  isCommitDue = false;
  /** Of the newest frame in the ring, and of the newest one that a write took, on the run's timeline. */
  #newestMs = 0;
  #takenToMs = 0;
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

  /** A frame came into the ring. */
  noteFrame(timeMs: number): void {
    this.#newestMs = timeMs;
  }

  /** Whether frames wait that should not wait for more of them. `mayGather`: more will come. */
  isWriteDue(mayGather: boolean): boolean {
    if (this.ring.waitingFrames === 0) return false;
    const isGathering = mayGather && !this.isCommitDue && this.ring.fill < GATHERING_FILL;
    return !isGathering || Math.abs(this.#newestMs - this.#takenToMs) >= MIN_WRITE_INTERVAL_MS;
  }

  /** Moves the frames of the next write out of the ring. The batch must be empty. */
  take(batch: FrameBatch): void {
    this.ring.take(this.#maxFrames, this.#maxBytes, batch);
    this.#takenToMs = batch.timesMs.at(-1) ?? this.#takenToMs;
  }

  askForCommit(): void {
    this.isCommitDue = true;
    this.wake();
  }

  /** Resolves at the next `wake`. One waits at a time. */
  async sleep(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** There may be something to do. */
  wake(): void {
    const wake = this.#wake;
    if (wake === null) return;
    this.#wake = null;
    wake();
  }
}
