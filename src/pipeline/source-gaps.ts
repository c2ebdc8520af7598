/**
 * An interval longer than this many expected ones hides a lost frame. Jitter of 20 % on both ends gives 1.4 at most.
 */
const GAP_RATIO = 1.5;
/**
 * An interval shorter than this share of the expected one means a faster rate. Jitter alone never makes it so short.
 */
const FASTER_RATIO = 1 / GAP_RATIO;
/** This many similar intervals in a row are a new rate, not a loss. */
const NEW_RATE_RUN = 3;
/** Intervals are similar if they differ by less than this share of their mean (jitter of 20 % on both ends). */
const SAME_RATIO = 0.4;
/** With 1/8, jitter bounded to 20 % moves the estimate by 5 % at most. */
const SMOOTHING = 1 / 8;
/** Intervals collected before the first is judged. One alone says nothing about the rate. */
const WARM_UP = 8;

/**
 * Finds frames that the camera itself lost: gaps in the sensor's timestamps that are longer than the frame duration.
 * If the camera states the duration, that is used. Otherwise it is estimated, and a long interval is judged by the
 * intervals after it: one alone is a gap, three similar ones in a row are a slower rate (a longer exposure).
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
   * Number of frames newly found missing before this frame, or before one of the frames shortly before it.
   * `timeMs`: sensor time, any origin. `durationMs`: the frame's duration as the camera states it, or 0.
   */
  observe(timeMs: number, durationMs: number): number {
    const intervalMs = timeMs - this.#lastMs;
    // Depending on the sensor's model, the first or the second of two frames states the interval between them.
    const statedMs = durationMs > 0 ? Math.max(durationMs, this.#lastDurationMs) : 0;
    this.#lastMs = timeMs;
    this.#lastDurationMs = durationMs;
    // Nothing is known at the first frame (NaN), or if the clock stands still or runs backwards.
    if (!(intervalMs > 0)) return 0;
    if (statedMs > 0) return intervalMs > statedMs * GAP_RATIO ? Math.round(intervalMs / statedMs) - 1 : 0;
    return this.#judgeByEstimate(intervalMs);
  }

  /** Call at the end of the stream or the recording. Frames that are only suspected so far count as missing. */
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

  /** Estimates the frame duration from the first intervals, then judges these by it. */
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
