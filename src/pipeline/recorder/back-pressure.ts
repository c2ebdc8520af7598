import type { FrameRing, RingLimits } from './frame-ring.js';

/** The source is paused at `NEARLY_FULL` and resumed at `HALF_FULL`. */
const NEARLY_FULL = 0.75;
const HALF_FULL = 0.5;

/** Pauses and resumes a source that can wait. Does nothing if the ring drops its oldest frames instead. */
export class BackPressure {
  #isPaused = false;

  constructor(
    private readonly ring: FrameRing,
    private readonly whenFull: RingLimits['whenFull'],
    /** `true`: the ring must not get more frames. `false`: it may get frames again. */
    private readonly onPressure: (mustPause: boolean) => void,
  ) {}

  /** Call this after every change of the ring. `isFed`: whether frames still go into it. */
  update(isFed: boolean): void {
    if (this.whenFull !== 'pauseSource') return;
    const { fill } = this.ring;
    const mustPause = isFed && (this.#isPaused ? fill > HALF_FULL : fill >= NEARLY_FULL);
    if (mustPause === this.#isPaused) return;
    this.#isPaused = mustPause;
    this.onPressure(mustPause);
  }
}
