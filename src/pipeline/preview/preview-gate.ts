/**
 * Spaces previewed frames by the frames' own time. Unlike `FpsGate` it is asked only while a reader waits, so it must not
 * learn the camera's rate from the calls. A frame that is wanted late passes at once, and starts a new grid: nothing is
 * caught up in a burst.
 */
export class PreviewGate {
  readonly #periodMs: number;
  #dueMs = Number.NEGATIVE_INFINITY;

  /** `fps`: maximum frames per second; 0 passes every frame. */
  constructor(fps: number) {
    this.#periodMs = fps > 0 ? 1_000 / fps : 0;
  }

  /** Whether the frame at `timeMs` (on the run's timeline) passes. */
  passes(timeMs: number): boolean {
    if (timeMs < this.#dueMs) return false;
    // On a grid while the readers keep up, so that the mean rate is exact.
    const isOnTime = timeMs - this.#dueMs < this.#periodMs;
    this.#dueMs = (isOnTime ? this.#dueMs : timeMs) + this.#periodMs;
    return true;
  }

  /** Call it when the timeline begins anew. */
  restart(): void {
    this.#dueMs = Number.NEGATIVE_INFINITY;
  }
}
