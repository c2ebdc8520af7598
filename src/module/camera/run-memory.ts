import type { ErrorData } from '../../core/errors.js';
import type { Note, PipelineFigures, RunEvent } from '../../pipeline/pipeline-messages.js';

/** What a camera's runs told last and its state does not hold, for `status()`: figures and the last error. */
export class RunMemory {
  #figures: PipelineFigures | null = null;
  #lastError: ErrorData | null = null;

  /** The present run's. `null` before its first ones. */
  get figures(): PipelineFigures | null {
    return this.#figures;
  }

  /** Why the camera was lost, or could not be opened. `null` while it streams. */
  get lastError(): ErrorData | null {
    return this.#lastError;
  }

  /** A new run counts from zero. It must not show the figures of the old one. */
  beginRun(): void {
    this.#figures = null;
  }

  noteFigures({ figures, run }: Note & { type: 'figures' }, presentRun: number): void {
    if (run === presentRun) this.#figures = figures;
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
