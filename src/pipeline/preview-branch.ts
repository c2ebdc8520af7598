import type { Frame } from '../core/frame.js';
import type { LoadLevel } from '../core/load-level.js';
import { FpsGate } from './fps-gate.js';

/**
 * The latest frame, thinned to the preview's rate, in a slot of one: a new frame takes the place of one that nobody
 * fetched. It is the first thing to be given up under load, so nothing waits for it.
 */
export class PreviewBranch {
  readonly #gate: FpsGate;
  #latest: Frame | null = null;
  #load: LoadLevel = 'normal';
  #isTurnSkipped = false;

  /** `fps`: frames a second at most; 0 for every frame. */
  constructor(
    fps: number,
    private isEnabled: boolean,
  ) {
    this.#gate = new FpsGate(fps);
  }

  /** Whether the frame was put into the slot. */
  offer(frame: Frame, timeMs: number): boolean {
    if (!this.isEnabled || this.#isPaused || !this.#gate.passes(timeMs) || this.#isThinnedOut()) return false;
    frame.retain();
    this.#latest?.release();
    this.#latest = frame;
    return true;
  }

  /** The latest frame, once; its hold passes to the caller. `null` where there is none since the last call. */
  fetch(): Frame | null {
    const frame = this.#latest;
    this.#latest = null;
    return frame;
  }

  enable(isEnabled: boolean): void {
    this.isEnabled = isEnabled;
    if (!isEnabled) this.clear();
  }

  /** `previewThinned` halves the rate; beyond it there is no preview, until the load falls again. */
  setLoadLevel(level: LoadLevel): void {
    this.#load = level;
    if (this.#isPaused) this.clear();
  }

  clear(): void {
    this.fetch()?.release();
  }

  get #isPaused(): boolean {
    return this.#load === 'previewPaused' || this.#load === 'reportingSlowed';
  }

  /** Every second frame, while thinned. */
  #isThinnedOut(): boolean {
    if (this.#load === 'normal') return false;
    this.#isTurnSkipped = !this.#isTurnSkipped;
    return this.#isTurnSkipped;
  }
}
