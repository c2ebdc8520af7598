import type { FileHandle } from 'node:fs/promises';
import { fileError } from '../core/errors.js';
import type { FrameTimes } from '../core/frame.js';
import { writeParts } from './avi/positional-write.js';

/** The first line of every timing file, byte for byte. */
export const TIMING_HEADER =
  'trial,module,device_id,label,record_time_unix,record_time_mono,frame_index,sensor_timestamp_ns,video_pts\n';

const MODULE_NAME = 'CSICameras';

/** The values that are the same in every row of a take. */
export interface TimingSubject {
  readonly trialNumber: number;
  readonly deviceId: string;
  readonly trialLabel: string;
}

/** The columns before the times, including their commas. */
export function rowPrefix(subject: TimingSubject): string {
  return `${subject.trialNumber},${MODULE_NAME},${csvField(subject.deviceId)},${csvField(subject.trialLabel)},`;
}

/**
 * One row. `index` counts from 1. Times are formatted from integers, because nanoseconds do not fit into a double.
 */
export function timingRow(prefix: string, times: FrameTimes, index: number): string {
  const unix = decimal(times.wallClockUs, 6);
  const mono = decimal(times.arrivedMonotonicNs, 9);
  return `${prefix}${unix},${mono},${index},${times.sensorTimestampNs},${index}\n`;
}

/**
 * A text field by RFC 4180: quoted if it contains a comma, a quote or a line break. Other control characters become
 * U+FFFD, because common readers stop at NUL and a terminal obeys some of the others.
 */
export function csvField(text: string): string {
  const clean = text.replaceAll(/[^\P{Cc}\t\n\r]/gu, '\uFFFD');
  return /[",\n\r]/.test(clean) ? `"${clean.replaceAll('"', '""')}"` : clean;
}

/** `value` units of 10^-digits as a decimal number with exactly that many digits after the point. */
function decimal(value: bigint, digits: number): string {
  const sign = value < 0n ? '-' : '';
  const text = (value < 0n ? -value : value).toString().padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

export interface TimingCsvOptions {
  /** Path for error messages. */
  readonly path: string;
  readonly subject: TimingSubject;
}

/**
 * The timing file, and the owner of its descriptor. Rows wait until `flush` writes them. They can be replaced until
 * `settle` confirms that the video's header names their frames, because a failed commit is tried again with fewer
 * frames. Calls do not overlap. Rejections are `CsiCamerasError` (`disk_full`, `io_error`).
 */
export class TimingCsv {
  readonly #prefix: string;
  readonly #waiting: FrameTimes[] = [];
  #settledRows = 0;
  #settledBytes = 0;
  #flushedBytes = 0;
  #isClosed = false;

  /** Takes over the descriptor of a new file and writes the header line. Closes the descriptor if that fails. */
  static async create(handle: FileHandle, options: TimingCsvOptions): Promise<TimingCsv> {
    const file = new TimingCsv(handle, options);
    try {
      await file.#write(TIMING_HEADER);
    } catch (failure) {
      await handle.close().catch(() => undefined); // only the first failure is reported
      throw failure;
    }
    file.settle();
    return file;
  }

  private constructor(
    private readonly handle: FileHandle,
    private readonly options: TimingCsvOptions,
  ) {
    this.#prefix = rowPrefix(options.subject);
  }

  /** Number of rows whose frames the video's header names. */
  get settledRows(): number {
    return this.#settledRows;
  }

  /** Number of rows that are not settled yet. */
  get waitingRows(): number {
    return this.#waiting.length;
  }

  /** Adds the next row. It waits for `flush`. */
  note(times: FrameTimes): void {
    this.#waiting.push(times);
  }

  /** Writes the waiting rows. Overwrites what an earlier attempt wrote of them. */
  async flush(): Promise<void> {
    this.#flushedBytes = 0;
    if (this.#waiting.length === 0) return;
    let index = this.#settledRows;
    const rows = this.#waiting.map((times) => timingRow(this.#prefix, times, (index += 1)));
    await this.#write(rows.join(''));
  }

  /** Syncs the file, so that written rows survive a power cut. */
  async sync(): Promise<void> {
    await this.#attempt('sync', this.handle.datasync());
  }

  /** Makes the flushed rows final, because their frames are committed. */
  settle(): void {
    this.#settledRows += this.#waiting.length;
    this.#settledBytes += this.#flushedBytes;
    this.#waiting.length = 0;
    this.#flushedBytes = 0;
  }

  /** Removes the newest rows, down to `rows`. Settled rows stay. */
  forgetAfter(rows: number): void {
    this.#waiting.length = Math.max(0, Math.min(this.#waiting.length, rows - this.#settledRows));
    this.#flushedBytes = 0; // rows already written do not count any more
  }

  /** Cuts off rows that are not settled and closes the descriptor. `isDurable`: syncs before closing. */
  async finalize(isDurable: boolean): Promise<void> {
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
    this.#flushedBytes = bytes.length;
  }

  async #attempt(operation: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (failure) {
      throw fileError(operation, this.options.path, failure);
    }
  }
}
