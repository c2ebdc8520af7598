import { GAP_RATIO } from './timestamp-order.js';

/**
 * An interval shorter than this share of the expected one means a faster rate. Jitter alone never makes it so short.
 */
const FASTER_RATIO = 1 / GAP_RATIO;
/** This many similar intervals in a row are a new rate, not a loss. */
const NEW_RATE_RUN = 3;
/** Intervals are similar if they differ by less than this share of their mean (jitter of 20 % on both ends). */
const SAME_RATIO = 0.4;
/** Frame durations outside these limits are not believed, ms. The module asks for 0.005 to 1000 frames a second. */
const MIN_DURATION_MS = 0.1;
const MAX_DURATION_MS = 400_000;
/** With 1/8, jitter bounded to 20 % moves the estimate by 5 % at most. */
const SMOOTHING = 1 / 8;
/** Intervals collected before the first is judged. One alone says nothing about the rate. */
const WARM_UP = 8;

/**
 * Finds frames that the camera itself lost: gaps in the sensor's timestamps that are longer than the frame duration.
 * If the camera states the duration, that is used. Otherwise it is estimated, and a long interval is judged by the
 * intervals after it: one alone is a gap, three similar ones in a row are a slower rate (a longer exposure).
 *
 * A gap counts when the next frame in order confirms it. Until then a frame that seemed to be missing may still come,
 * because some cameras swap frames.
 */
export class SourceGaps {
  #lastDurationMs = 0;
  /** Estimated frame duration, ms; 0 while unknown. */
  #estimateMs = 0;
  readonly #firstIntervals = new Float64Array(WARM_UP);
  #warmedUp = 0;
  /** Missing by a stated duration, not confirmed yet. */
  #pending = 0;
  /** Frames without a place in time since the last one in order, beyond those that filled a gap before it. */
  #unplaced = 0;
  /** Of the gap before the last frame in order: how many frames were taken for unplaced ones. */
  #placed = 0;
  /** Frames that came late, after a newer one: since the last frame in order, and between the two before. */
  #late = 0;
  #lateBefore = 0;
  #suspects = 0;
  #suspectSumMs = 0;
  #suspectMissing = 0;
  #fasterRun = 0;
  #fasterSumMs = 0;

  /** How long the step to the next frame should be, ms; 0 while unknown. `durationMs`: as the camera states it, or 0. */
  expectedMs(durationMs: number): number {
    return this.#statedMs(durationMs) || this.#estimateMs;
  }

  /**
   * A frame whose timestamp is in order. Returns the number of frames newly found missing before the previous frame in
   * order, or before one of the frames shortly before it. `stepMs`: sensor time since the previous frame in order; 0 at
   * the first one. `durationMs`: the frame's duration as the camera states it, or 0.
   */
  observe(stepMs: number, durationMs: number): number {
    const statedMs = this.#statedMs(durationMs);
    this.#lastDurationMs = durationMs;
    this.#lateBefore = this.#late;
    this.#late = 0;
    const confirmed = this.#pending;
    this.#pending = 0;
    if (stepMs === 0) return confirmed;
    if (statedMs === 0) return confirmed + this.#judgeByEstimate(stepMs);
    this.#pending = this.#missingIn(stepMs, statedMs);
    return confirmed;
  }

