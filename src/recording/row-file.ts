import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { fileError } from '../core/errors.js';
import { writeParts } from './avi/positional-write.js';

export interface RowFileOptions<Row> {
  /** Path for error messages. */
  readonly path: string;
  /** The first line, with its line break. */
  readonly header: string;
  /** One row as text, with its line break. `index` counts from 1. */
  readonly format: (row: Row, index: number) => string;
  /** Called for each row when it is final. */
  readonly onSettled?: (row: Row) => void;
}

/** A file of rows, when it is final. */
export interface RowFileFacts {
  readonly bytes: number;
  readonly rows: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

const NO_BYTES = Buffer.alloc(0);

/**
 * A file with one row for each frame of a video, and the owner of its descriptor. Rows wait until `flush` writes them.
 * They can be replaced until `settle` confirms that the video's header names their frames, because a failed commit is tried
 * again with fewer frames. What is in a row does not belong here. Calls do not overlap. Rejections are `CsiCamerasError`
 * (`disk_full`, `io_error`).
 */
export class RowFile<Row> {
  readonly #waiting: Row[] = [];
  #settledRows = 0;
  #settledBytes = 0;
  /** What the last flush wrote. */
  #flushed: Buffer = NO_BYTES;
  /** Over the settled rows. Reading the file for it at the end would take longer than an end may: 1 s for 2.6 million rows. */
  readonly #hash = createHash('sha256');
  #isClosed = false;

  /** Takes over the descriptor of a new file and writes the header line. Closes the descriptor if that fails. */
  static async create<Row>(handle: FileHandle, options: RowFileOptions<Row>): Promise<RowFile<Row>> {
    const file = new RowFile(handle, options);
    try {
      await file.#write(options.header);
    } catch (failure) {
      await handle.close().catch(() => undefined); // only the first failure is reported
      throw failure;
    }
    file.settle();
    return file;
  }

  private constructor(
    private readonly handle: FileHandle,
    private readonly options: RowFileOptions<Row>,
  ) {}

  /** Number of rows whose frames the video's header names. */
  get settledRows(): number {
    return this.#settledRows;
  }

  /** The file as it is when `finalize` is done. */
  get facts(): RowFileFacts {
    return { bytes: this.#settledBytes, rows: this.#settledRows, sha256: this.#hash.copy().digest('hex') };
  }

  /** Number of rows that are not settled yet. */
  get waitingRows(): number {
    return this.#waiting.length;
  }

  /** Adds the next row. It waits for `flush`. */
  note(row: Row): void {
    this.#waiting.push(row);
  }

  /** Writes the waiting rows. Overwrites what an earlier attempt wrote of them. */
  async flush(): Promise<void> {
    this.#flushed = NO_BYTES;
    if (this.#waiting.length === 0) return;
    let index = this.#settledRows;
    const rows = this.#waiting.map((row) => this.options.format(row, (index += 1)));
    await this.#write(rows.join(''));
  }

  /** Syncs the file, so that written rows survive a power cut. */
  async sync(): Promise<void> {
    await this.#attempt('sync', this.handle.datasync());
  }

  /** Makes the flushed rows final, because their frames are committed. */
  settle(): void {
    const { onSettled } = this.options;
    if (onSettled !== undefined) for (const row of this.#waiting) onSettled(row);
    this.#settledRows += this.#waiting.length;
    this.#settledBytes += this.#flushed.length;
    this.#hash.update(this.#flushed);
    this.#waiting.length = 0;
    this.#flushed = NO_BYTES;
  }

  /** Removes the newest rows, down to `rows`. Settled rows stay. */
  forgetAfter(rows: number): void {
    this.#waiting.length = Math.max(0, Math.min(this.#waiting.length, rows - this.#settledRows));
    this.#flushed = NO_BYTES; // rows already written do not count any more
  }

  /**
   * Cuts off rows that are not settled and closes the descriptor. `isDurable`: syncs before closing. Does nothing to a
   * file that is closed.
   */
  async finalize(isDurable: boolean): Promise<void> {
    if (this.#isClosed) return;
    await this.#attempt('truncate', this.handle.truncate(this.#settledBytes));
    if (isDurable) await this.sync();
    await this.abandon();
  }

  /** Closes the descriptor and leaves the file as it is. May be called twice. */
  async abandon(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#attempt('close', this.handle.close());
  }

  async #write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const written = await writeParts(this.handle, [bytes], this.#settledBytes);
    if (written.failure !== undefined) throw fileError('write', this.options.path, written.failure);
    this.#flushed = bytes;
  }

  async #attempt(operation: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (failure) {
      throw fileError(operation, this.options.path, failure);
    }
  }
}
