/** The schedule of frames, on an absolute time grid. A late frame never delays the frames after it. */

// The sensor timestamp is the start of the readout; the frame is complete one readout later.
const MAX_READOUT_US = 16_000;

/** When frames are. They are numbered from 1. */
export interface Schedule {
  /** Sensor timestamp of a frame, whole microseconds. */
  timestampUs(number: number): number;
  /** Number of the last frame that is complete at `nowUs`; 0 if there is none yet. */
  lastComplete(nowUs: number): number;
  /** Milliseconds from `nowUs` until frame `number` is complete; 0 if it already is. */
  msUntil(number: number, nowUs: number): number;
}

/** From the beginning of a frame until it is complete, microseconds. */
export function readoutUs(periodUs: number): number {
  return Math.min(MAX_READOUT_US, periodUs);
}

export class FrameSchedule implements Schedule {
  readonly #periodUs: number;
  readonly #readoutUs: number;

  /** `originUs`: timestamp of frame 1, microseconds on the monotonic clock. `fps`: frames a second. */
  constructor(
    private readonly originUs: number,
    fps: number,
  ) {
    this.#periodUs = 1_000_000 / fps;
    this.#readoutUs = readoutUs(this.#periodUs);
  }

  timestampUs(number: number): number {
    return this.originUs + Math.round((number - 1) * this.#periodUs);
  }

  lastComplete(nowUs: number): number {
    const sinceFirst = nowUs - this.originUs - this.#readoutUs;
    return sinceFirst < 0 ? 0 : Math.floor(sinceFirst / this.#periodUs) + 1;
  }

  msUntil(number: number, nowUs: number): number {
    return Math.max(0, (this.originUs + this.#readoutUs + (number - 1) * this.#periodUs - nowUs) / 1000);
  }
}

/** Current time on the monotonic clock, microseconds. A double holds it exactly for 285 years of uptime. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

const STEP_MS = 20;

/** Converts monotonic times to wall clock times, and follows when the wall clock is set. */
export class WallClock {
  #offsetUs = Math.round(performance.timeOrigin * 1000 + performance.now() * 1000) - monotonicUs();

  /** Microseconds since 1970, whole. */
  at(monotonicMomentUs: number): number {
    return monotonicMomentUs + this.#offsetUs;
  }

  /** Call it regularly (once a second). A difference beyond 20 ms means that the clock was set. */
  follow(nowUs: number, wallMs: number): void {
    const difference = wallMs * 1000 - (nowUs + this.#offsetUs);
    if (Math.abs(difference) > STEP_MS * 1000) this.#offsetUs += Math.round(difference);
  }
}
