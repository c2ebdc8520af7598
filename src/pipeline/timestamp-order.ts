/** An interval longer than this many expected ones is a gap. Jitter of 20 % on both ends gives 1.4 at most. */
export const GAP_RATIO = 1.5;

/**
 * Real time that a gap may run ahead of the arrivals, ms. A frame may wait on its way, and the one behind the gap may arrive
 * faster than any before it.
 */
export const RESERVE_MS = 1_000;

/**
 * `inOrder`: the stamp follows the newest one in order. `restarted`: it follows a stamp that was out of order, so the sensor's
 * clock goes on from there. `disordered`: it is not after the newest one, or further ahead than the time that passed.
 */
export type Verdict = 'inOrder' | 'restarted' | 'disordered';

/**
 * Judges whether the sensor's timestamps are in order. Cameras and their drivers can repeat stamps, swap them, set them
 * back, or give a wild one. Such a step is no time, and no frame was lost in it.
 *
 * The camera cannot have lost more frames than fit into the time that really passed. That time is known from the
 * arrivals, and kept as credit: each arrival adds the time since the one before, and each gap in the stamps takes its length.
 * A gap without credit is a wild stamp. A step of one frame is always in order, because a stream may come faster than it
 * was taken. So all gaps of a stream are together never longer than the arrivals' span and `RESERVE_MS`.
 *
 * All times are ms, from any origin.
 */
export class TimestampOrder {
  /** The newest stamp in order. */
  #newestMs = Number.NaN;
  /** The last stamp out of order since then. */
  #strayMs = Number.NaN;
  #arrivedMs = Number.NaN;
  #creditMs = RESERVE_MS;
  #stepMs = 0;

  /** From the newest stamp in order to the one judged last, which is in order too; else 0. Also 0 for the first one. */
  get stepMs(): number {
    return this.#stepMs;
  }

  /** `expectedMs`: the frame duration, or 0 while it is unknown. Then every step takes credit. */
  judge(stampMs: number, arrivedMs: number, expectedMs: number): Verdict {
    this.pass(arrivedMs);
    const ordinaryMs = expectedMs * GAP_RATIO;
    this.#stepMs = 0;
    if (Number.isNaN(this.#newestMs)) {
      this.#newestMs = stampMs;
      return 'inOrder';
    }
    const stepMs = stampMs - this.#newestMs;
    if (this.#follows(stepMs, ordinaryMs)) {
      this.#accept(stampMs, stepMs, ordinaryMs);
      this.#stepMs = stepMs;
      return 'inOrder';
    }
    const strayStepMs = stampMs - this.#strayMs;
    if (this.#follows(strayStepMs, ordinaryMs)) {
      this.#accept(stampMs, strayStepMs, ordinaryMs);
      return 'restarted';
    }
    this.#strayMs = stampMs;
    return 'disordered';
  }

  /** A frame arrived that has no stamp. */
  pass(arrivedMs: number): void {
    if (arrivedMs > this.#arrivedMs) this.#creditMs += arrivedMs - this.#arrivedMs;
    this.#arrivedMs = arrivedMs;
  }

  /** False also where nothing is known of the stamp before (NaN). */
  #follows(stepMs: number, ordinaryMs: number): boolean {
    return stepMs > 0 && (stepMs <= ordinaryMs || stepMs <= this.#creditMs);
  }

  #accept(stampMs: number, stepMs: number, ordinaryMs: number): void {
    const restMs = this.#creditMs - stepMs;
    // Ordinary frames leave the reserve alone. What a gap took of it comes back with the time that passes.
    this.#creditMs = stepMs <= ordinaryMs ? Math.max(restMs, Math.min(this.#creditMs, RESERVE_MS)) : restMs;
    this.#newestMs = stampMs;
    this.#strayMs = Number.NaN;
  }
}
