import { type ErrorData, errorWithAdvice, errorDataOf } from '../core/errors.js';
import type { Frame } from '../core/frame.js';
import type { Note, PipelineCommand } from './pipeline-messages.js';

export type SnapshotOrder = Extract<PipelineCommand, { type: 'takeSnapshot' }>;

/** Writes a frame as a picture file. The frame's bytes must not change until the promise settles. */
export interface SnapshotWriter {
  /**
   * Writes a new JPEG in the session directory. It never overwrites a file and never leaves that directory,
   * whatever the strings contain. Rejects with `CsiCamerasError`: `invalid_session_dir`, `disk_full`, `io_error`.
   */
  write(
    place: Pick<SnapshotOrder, 'sessionDir' | 'cameraLabel'>,
    frame: Frame,
  ): Promise<{ readonly path: string; readonly bytes: number }>;
}

/**
 * Maximum number of snapshots that wait or are being written. Each holds a frame's memory while the disk is stuck.
 */
const MAX_UNANSWERED = 16;

/** A run's snapshots. Each is made from the next frame of the stream, and each is answered once. */
export class SnapshotBranch {
  readonly #waiting: SnapshotOrder[] = [];
  readonly #writing = new Map<SnapshotOrder, Promise<void>>();

  constructor(
    private readonly run: number,
    private readonly writer: SnapshotWriter,
    private readonly emit: (note: Note) => void,
  ) {}

  request(order: SnapshotOrder): void {
    if (this.#waiting.length + this.#writing.size >= MAX_UNANSWERED) {
      this.#fail(order, errorWithAdvice('io_error', 'Too many snapshots are waiting for the disk.').toData());
      return;
    }
    this.#waiting.push(order);
  }

  /** Writes the frame for every snapshot that waits. Costs nothing if none waits. */
  offer(frame: Frame): void {
    while (this.#waiting.length > 0) {
      const order = this.#waiting.shift();
      if (order === undefined) return;
      frame.retain();
      this.#writing.set(order, this.#write(order, frame));
    }
  }

  /** Resolves when the snapshots that are now being written are answered. Never rejects. */
  async written(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  /** Fails the snapshots that wait for a frame. Call it when no more frames come. */
  failWaiting(error: ErrorData): void {
    for (const order of this.#waiting.splice(0)) this.#fail(order, error);
  }

  /** Fails all snapshots, also those being written. The later result of those writes is ignored. */
  failAll(error: ErrorData): void {
    this.failWaiting(error);
    for (const order of this.#writing.keys()) this.#fail(order, error);
    this.#writing.clear();
  }

  async #write(order: SnapshotOrder, frame: Frame): Promise<void> {
    try {
      const { path, bytes } = await this.writer.write(order, frame);
      if (!this.#writing.delete(order)) return;
      this.emit({ type: 'snapshotTaken', run: this.run, request: order.request, path, bytes });
    } catch (thrown) {
      if (!this.#writing.delete(order)) return;
      this.#fail(order, errorDataOf(thrown, 'io_error'));
    } finally {
      frame.release();
    }
  }

  #fail(order: SnapshotOrder, error: ErrorData): void {
    this.emit({ type: 'snapshotFailed', run: this.run, request: order.request, error });
  }
}
