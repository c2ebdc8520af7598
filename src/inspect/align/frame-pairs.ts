/**
 * Which frames of two cameras belong together, and how far apart they are: arithmetic on times alone. Reading files and
 * words for people do not belong here. Times are nanoseconds after one common origin, whole numbers, exact up to 2^53 (104
 * days after it).
 */

/** Told once for each pair, in order of time. */
export type OnPair = (firstNs: number, otherNs: number) => void;

/**
 * Pairs the frames of a first and another camera in one pass over both, in order of time: two frames are a pair if each is
 * the other's nearest and they are at most `toleranceNs` apart. So no frame is in two pairs. Of two that are equally near
 * the earlier one counts. Needs the same memory for any length.
 */
export class FramePairs {
  readonly #last: [firstNs: number, otherNs: number] = [-Infinity, -Infinity];
  /** The camera of the latest frame. */
  #lastCamera: 0 | 1 | undefined;
  /** The earlier frame found its nearest in the later one, which may still find a nearer one. `camera`: the later one's. */
  #candidate: { readonly earlierNs: number; readonly laterNs: number; readonly camera: 0 | 1 } | undefined;

  constructor(
    private readonly toleranceNs: number,
    private readonly onPair: OnPair,
  ) {}

  /** A frame of the first camera (0) or the other one (1). Never earlier than the frame before it, of whichever camera. */
  add(camera: 0 | 1, ns: number): void {
    const partner = camera === 0 ? 1 : 0;
    if (this.#candidate?.camera === partner) this.#settle(ns);
    // Only neighbours in time can be each other's nearest.
    if (this.#lastCamera === partner) {
      const earlierNs = this.#last[partner];
      const apartNs = ns - earlierNs;
      const isNearest = apartNs < earlierNs - this.#last[camera];
      if (isNearest && apartNs <= this.toleranceNs) this.#candidate = { earlierNs, laterNs: ns, camera };
    }
    this.#last[camera] = ns;
    this.#lastCamera = camera;
  }

  /** After the last frame. */
  end(): void {
    this.#settle(Infinity);
  }

  /** `nextNs`: the next frame of the camera that had the earlier frame of the candidate. */
  #settle(nextNs: number): void {
    const candidate = this.#candidate;
    this.#candidate = undefined;
    if (candidate === undefined) return;
    const { earlierNs, laterNs, camera } = candidate;
    if (laterNs - earlierNs > nextNs - laterNs) return;
    if (camera === 0) this.onPair(laterNs, earlierNs);
    else this.onPair(earlierNs, laterNs);
  }
}

/** A cell is half a microsecond wide at 15 frames a second, and half of that at 30. */
const CELLS = 131_072;

/**
 * The distribution of values between -`limit` and `limit`, in a histogram of 131,072 equal cells: half a megabyte for any
 * number of values. A quantile is exact to half a cell.
 */
export class Spread {
  readonly #counts = new Uint32Array(CELLS);
  #count = 0;
  #least = Infinity;
  #most = -Infinity;

  constructor(private readonly limit: number) {}

  get count(): number {
    return this.#count;
  }

  /** The smallest and the largest value, exact. Infinite if there are none. */
  get extremes(): readonly [least: number, most: number] {
    return [this.#least, this.#most];
  }

  /** Width of a cell, in the unit of the values. */
  get resolution(): number {
    return (2 * this.limit) / CELLS;
  }

  add(value: number): void {
    const cell = Math.min(CELLS - 1, Math.max(0, Math.floor((value + this.limit) / this.resolution)));
    this.#counts[cell] = (this.#counts[cell] ?? 0) + 1;
    this.#count += 1;
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
  }

  /** The smallest value that at least this share (0 to 1) of all values does not exceed. NaN if there are none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#count));
    let below = 0;
    for (const [cell, count] of this.#counts.entries()) {
      below += count;
      if (below >= rank) {
        const middle = (cell + 0.5) * this.resolution - this.limit;
        return Math.min(this.#most, Math.max(this.#least, middle));
      }
    }
    return Number.NaN;
  }
}

/** Time from frame to frame: the median of the steps between these times, in order. NaN for fewer than two. */
export function frameTimeNs(times: ArrayLike<number>): number {
  if (times.length < 2) return Number.NaN;
  const steps = new Float64Array(times.length - 1);
  for (let index = 0; index < steps.length; index += 1) steps[index] = (times[index + 1] ?? 0) - (times[index] ?? 0);
  return steps.sort()[Math.floor((steps.length - 1) / 2)] ?? Number.NaN;
}
