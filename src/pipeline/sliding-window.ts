/** Enough for two seconds at 512 frames a second. At higher rates the window gets shorter; the memory never grows. */
const CAPACITY = 1_024;
const WINDOW_MS = 2_000;
/** If the newest value is older than this, the series has stopped. Otherwise the next value is just not due yet. */
const STALE_MS = 500;
/** A camera slower than one frame in two seconds has its rate by its last interval, until the next frame is overdue. */
const KEPT = 2;
const OVERDUE_INTERVALS = 1.5;

/** The values of the last two seconds, and at least the last two, with their times, in fixed memory. Times are ms on the frames' timeline. */
export class SlidingWindow {
  readonly #times = new Float64Array(CAPACITY);
  readonly #values = new Float64Array(CAPACITY);
  readonly #scratch = new Float64Array(CAPACITY);
  #head = 0;
  #size = 0;

  /** A time before the newest one restarts the series, because the timeline was reset. */
  add(timeMs: number, value = 0): void {
    if (this.#size > 0 && timeMs < this.#timeAt(this.#size - 1)) this.clear();
    if (this.#size === CAPACITY) this.#forgetOldest();
    const slot = (this.#head + this.#size) % CAPACITY;
    this.#times[slot] = timeMs;
    this.#values[slot] = value;
    this.#size += 1;
    this.#forgetBefore(timeMs - WINDOW_MS);
  }

  clear(): void {
    this.#head = 0;
    this.#size = 0;
  }

  /** Values per second up to `nowMs`. */
  rate(nowMs: number): number {
    this.#forgetBefore(nowMs - WINDOW_MS);
    if (this.#size < 2) return 0;
    const newestMs = this.#timeAt(this.#size - 1);
    if (this.#timeAt(this.#size - 2) < nowMs - WINDOW_MS) return this.#slowRate(nowMs);
    const endMs = nowMs - newestMs > STALE_MS ? nowMs : newestMs;
    const spanMs = endMs - this.#timeAt(0);
    return spanMs > 0 ? ((this.#size - 1) * 1_000) / spanMs : 0;
  }

  /** Standard deviation of the intervals between the times, ms. */
  intervalDeviation(nowMs: number): number {
    this.#forgetBefore(nowMs - WINDOW_MS);
    const count = this.#size - 1;
    if (count < 2) return 0;
    const meanMs = (this.#timeAt(count) - this.#timeAt(0)) / count;
    let squares = 0;
    for (let index = 1; index <= count; index += 1) {
      squares += (this.#timeAt(index) - this.#timeAt(index - 1) - meanMs) ** 2;
    }
    return Math.sqrt(squares / count);
  }

  /** Median and maximum of the values, or zeros if there are no values. */
  medianAndMax(nowMs: number): { readonly median: number; readonly max: number } {
    this.#forgetBefore(nowMs - WINDOW_MS);
    let count = 0;
    for (let index = 0; index < this.#size; index += 1) {
      if (this.#timeAt(index) < nowMs - WINDOW_MS) continue;
      this.#scratch[count] = this.#values[(this.#head + index) % CAPACITY] ?? 0;
      count += 1;
    }
    if (count === 0) return { median: 0, max: 0 };
    const sorted = this.#scratch.subarray(0, count).sort();
    return { median: sorted[Math.floor((count - 1) / 2)] ?? 0, max: sorted[count - 1] ?? 0 };
  }

  #slowRate(nowMs: number): number {
    const newestMs = this.#timeAt(this.#size - 1);
    const intervalMs = newestMs - this.#timeAt(this.#size - 2);
    return nowMs - newestMs <= intervalMs * OVERDUE_INTERVALS ? 1_000 / intervalMs : 0;
  }

  #timeAt(index: number): number {
    return this.#times[(this.#head + index) % CAPACITY] ?? 0;
  }

  #forgetBefore(timeMs: number): void {
    while (this.#size > KEPT && this.#timeAt(0) < timeMs) this.#forgetOldest();
  }

  #forgetOldest(): void {
    this.#head = (this.#head + 1) % CAPACITY;
    this.#size -= 1;
  }
}
