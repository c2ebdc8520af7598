import type { Frame } from '../../core/frame.js';

/** Where a frame lies by the bounds of a take. `after`: the take is over. */
type Place = 'before' | 'within' | 'after';

/**
 * How long a frame that was taken after the start instant may be on its way, besides its frame times, ns. A frame that
 * arrives later than that begins the take whatever its time: the sensor's clock lags, and the take would begin late or never.
 */
const LATEST_NS = 1_000_000_000n;
const LATEST_FRAMES = 4;

/**
 * Which frames of a stream belong to a take: from the first one at or after its start instant, up to the first one at or
 * after its stop instant, which does not belong to it. A frame's time is `timelineNs`. Instants are CLOCK_MONOTONIC,
 * nanoseconds.
 */
export class TakeBounds {
  #hasBegun = false;
  #isOpen = false;
  #stopNs: bigint | null = null;
  readonly #latestNs: bigint;

  /** `fps`: frames per second of the stream. */
  constructor(
    private readonly startNs: bigint,
    fps: number,
  ) {
    this.#latestNs = startNs + LATEST_NS + BigInt(Math.round((LATEST_FRAMES * 1e9) / fps));
  }

  /** Whether the take has begun and no stop instant is known: every frame belongs to it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether a frame of the take came. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The take ends at this instant. Returns whether frames may still come that belong to it. */
  endAt(stopNs: bigint): boolean {
    this.#stopNs ??= stopNs;
    this.#isOpen = false;
    return this.#hasBegun || this.startNs < this.#stopNs;
  }

  /** Places the next frame. It needs no memory. */
  place(frame: Frame): Place {
    const { timelineNs } = frame;
    if (this.#stopNs !== null && timelineNs >= this.#stopNs) return 'after';
    if (!this.#hasBegun && !this.#begins(timelineNs, frame.times.arrivedMonotonicNs)) return 'before';
    this.#hasBegun = true;
    this.#isOpen = this.#stopNs === null;
    return 'within';
  }

  /** No frame was taken later than it arrived, so one that says so begins the take by its arrival. */
  #begins(timelineNs: bigint, arrivedNs: bigint): boolean {
    return arrivedNs >= this.startNs && (timelineNs >= this.startNs || arrivedNs >= this.#latestNs);
  }

  /** From the stop instant to a time, ms; 0 if that is before it, or if there is no stop instant. */
  msAfterStop(timeNs: bigint): number {
    return this.#stopNs === null ? 0 : Math.max(0, Number(timeNs - this.#stopNs) / 1_000_000);
  }
}
