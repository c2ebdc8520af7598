/** Each bin is this much wider than the one below; the middle of a bin is within 1 % of all that is in it. */
const RATIO = 1.015;
const PER_BIN = 1 / Math.log(RATIO);
/** The bins begin at 1 µs and reach beyond a day. What lies outside is counted in the outermost ones. */
const FLOOR_NS = 1_000;
const BINS = 1_700;

/** Least, median and most of steps in nanoseconds. The median is exact to 1 %. A step costs a logarithm and no memory. */
export class StepMeter {
  readonly #bins = new Float64Array(BINS);
  #count = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;

  note(stepNs: number): void {
    if (stepNs < this.#least) this.#least = stepNs;
    if (stepNs > this.#most) this.#most = stepNs;
    const bin = stepNs <= FLOOR_NS ? 0 : Math.min(BINS - 1, Math.floor(Math.log(stepNs / FLOOR_NS) * PER_BIN));
    this.#bins[bin] = (this.#bins[bin] ?? 0) + 1;
    this.#count += 1;
  }

  get least(): number | null {
    return this.#count === 0 ? null : this.#least;
  }

  get most(): number | null {
    return this.#count === 0 ? null : this.#most;
  }

  /** The lower one of two middles. */
  get median(): number | null {
    if (this.#count === 0) return null;
    const middle = Math.ceil(this.#count / 2);
    let seen = 0;
    const bin = this.#bins.findIndex((count) => (seen += count) >= middle);
    const value = Math.round(FLOOR_NS * RATIO ** (bin + 0.5));
    return Math.min(this.#most, Math.max(this.#least, value));
  }
}
