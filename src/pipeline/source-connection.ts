import type { CameraSource, CameraStream, CaptureRequest, SourceListener } from '../capture/camera-source.js';
import type { Clock } from '../core/clock.js';
import { msUntil, withinUntil } from '../core/deadline.js';
import { type ErrorData, errorDataOf } from '../core/errors.js';
import { TIMED_OUT, within } from '../core/within.js';

/** Time to close a stream that opened only after `close` had stopped waiting for it. */
const LATE_CLOSE_LIMIT_MS = 3_000;

/** One stream of the source. It is opened once and closed once, even if `close` comes before the stream is open. */
export class SourceConnection {
  readonly #abort = new AbortController();
  #opened: Promise<CameraStream | null> = Promise.resolve(null);
  #stream: CameraStream | null = null;
  #isPaused = false;
  /** Asked for before the stream was open, which its first frames may come before. */
  #framesAtOnce = 0;

  constructor(
    private readonly source: CameraSource,
    private readonly clock: Clock,
    private readonly onTrouble: (message: string, error: ErrorData) => void,
  ) {}

  /** `onRefused`: the stream could not be opened. It is not called after `close`. */
  open(request: CaptureRequest, listener: SourceListener, onRefused: (error: ErrorData) => void): void {
    this.#opened = this.#open(request, listener, onRefused);
  }

  /** Pauses a source that can wait, or resumes it. Takes effect as soon as the stream is open. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (isPaused) this.#stream?.pause();
    else this.#stream?.resume();
  }

  /** Hands over the frames of everything that was read, and the next `frames` at once (`CameraStream.catchUp`). */
  catchUp(frames = 0): void {
    if (this.#stream === null) this.#framesAtOnce = Math.max(this.#framesAtOnce, frames);
    else this.#stream.catchUp?.(frames);
  }

  /**
   * Cancels the opening, or closes the stream. Resolves with whether the camera's port is free, at `untilNs` at the
   * latest. Never rejects.
   */
  async close(untilNs: bigint): Promise<boolean> {
    this.#abort.abort(new Error('The camera is being closed.'));
    const stream = await withinUntil(this.clock, untilNs, this.#opened);
    if (stream === null) return true;
    if (stream === TIMED_OUT) {
      // The source ignored the abort. Its stream must still be closed if it opens later.
      void this.#closeLate(); // never rejects
      return false;
    }
    const limitMs = msUntil(this.clock, untilNs);
    const portReleased = await within(this.clock, limitMs, this.#closeStream(stream, limitMs));
    return portReleased === TIMED_OUT ? false : portReleased;
  }

  async #open(
    request: CaptureRequest,
    listener: SourceListener,
    onRefused: (error: ErrorData) => void,
  ): Promise<CameraStream | null> {
    try {
      const stream = await this.source.open(request, listener, this.#abort.signal);
      this.#stream = stream;
      if (this.#isPaused) stream.pause();
      if (this.#framesAtOnce > 0) stream.catchUp?.(this.#framesAtOnce);
      return stream;
    } catch (thrown) {
      if (!this.#abort.signal.aborted) onRefused(errorDataOf(thrown, 'capture_failed'));
      return null;
    }
  }

  async #closeStream(stream: CameraStream, limitMs: number): Promise<boolean> {
    try {
      const { portReleased } = await stream.close(limitMs);
      return portReleased;
    } catch (thrown) {
      this.onTrouble('The camera could not be closed.', errorDataOf(thrown, 'capture_failed'));
      return false;
    }
  }

  async #closeLate(): Promise<void> {
    const stream = await this.#opened;
    if (stream !== null) await this.#closeStream(stream, LATE_CLOSE_LIMIT_MS);
  }
}
