/** How often the guard is asked, ms. A recording must not fill the disk between two answers. */
export const DISK_CHECK_PERIOD_MS = 1_000;

/** The rates are judged by what happened within this window. */
const WINDOW_S = 30;
/**
 * A single loss of space may be another program's, which took what it needed and is done. From two on the smaller one
 * counts.
 */
const MIN_LOSSES = 2;

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
  /** The recording must end now: less than the limit is free. */
  | { readonly kind: 'low' }
  /** The recording must end now, because at `bytesPerS` the limit is reached before the next check. */
  | { readonly kind: 'nearlyLow'; readonly bytesPerS: number };

interface Sample {
  readonly atS: number;
  readonly freeBytes: number;
  readonly writtenBytes: number;
}

const ENOUGH: DiskVerdict = { kind: 'enough' };

/**
 * Judges one recording's disk by its free space and by how fast that shrinks. It is pure: it has no disk and no
 * clock. The space kept free is for the index and the rows, for the system, and for the person who frees space.
 *
 * The rate is what this recording writes, or the median of the losses of free space a second, whichever is higher. The
 * median has what other recordings and programs write all the time. It leaves out what was taken in one step: that
 * does not go on.
 */
export class DiskGuard {
  readonly #warnings = WARN_AT_MINUTES.map((minutes) => ({ minutes, isArmed: true }));
  #startedS = 0;
  #samples: Sample[] = [];

  /** `minFreeBytes`: bytes that must stay free. */
  constructor(private readonly minFreeBytes: number) {}

  /** Whether a recording may begin. */
  admits(freeBytes: bigint): boolean {
    return freeBytes >= BigInt(this.minFreeBytes);
  }

  /** The recording begins and has written nothing yet. `nowNs`: monotonic clock. */
  begin(nowNs: bigint): void {
    this.#startedS = Number(nowNs) / 1e9;
    this.#samples = [];
  }

  /** Bytes a second by the checks so far. 0 where it is not known. */
  get rates(): { readonly writtenPerS: number; readonly lostPerS: number } {
    return { writtenPerS: this.#writtenPerS, lostPerS: this.#lostPerS };
  }

  /** `writtenBytes`: written by the recording so far. `nowNs`: monotonic clock. */
  judge(freeBytes: bigint, writtenBytes: number, nowNs: bigint): DiskVerdict {
    this.#note({ atS: Number(nowNs) / 1e9, freeBytes: Number(freeBytes), writtenBytes });
    const leftBytes = Number(freeBytes - BigInt(this.minFreeBytes));
    if (leftBytes < 0) return { kind: 'low' };
    const { writtenPerS, lostPerS } = this.rates;
    const bytesPerS = Math.max(writtenPerS, lostPerS);
    if (leftBytes < (bytesPerS * DISK_CHECK_PERIOD_MS) / 1_000) return { kind: 'nearlyLow', bytesPerS };
    if (bytesPerS === 0) return ENOUGH;
    const minutesLeft = leftBytes / bytesPerS / 60;
    return this.#isWarningDue(minutesLeft) ? { kind: 'soon', minutesLeft } : ENOUGH;
  }

  #note(now: Sample): void {
    this.#samples.push(now);
    while (this.#samples.length > 2 && now.atS - (this.#samples[0]?.atS ?? 0) > WINDOW_S) this.#samples.shift();
  }

  /** Mean over the window. A recording that is younger has it from its start. */
  get #writtenPerS(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined) return 0;
    const isYoung = last.atS - this.#startedS <= WINDOW_S;
    const from = isYoung ? { atS: this.#startedS, writtenBytes: 0 } : first;
    return ratePerS(last.writtenBytes - from.writtenBytes, last.atS - from.atS);
  }

  /** Median of the losses between two checks; a check that was late counts like others, by its loss a second. */
  get #lostPerS(): number {
    const losses: number[] = [];
    for (const [index, { atS, freeBytes }] of this.#samples.entries()) {
      const before = this.#samples[index - 1];
      if (before !== undefined) losses.push(ratePerS(before.freeBytes - freeBytes, atS - before.atS));
    }
    if (losses.length < MIN_LOSSES) return 0;
    losses.sort((a, b) => a - b);
    return losses[Math.floor((losses.length - 1) / 2)] ?? 0;
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

function ratePerS(bytes: number, seconds: number): number {
  return seconds > 0 ? Math.max(0, bytes) / seconds : 0;
}
