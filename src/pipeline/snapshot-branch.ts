import { type ErrorData, errorWithAdvice, errorDataOf } from '../core/errors.js';
import type { Frame } from '../core/frame.js';
import type { Note, PipelineCommand } from './pipeline-messages.js';

export type SnapshotOrder = Extract<PipelineCommand, { type: 'takeSnapshot' }>;

/** Writes a frame as a picture of its own. The frame must stay as it is until the promise settles. */
export interface SnapshotWriter {
  /**
   * A new JPEG in the session directory. Never overwrites and never leaves that directory, whatever the strings hold.
   * Rejects with `CsiCamerasError`: `invalid_session_dir`, `disk_full`, `io_error`.
   */
  write(
    place: Pick<SnapshotOrder, 'sessionDir' | 'cameraLabel'>,
    frame: Frame,
  ): Promise<{ readonly path: string; readonly bytes: number }>;
}

/** Snapshots asked for or being written at most: each holds a frame's memory while a disk is stuck. */
const MAX_UNANSWERED = 16;

/** A run's snapshots: each is made from the next frame of the stream, and answered once. */
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

  /** Costs nothing where no snapshot is asked for. */
  offer(frame: Frame): void {
    while (this.#waiting.length > 0) {
      const order = this.#waiting.shift();
      if (order === undefined) return;
      frame.retain();
      this.#writing.set(order, this.#write(order, frame));
    }
  }

  /** Resolves when what is being written now is answered. Never rejects. */
  async written(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  /** No more frames come: what waits for one is answered. */
  failWaiting(error: ErrorData): void {
    for (const order of this.#waiting.splice(0)) this.#fail(order, error);
  }

  /** Answers what is still being written too; how that ends is nobody's any more. */
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
