/** Weight of a new interval in the running estimate: follows a change of rate within some ten frames. */
const SMOOTHING = 1 / 8;

/**
 * Frames let through one after another beyond which a skip is forgiven. A camera set to 30 gives 30.003: one hole in
 * five minutes would be a gap in the data for nothing. 1 in 120 stays within the promised 1 %.
 */
const FORGIVING_RUN = 120;

/**
 * Thins a stream to a target rate by the frames' own time: of the frames around each due moment it passes the nearest.
 * The due moments stand on a grid, so the mean rate is exact and there are no beats: intervals between passed frames
 * differ by one source interval at most. A source slower than the gate passes whole. After a gap, and when time runs
 * backwards, the grid begins anew: nothing is made up for in a burst.
 */
export class FpsGate {
  readonly #periodMs: number;
  #lastMs = Number.NaN;
  #dueMs = 0;
  /** Mean interval of the source, ms; 0 while unknown. */
  #intervalMs = 0;
  /** Frames passed since the last skip. Half a run at the start of a grid, which is halfway between two skips. */
  #passedInRow = 0;

  /** `targetFps`: frames a second; 0 passes every frame. */
  constructor(private readonly targetFps: number) {
    this.#periodMs = targetFps > 0 ? 1_000 / targetFps : 0;
  }

  /** Whether the frame at `timeMs` (on the frames' timeline, any origin) goes through. */
  passes(timeMs: number): boolean {
    if (this.targetFps <= 0) return true;
    const sinceLastMs = timeMs - this.#lastMs;
    this.#lastMs = timeMs;
    // Also the first frame: NaN is not above or equal to anything.
    if (!(sinceLastMs >= 0)) return this.#startGrid(timeMs);
    this.#learn(sinceLastMs);

    const earlyMs = this.#dueMs - timeMs;
    if (earlyMs > this.#intervalMs / 2) {
      if (this.#passedInRow >= FORGIVING_RUN) return this.#startGrid(timeMs);
      this.#passedInRow = 0;
      return false;
    }
    // Nearest-frame picking is late by half an interval, and jitter adds to it; more means that frames are missing.
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

  /** A gap is bounded to twice the interval, so that it does not pass for a new rate. */
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