  /** A frame without a place in time: its timestamp is missing or out of order. It is one of those that seem to be missing. */
  fill(): void {
    if (this.#pending > 0 || this.#suspectMissing > 0 || this.#placed > 0) this.#late += 1;
    if (this.#pending > 0) this.#pending -= 1;
    else if (this.#suspectMissing > 0) this.#fillSuspect();
    else if (this.#placed > 0) this.#placed -= 1;
    else this.#unplaced += 1;
  }

  /** The sensor's clock was set, so nothing is known of the gap before. */
  restart(durationMs: number): void {
    this.#lastDurationMs = durationMs;
    this.#pending = 0;
    this.#unplaced = 0;
    this.#placed = 0;
    this.#late = 0;
    this.#lateBefore = 0;
    this.#clearSuspects();
  }

  /**
   * Call at the end of a recording. Returns the frames that are only suspected so far: they count as missing. Where the
   * camera swaps frames, as it did in the gap before, they come next: nothing is returned, and they stay suspected.
   */
  confirm(): number {
    return this.#lateBefore > 0 && this.#pending + this.#suspectMissing <= this.#lateBefore ? 0 : this.#confirm();
  }

  #confirm(): number {
    const missing = this.#pending + this.#suspectMissing;
    this.#pending = 0;
    this.#clearSuspects();
    return missing;
  }

  /** Whole frame times in this time, by the present rate; 0 while it is unknown. */
  framesIn(ms: number): number {
    const frameMs = this.expectedMs(this.#lastDurationMs);
    return frameMs === 0 ? 0 : Math.floor(ms / frameMs);
  }

  /** Like `confirm`, at the end of the stream. */
  settle(): number {
    return this.confirm() + (this.#estimateMs === 0 ? this.#judgeWarmUp() : 0);
  }

  /** Depending on the sensor's model, the first or the second of two frames states the interval between them. */
  #statedMs(durationMs: number): number {
    const statedMs = durationMs > 0 ? Math.max(durationMs, this.#lastDurationMs) : 0;
    return statedMs >= MIN_DURATION_MS && statedMs <= MAX_DURATION_MS ? statedMs : 0;
  }

  /** Frames that are missing in this step, without those that came unplaced. */
  #missingIn(stepMs: number, durationMs: number): number {
    const missing = stepMs > durationMs * GAP_RATIO ? Math.round(stepMs / durationMs) - 1 : 0;
    this.#placed = Math.min(missing, this.#unplaced);
    this.#unplaced = 0;
    return missing - this.#placed;
  }

  #judgeByEstimate(stepMs: number): number {
    // Frames that came unplaced share the step with this one.
    const intervalMs = stepMs / (1 + this.#unplaced);
    if (this.#estimateMs === 0) {
      this.#unplaced = 0;
      this.#firstIntervals[this.#warmedUp] = intervalMs;
      this.#warmedUp += 1;
      return this.#warmedUp === WARM_UP ? this.#judgeWarmUp() : 0;
    }
    const missing = this.#missingIn(stepMs, this.#estimateMs);
    if (intervalMs > this.#estimateMs * GAP_RATIO) return this.#suspect(stepMs, missing);
    const confirmed = this.#confirm();
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
    this.#estimateMs = bounded(ordinary.reduce((sum, ms) => sum + ms, 0) / ordinary.length);
    let missing = 0;
    for (const ms of intervals) if (ms > this.#estimateMs * GAP_RATIO) missing += Math.round(ms / this.#estimateMs) - 1;
    return missing;
  }

  #suspect(intervalMs: number, missing: number): number {
    const meanMs = this.#suspectSumMs / Math.max(1, this.#suspects);
    const differs = this.#suspects > 0 && Math.abs(intervalMs - meanMs) > meanMs * SAME_RATIO;
    const confirmed = differs ? this.#confirm() : 0;
    this.#suspects += 1;
    this.#suspectSumMs += intervalMs;
    this.#suspectMissing += missing;
    if (this.#suspects < NEW_RATE_RUN) return confirmed;
    this.#estimateMs = bounded(this.#suspectSumMs / this.#suspects);
    this.#clearSuspects();
    return confirmed;
  }

  /** A suspect whose frames all came late is neither a gap nor a slower rate. */
  #fillSuspect(): void {
    this.#suspectMissing -= 1;
    if (this.#suspectMissing === 0) this.#clearSuspects();
  }

  #learn(intervalMs: number): void {
    if (intervalMs >= this.#estimateMs * FASTER_RATIO) {
      this.#fasterRun = 0;
      this.#fasterSumMs = 0;
      this.#estimateMs = bounded(this.#estimateMs + (intervalMs - this.#estimateMs) * SMOOTHING);
      return;
    }
    this.#fasterRun += 1;
    this.#fasterSumMs += intervalMs;
    if (this.#fasterRun < NEW_RATE_RUN) return;
    this.#estimateMs = bounded(this.#fasterSumMs / this.#fasterRun);
    this.#fasterRun = 0;
    this.#fasterSumMs = 0;
  }

  #clearSuspects(): void {
    this.#suspects = 0;
    this.#suspectSumMs = 0;
    this.#suspectMissing = 0;
  }
}

function bounded(durationMs: number): number {
  return Math.min(MAX_DURATION_MS, Math.max(MIN_DURATION_MS, durationMs));
}
