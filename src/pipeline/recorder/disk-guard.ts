/** How often the guard is asked, ms. A recording must not fill the disk between two answers. */
export const DISK_CHECK_PERIOD_MS = 1_000;

/** The present rate is the mean over this window. It is unknown until the samples span `MIN_RATE_SPAN_S`. */
const RATE_WINDOW_S = 30;
const MIN_RATE_SPAN_S = 1.5;

/**
 * A warning is due once for each of these limits, when fewer minutes are left. It is repeated only after the time left
 * was above 1.5 times the limit.
 */
const WARN_AT_MINUTES = [10, 2] as const;
const REARM_FACTOR = 1.5;

export type DiskVerdict =
  | { readonly kind: 'enough' }
  /** A warning is due. `minutesLeft`: time until the limit is reached at the present rate. */
  | { readonly kind: 'soon'; readonly minutesLeft: number }
  /** The recording must end now, because the next check would be too late. */
  | { readonly kind: 'low' };

interface Sample {
  readonly atS: number;
  readonly freeBytes: number;
  readonly writtenBytes: number;
}

const ENOUGH: DiskVerdict = { kind: 'enough' };

/**
 * Judges one recording's disk by its free space and by how fast that shrinks. It is pure: it has no disk and no
 * clock. The space kept free is for the index and the rows, for the system, and for the person who frees space.
 */
export class DiskGuard {
  readonly #warnings = WARN_AT_MINUTES.map((minutes) => ({ minutes, isArmed: true }));
  #samples: Sample[] = [];

  /** `minFreeBytes`: bytes that must stay free. */
  constructor(private readonly minFreeBytes: number) {}

  /** Whether a recording may begin. */
  admits(freeBytes: bigint): boolean {
    return freeBytes >= BigInt(this.minFreeBytes);
  }

  /** `writtenBytes`: written by the recording so far. `nowNs`: monotonic clock. */
  judge(freeBytes: bigint, writtenBytes: number, nowNs: bigint): DiskVerdict {
    const sample = { atS: Number(nowNs) / 1e9, freeBytes: Number(freeBytes), writtenBytes };
    const bytesPerS = this.#rateUntil(sample);
    const leftBytes = Number(freeBytes - BigInt(this.minFreeBytes));
    if (leftBytes < (bytesPerS * DISK_CHECK_PERIOD_MS) / 1_000) return { kind: 'low' };
    if (bytesPerS === 0) return ENOUGH;
    const minutesLeft = leftBytes / bytesPerS / 60;
    return this.#isWarningDue(minutesLeft) ? { kind: 'soon', minutesLeft } : ENOUGH;
  }

  /**
   * Bytes per second: our own write rate or the rate at which free space shrinks, whichever is higher. 0 while unknown.
   */
  #rateUntil(now: Sample): number {
    this.#samples.push(now);
    while (this.#samples.length > 2 && now.atS - (this.#samples[0]?.atS ?? 0) > RATE_WINDOW_S) this.#samples.shift();
    const first = this.#samples[0] ?? now;
    const spanS = now.atS - first.atS;
    if (spanS < MIN_RATE_SPAN_S) return 0;
    return Math.max(0, now.writtenBytes - first.writtenBytes, first.freeBytes - now.freeBytes) / spanS;
  }

  #isWarningDue(minutesLeft: number): boolean {
    let isDue = false;
    for (const warning of this.#warnings) {
      if (minutesLeft > warning.minutes * REARM_FACTOR) warning.isArmed = true;
      if (minutesLeft >= warning.minutes || !warning.isArmed) continue;
      warning.isArmed = false;
      isDue = true;
    }
    return isDue;
  }
}
