import type { Frame } from '../core/frame.js';
import type { LoadLevel } from '../core/load-level.js';
import { FpsGate } from './fps-gate.js';

/**
 * Holds the latest frame, at the preview's rate. A new frame replaces one that was not fetched. The preview is the
 * first thing given up under load, so nothing may wait for it.
 */
export class PreviewBranch {
  readonly #gate: FpsGate;
  #latest: Frame | null = null;
  #load: LoadLevel = 'normal';
  #isTurnSkipped = false;

  /** `fps`: maximum frames per second; 0 for every frame. */
  constructor(
    fps: number,
    private isEnabled: boolean,
  ) {
    this.#gate = new FpsGate(fps);
  }

  /** Offers a frame. Returns whether it became the latest preview frame. */
  offer(frame: Frame, timeMs: number): boolean {
    if (!this.isEnabled || this.#isPaused || !this.#gate.passes(timeMs) || this.#isThinnedOut()) return false;
    frame.retain();
    this.#latest?.release();
    this.#latest = frame;
    return true;
  }

  /** The latest frame, or `null` if there is no new one since the last call. The caller releases it. */
  fetch(): Frame | null {
    const frame = this.#latest;
    this.#latest = null;
    return frame;
  }

  enable(isEnabled: boolean): void {
    this.isEnabled = isEnabled;
    if (!isEnabled) this.clear();
  }

  /** `previewThinned` halves the rate. At higher levels there is no preview until the load falls again. */
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

  /** True for every second frame while the preview is thinned. */
  #isThinnedOut(): boolean {
    if (this.#load === 'normal') return false;
    this.#isTurnSkipped = !this.#isTurnSkipped;
    return this.#isTurnSkipped;
  }
}
