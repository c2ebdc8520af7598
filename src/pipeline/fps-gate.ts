/**
 * Weight of a new interval in the running estimate. The estimate follows a change of rate within about ten frames.
 */
const SMOOTHING = 1 / 8;

/**
 * After this many frames passed in a row, the gate passes a frame that it should skip. A camera set to 30 fps
 * delivers 30.003; without this, the data would have a useless gap every five minutes. 1 frame in 120 stays within
 * the promised 1 %.
 */
const FORGIVING_RUN = 120;

/**
 * Thins a stream to a target rate by the frames' own time. It passes the frame that is nearest to each due moment.
 * The due moments lie on a grid, so the mean rate is exact and there are no beats: intervals between passed frames
 * differ by at most one source interval. A source slower than the gate passes unchanged. The grid restarts after a
 * gap and when time runs backwards, so the gate never catches up in a burst.
 */
export class FpsGate {
  readonly #periodMs: number;
  #lastMs = Number.NaN;
  #dueMs = 0;
  /** Mean interval of the source, ms; 0 while unknown. */
  #intervalMs = 0;
  /** Frames passed since the last skip. A new grid starts at half of `FORGIVING_RUN`, halfway between two skips. */
  #passedInRow = 0;

  /** `targetFps`: frames per second; 0 passes every frame. */
  constructor(private readonly targetFps: number) {
    this.#periodMs = targetFps > 0 ? 1_000 / targetFps : 0;
  }

  /** Whether the frame at `timeMs` passes. `timeMs` is on the frames' timeline, with any origin. */
  passes(timeMs: number): boolean {
    if (this.targetFps <= 0) return true;
    const sinceLastMs = timeMs - this.#lastMs;
    this.#lastMs = timeMs;
    // Also true for the first frame, because NaN compares as false.
    if (!(sinceLastMs >= 0)) return this.#startGrid(timeMs);
    this.#learn(sinceLastMs);

    const earlyMs = this.#dueMs - timeMs;
    if (earlyMs > this.#intervalMs / 2) {
      if (this.#passedInRow >= FORGIVING_RUN) return this.#startGrid(timeMs);
      this.#passedInRow = 0;
      return false;
    }
    // The nearest frame is up to half an interval late, and jitter adds to that. A longer delay means missing frames.
    const behindMs = Math.min(this.#periodMs, 2 * this.#intervalMs);
    if (-earlyMs > behindMs) return this.#startGrid(timeMs);
    this.#dueMs += this.#periodMs;
    this.#passedInRow += 1;
    return true;
  }

  #startGrid(timeMs: number): true {
    this.#dueMs = timeMs + this.#periodMs;
    this.#passedInRow = FORGIVING_RUN / 2;
    return true;
  }

  /** Counts a gap as twice the interval at most, so that one gap does not look like a new rate. */
  #learn(sinceLastMs: number): void {
    if (sinceLastMs === 0) return;
    if (this.#intervalMs === 0) {
      this.#intervalMs = sinceLastMs;
      return;
    }
    const bounded = Math.min(sinceLastMs, this.#intervalMs * 2);
    this.#intervalMs += (bounded - this.#intervalMs) * SMOOTHING;
  }
}
