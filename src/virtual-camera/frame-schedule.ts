/** When frames are due, on an absolute grid: no delay of ours ever shifts the frames behind it. */

// The sensor's timestamp is the start of the readout; the frame is complete a readout later.
const MAX_READOUT_US = 16_000;

export class FrameSchedule {
  readonly #periodUs: number;
  readonly #readoutUs: number;

  /** `originUs`: timestamp of frame 1, microseconds on the monotonic clock. `fps`: frames a second. */
  constructor(
    private readonly originUs: number,
    fps: number,
  ) {
    this.#periodUs = 1_000_000 / fps;
    this.#readoutUs = Math.min(MAX_READOUT_US, this.#periodUs);
  }

  /** Sensor timestamp of a frame (numbered from 1), whole microseconds. */
  timestampUs(number: number): number {
    return this.originUs + Math.round((number - 1) * this.#periodUs);
  }

  /** Number of the last frame that is complete at `nowUs`, 0 where there is none yet. */
  lastComplete(nowUs: number): number {
    const sinceFirst = nowUs - this.originUs - this.#readoutUs;
    return sinceFirst < 0 ? 0 : Math.floor(sinceFirst / this.#periodUs) + 1;
  }

  /** Milliseconds from `nowUs` until frame `number` is complete, 0 where it is already. */
  msUntil(number: number, nowUs: number): number {
    return Math.max(0, (this.originUs + this.#readoutUs + (number - 1) * this.#periodUs - nowUs) / 1000);
  }
}

/** Now on the monotonic clock, microseconds: exact in a double for 285 years of uptime. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

const STEP_MS = 20;

/** Tells the wall clock of a moment on the monotonic clock, and follows when somebody sets the wall clock. */
export class WallClock {
  #offsetUs = Math.round(performance.timeOrigin * 1000 + performance.now() * 1000) - monotonicUs();

  /** Microseconds since 1970, whole. */
  at(monotonicMomentUs: number): number {
    return monotonicMomentUs + this.#offsetUs;
  }

  /** To be called now and then (once a second): a difference beyond 20 ms is a clock that was set. */
  follow(nowUs: number, wallMs: number): void {
    const difference = wallMs * 1000 - (nowUs + this.#offsetUs);
    if (Math.abs(difference) > STEP_MS * 1000) this.#offsetUs += Math.round(difference);
  }
}
