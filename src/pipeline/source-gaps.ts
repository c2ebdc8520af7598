/** An interval this many times the expected one hides a lost frame: jitter of 20 % on both ends makes it 1.4 at most. */
const GAP_RATIO = 1.5;
/** The other way round: shorter than anything jitter does. */
const FASTER_RATIO = 1 / GAP_RATIO;
/** So many intervals in a row that all say the same are a new rate and no loss. */
const NEW_RATE_RUN = 3;
/** Intervals "say the same" within this share of their mean (jitter of 20 % on both ends). */
const SAME_RATIO = 0.4;
/** At 1/8 bounded jitter of 20 % moves the estimate by 5 % at most. */
const SMOOTHING = 1 / 8;
/** Intervals seen before the first is judged: one alone may be anything. */
const WARM_UP = 8;

/**
 * Finds frames that the camera itself lost: gaps in the sensor's timestamps against the frame duration. Where the
 * camera states the duration it is believed. Elsewhere it is estimated, and a long interval is judged only by those
 * that follow it: alone it is a gap, three alike in a row are a slower rate (a longer exposure).
 */
export class SourceGaps {
  #lastMs = Number.NaN;
  #lastDurationMs = 0;
  /** Estimated frame duration, ms; 0 while unknown. */
  #estimateMs = 0;
  readonly #firstIntervals = new Float64Array(WARM_UP);
  #warmedUp = 0;
  #suspects = 0;
  #suspectSumMs = 0;
  #suspectMissing = 0;
  #fasterRun = 0;
  #fasterSumMs = 0;

  /**
   * Frames newly found missing before this frame or before those shortly before it.
   * `timeMs`: sensor time, any origin. `durationMs`: the frame's duration as the camera states it, 0 where it does not.
   */
  observe(timeMs: number, durationMs: number): number {
    const intervalMs = timeMs - this.#lastMs;
    // The interval between two frames lasts as long as the first or the second says, by the sensor's model.
    const statedMs = durationMs > 0 ? Math.max(durationMs, this.#lastDurationMs) : 0;
    this.#lastMs = timeMs;
    this.#lastDurationMs = durationMs;
    // The first frame (NaN), and clocks that stand still or run backwards: nothing can be said.
    if (!(intervalMs > 0)) return 0;
    if (statedMs > 0) return intervalMs > statedMs * GAP_RATIO ? Math.round(intervalMs / statedMs) - 1 : 0;
    return this.#judgeByEstimate(intervalMs);
  }

  /** The stream or the recording is over: what was only suspected so far counts as missing. */
  settle(): number {
    const missing = this.#suspectMissing + (this.#estimateMs === 0 ? this.#judgeWarmUp() : 0);
    this.#clearSuspects();
    return missing;
  }

  #judgeByEstimate(intervalMs: number): number {
    if (this.#estimateMs === 0) {
      this.#firstIntervals[this.#warmedUp] = intervalMs;
      this.#warmedUp += 1;
      return this.#warmedUp === WARM_UP ? this.#judgeWarmUp() : 0;
    }
    if (intervalMs > this.#estimateMs * GAP_RATIO) return this.#suspect(intervalMs);
    const confirmed = this.settle();
    this.#learn(intervalMs);
    return confirmed;
  }

  /** Sets the estimate from the first intervals and judges them by it. */
  #judgeWarmUp(): number {
    if (this.#warmedUp === 0) return 0;
    const intervals = this.#firstIntervals.subarray(0, this.#warmedUp).toSorted();
    this.#warmedUp = 0;
    const medianMs = intervals[Math.floor((intervals.length - 1) / 2)] ?? 0;
    const ordinary = intervals.filter((ms) => ms > medianMs * 0.5 && ms < medianMs * 1.75);
    const meanMs = ordinary.reduce((sum, ms) => sum + ms, 0) / ordinary.length;
    this.#estimateMs = meanMs;
    let missing = 0;
    for (const ms of intervals) if (ms > meanMs * GAP_RATIO) missing += Math.round(ms / meanMs) - 1;
    return missing;
  }

  #suspect(intervalMs: number): number {
    const meanMs = this.#suspectSumMs / Math.max(1, this.#suspects);
    const differs = this.#suspects > 0 && Math.abs(intervalMs - meanMs) > meanMs * SAME_RATIO;
    const confirmed = differs ? this.settle() : 0;
    this.#suspects += 1;
    this.#suspectSumMs += intervalMs;
    this.#suspectMissing += Math.round(intervalMs / this.#estimateMs) - 1;
    if (this.#suspects < NEW_RATE_RUN) return confirmed;
    this.#estimateMs = this.#suspectSumMs / this.#suspects;
    this.#clearSuspects();
    return confirmed;
  }

  #learn(intervalMs: number): void {
    if (intervalMs >= this.#estimateMs * FASTER_RATIO) {
      this.#fasterRun = 0;
      this.#fasterSumMs = 0;
      this.#estimateMs += (intervalMs - this.#estimateMs) * SMOOTHING;
      return;
    }
    this.#fasterRun += 1;
    this.#fasterSumMs += intervalMs;
    if (this.#fasterRun < NEW_RATE_RUN) return;
    this.#estimateMs = this.#fasterSumMs / this.#fasterRun;
    this.#fasterRun = 0;
    this.#fasterSumMs = 0;
  }

  #clearSuspects(): void {
    this.#suspects = 0;
    this.#suspectSumMs = 0;
    this.#suspectMissing = 0;
  }
}
