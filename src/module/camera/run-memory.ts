import type { Clock } from '../../core/clock.js';
import type { ErrorData } from '../../core/errors.js';
import type { Note, PipelineFigures, RunEvent } from '../../pipeline/pipeline-messages.js';

/** What a camera's runs told last and its state does not hold, for `status()`: figures and the last error. */
export class RunMemory {
  #figures: PipelineFigures | null = null;
  /** When they came, monotonic clock. */
  #figuresNs = 0n;
  #lastError: ErrorData | null = null;

  /** The present run's. `null` before its first ones. */
  get figures(): PipelineFigures | null {
    return this.#figures;
  }

  /** Why the camera was lost, or could not be opened. `null` while it streams. */
  get lastError(): ErrorData | null {
    return this.#lastError;
  }

  /** Since the figures came, ms. `null` before the first ones. */
  figuresAgeMs(clock: Clock): number | null {
    return this.#figures === null ? null : Number((clock.monotonicNs() - this.#figuresNs) / 1_000_000n);
  }

  /** A new run counts from zero. It must not show the figures of the old one. */
  beginRun(): void {
    this.#figures = null;
  }

  noteFigures({ figures, run }: Note & { type: 'figures' }, presentRun: number, clock: Clock): void {
    if (run !== presentRun) return;
    this.#figures = figures;
    this.#figuresNs = clock.monotonicNs();
  }

  noteEvent(event: RunEvent, presentRun: number): void {
    const isPresent = event.run === presentRun;
    if (event.type === 'firstFrame' && isPresent) this.#lastError = null;
    if (event.type === 'lost' && isPresent) this.#lastError = event.error;
    if (event.type === 'recordingFailed' || event.type === 'recordingStopped') this.#forgetRecording();
  }

  /** Without this, the next take would show the figures of this one until its own arrive. */
  #forgetRecording(): void {
    if (this.#figures !== null) this.#figures = { ...this.#figures, recording: null };
  }
}
