import type { Frame } from '../core/frame.js';
import { RESERVE_MS, TimestampOrder, type Verdict } from './timestamp-order.js';

/**
 * A first timestamp this far before its arrival, or after it, is not of the monotonic clock, ns. The longest exposures last
 * minutes.
 */
const MAX_LATENCY_NS = 600_000_000_000n;

/** After a stamp out of order, this many frames go by their arrival. */
const FRAMES_BY_ARRIVAL = 30;

/** `unstamped`: the camera gave no timestamp. */
export type Placing = Verdict | 'unstamped';

/**
 * A run's time, for rates, gates and playing time: never backwards, never a wild jump. It is the sensor's time while the
 * sensor's timestamps are in order. While they are not, it goes on with the arrivals. The files get the frames' own
 * timestamps all the same.
 */
export class FrameTimeline {
  readonly #order = new TimestampOrder();
  /**
   * Monotonic clock at time 0; NaN before the first frame. Times are doubles here: no allocation, and a few nanoseconds off
   * after a year of uptime.
   */
  #originNs = Number.NaN;
  /** From the sensor's time to ours, ms; NaN before the first timestamp. It changes where the sensor's clock was set. */
  #offsetMs = Number.NaN;
  /** From a frame's time to its arrival, ms. */
  #latencyMs = 0;
  #timeMs = 0;
  #framesByArrival = 0;

  /** From the last frame in order to this one, which is in order too; else 0. Milliseconds of the sensor's clock. */
  get stepMs(): number {
    return this.#order.stepMs;
  }

  /** The time of the frame placed last, ms since the run's first frame. */
  get timeMs(): number {
    return this.#timeMs;
  }

  /** Turns a time of the monotonic clock into ms since the run's first frame. */
  timelineMs(monotonicNs: bigint): number {
    return (Number(monotonicNs) - this.#originNs) / 1_000_000;
  }

  /** Gives the run's next frame its time. `expectedMs`: the frame duration, or 0 while it is unknown. */
  place(frame: Frame, expectedMs: number): Placing {
    const { sensorTimestampNs, arrivedMonotonicNs } = frame.times;
    if (Number.isNaN(this.#originNs)) {
      const isOnClock = isOnMonotonicClock(sensorTimestampNs, arrivedMonotonicNs);
      this.#originNs = Number(isOnClock ? sensorTimestampNs : arrivedMonotonicNs);
    }
    const arrivedMs = this.timelineMs(arrivedMonotonicNs);
    if (sensorTimestampNs === 0n) {
      this.#order.pass(arrivedMs);
      this.#goOnByArrival(arrivedMs);
      this.#mark(frame, arrivedMs);
      return 'unstamped';
    }
    const stampMs = this.timelineMs(sensorTimestampNs);
    if (Number.isNaN(this.#offsetMs))
      this.#offsetMs = isOnMonotonicClock(sensorTimestampNs, arrivedMonotonicNs) ? 0 : arrivedMs - stampMs;
    const verdict = this.#order.judge(stampMs, arrivedMs, expectedMs);
    if (verdict === 'disordered') this.#framesByArrival = FRAMES_BY_ARRIVAL;
    if (this.#framesByArrival > 0) {
      this.#goOnByArrival(arrivedMs);
      this.#countDown(stampMs);
    } else {
      this.#timeMs = Math.max(this.#timeMs, stampMs + this.#offsetMs);
      this.#latencyMs = arrivedMs - this.#timeMs;
    }
    this.#mark(frame, stampMs);
    return verdict;
  }

  #goOnByArrival(arrivedMs: number): void {
    this.#timeMs = Math.max(this.#timeMs, arrivedMs - this.#latencyMs);
  }

  /** The sensor's clock counts again when its stamps have been in order for a while. It may have been set meanwhile. */
  #countDown(stampMs: number): void {
    this.#framesByArrival -= 1;
    if (this.#framesByArrival > 0) return;
    const offsetMs = this.#timeMs - stampMs;
    if (Math.abs(offsetMs - this.#offsetMs) > RESERVE_MS) this.#offsetMs = offsetMs;
  }

  /** Tells the frame its time where that is not the one it came with. */
  #mark(frame: Frame, ownMs: number): void {
    if (this.#timeMs === ownMs) return;
    frame.timelineNs = BigInt(Math.round(this.#originNs + this.#timeMs * 1_000_000));
  }
}

function isOnMonotonicClock(stampNs: bigint, arrivedNs: bigint): boolean {
  return stampNs !== 0n && stampNs <= arrivedNs && arrivedNs - stampNs <= MAX_LATENCY_NS;
}
