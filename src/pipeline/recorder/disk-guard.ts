/** How often the guard is asked, ms: between two answers a recording must not run into the end of the disk. */
export const DISK_CHECK_PERIOD_MS = 1_000;

/** The present rate is a mean over this long, and not known before there is some of it. */
const RATE_WINDOW_S = 30;
const MIN_RATE_SPAN_S = 1.5;

/** A warning is due when fewer minutes are left than these, once each; again only after it was well above. */
const WARN_AT_MINUTES = [10, 2] as const;
const REARM_FACTOR = 1.5;

export type DiskVerdict =
  | { readonly kind: 'enough' }
  /** Worth a warning. Until the limit is reached at the present rate. */
  | { readonly kind: 'soon'; readonly minutesLeft: number }
  /** The recording has to end now: the next answer would come too late. */
  | { readonly kind: 'low' };

interface Sample {
  readonly atS: number;
  readonly freeBytes: number;
  readonly writtenBytes: number;
}

const ENOUGH: DiskVerdict = { kind: 'enough' };

/**
 * Judges one recording's disk by what is free and how fast that goes. Pure: asks no disk and has no clock.
 * What is kept free is room for the index and the rows, for the system, and for whoever tidies up.
 */
export class DiskGuard {
  readonly #warnings = WARN_AT_MINUTES.map((minutes) => ({ minutes, isArmed: true }));
  #samples: Sample[] = [];

  /** `minFreeBytes`: what has to stay free. */
  constructor(private readonly minFreeBytes: number) {}

  /** Whether a recording may begin. */
  admits(freeBytes: bigint): boolean {
    return freeBytes >= BigInt(this.minFreeBytes);
  }

  /** `writtenBytes`: by the recording so far. `nowNs`: monotonic. */
  judge(freeBytes: bigint, writtenBytes: number, nowNs: bigint): DiskVerdict {
    const sample = { atS: Number(nowNs) / 1e9, freeBytes: Number(freeBytes), writtenBytes };
    const bytesPerS = this.#rateUntil(sample);
    const leftBytes = Number(freeBytes - BigInt(this.minFreeBytes));
    if (leftBytes < (bytesPerS * DISK_CHECK_PERIOD_MS) / 1_000) return { kind: 'low' };
    if (bytesPerS === 0) return ENOUGH;
    const minutesLeft = leftBytes / bytesPerS / 60;
    return this.#isWarningDue(minutesLeft) ? { kind: 'soon', minutesLeft } : ENOUGH;
  }

  /** The faster of what we write and what the disk loses, to others too; 0 while it is not known. Bytes a second. */
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
