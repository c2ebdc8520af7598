import type { FrameRing, RingLimits } from './frame-ring.js';

/** The fill at which the source is paused, and resumed. */
const NEARLY_FULL = 0.75;
const HALF_FULL = 0.5;

/** Tells a source that can wait when to wait. Does nothing where the ring drops its oldest instead. */
export class BackPressure {
  #isPaused = false;

  constructor(
    private readonly ring: FrameRing,
    private readonly whenFull: RingLimits['whenFull'],
    /** The ring must not be fed; with `false`: it may be again. */
    private readonly onPressure: (mustPause: boolean) => void,
  ) {}

  /** To be called whenever the ring has changed. `isFed`: frames still go into it. */
  update(isFed: boolean): void {
    if (this.whenFull !== 'pauseSource') return;
    const { fill } = this.ring;
    const mustPause = isFed && (this.#isPaused ? fill > HALF_FULL : fill >= NEARLY_FULL);
    if (mustPause === this.#isPaused) return;
    this.#isPaused = mustPause;
    this.onPressure(mustPause);
  }
}
