import { stat } from 'node:fs/promises';
import { openToInspect } from '../open-file.js';
import { type RowBatch, type RowSink, type RowSubject, TimingScan } from './timing-scan.js';

/** All rows of a timing file in typed arrays: some 60 MB for 2.6 million rows. Row k of the file is index k - 1. */
export interface TimingRows {
  readonly count: number;
  readonly trial: number;
  readonly deviceId: string;
  readonly label: string;
  readonly sensorNs: BigInt64Array;
  /** `record_time_mono`, nanoseconds. */
  readonly monoNs: BigInt64Array;
  /** `record_time_unix`, microseconds. */
  readonly unixUs: BigInt64Array;
}

/** A timing file that is not as the recorder writes it. `csi-cameras verify` says all that is wrong with it. */
export class TimingRowsError extends Error {
  override readonly name = 'TimingRowsError';
  constructor(
    readonly path: string,
    /** From 1; 0: the header line, or the file as a whole. */
    readonly row: number,
    readonly reason: string,
  ) {
    super(`${path}${row === 0 ? '' : `, row ${row}`}: ${reason}.`);
  }
}

/** Read at once, bytes. */
const READ_BYTES = 256 * 1024;
/** The shortest rows of ours have so many. */
const LEAST_ROW_BYTES = 44;
/** Rows that no file of ours has. */
const MOST_AT_ONCE = 2 ** 25;

/**
 * Reads a timing file in bounded memory. `mayGoOn` is asked before each block: `false` ends the reading early, without
 * `scan.end()`. `onBytes` has each block first. Rejects with `NotReadable` where the file cannot be read.
 */
export async function scanTimingFile(
  path: string,
  scan: TimingScan,
  mayGoOn: () => boolean = () => true,
  onBytes: (bytes: Buffer) => void = () => {},
): Promise<void> {
  const file = await openToInspect(path);
  try {
    const block = Buffer.allocUnsafe(READ_BYTES);
    while (mayGoOn()) {
      const { bytesRead } = await file.read(block, 0, block.length);
      if (bytesRead === 0) {
        scan.end();
        return;
      }
      const bytes = block.subarray(0, bytesRead);
      onBytes(bytes);
      scan.push(bytes);
    }
  } finally {
    await file.close();
  }
}

/**
 * All rows of a timing file. `most`: rows behind so many are not read, whatever they are; for a recording that was left open,
 * which may have spare rows, it is the number of the video's frames. Rejects with `TimingRowsError` where a row is not as the
 * recorder writes it, and with `NotReadable` where the file cannot be read.
 */
export async function readTimingRows(path: string, most = Number.POSITIVE_INFINITY): Promise<TimingRows> {
  const fileBytes = await stat(path).then(
    ({ size }) => size,
    () => 0, // why, is told by who opens it
  );
  const rows = Math.min(most, MOST_AT_ONCE, Math.ceil(fileBytes / LEAST_ROW_BYTES));
  const gathering = new Gathering(path, most, rows);
  await scanTimingFile(path, new TimingScan(gathering), () => gathering.wantsMore);
  return gathering.rowsRead();
}

class Gathering implements RowSink {
  #count = 0;
  #subject: RowSubject | null = null;
  #wrong: TimingRowsError | null = null;
  #sensorNs: BigInt64Array;
  #monoNs: BigInt64Array;
  #unixUs: BigInt64Array;

  /** `expected` rows at most: nothing is copied then, and what is not written takes no memory. */
  constructor(
    private readonly path: string,
    private readonly most: number,
    expected: number,
  ) {
    this.#sensorNs = new BigInt64Array(expected);
    this.#monoNs = new BigInt64Array(expected);
    this.#unixUs = new BigInt64Array(expected);
  }

  get wantsMore(): boolean {
    return this.#wrong === null && this.#count < this.most;
  }

  rows(batch: RowBatch): void {
    if (!this.wantsMore) return;
    const count = Math.min(batch.count, this.most - this.#count);
    this.#makeRoom(this.#count + count);
    this.#sensorNs.set(batch.sensorNs.subarray(0, count), this.#count);
    this.#monoNs.set(batch.monoNs.subarray(0, count), this.#count);
    this.#unixUs.set(batch.unixUs.subarray(0, count), this.#count);
    for (let index = 0; index < count; index += 1) {
      const row = batch.firstRow + index;
      if (batch.frameIndex[index] === row && batch.videoPts[index] === row) continue;
      this.fault(row, `frame_index and video_pts are not ${row}`);
    }
    this.#count += count;
  }

  subject(subject: RowSubject): void {
    this.#subject = subject;
  }

  strange(row: number): void {
    this.fault(row, 'its trial, module, device or label is not that of the first row');
  }

  fault(row: number, reason: string): void {
    if (row <= this.most) this.#wrong ??= new TimingRowsError(this.path, row, reason);
  }

  rowsRead(): TimingRows {
    if (this.#wrong !== null) throw this.#wrong;
    const { trial = '', deviceId = '', label = '' } = this.#subject ?? {};
    const count = this.#count;
    return {
      count,
      trial: Number(trial),
      deviceId,
      label,
      sensorNs: this.#sensorNs.subarray(0, count),
      monoNs: this.#monoNs.subarray(0, count),
      unixUs: this.#unixUs.subarray(0, count),
    };
  }

  #makeRoom(rows: number): void {
    if (rows <= this.#sensorNs.length) return;
    const capacity = Math.max(rows, Math.ceil(this.#sensorNs.length * 1.5));
    this.#sensorNs = grown(this.#sensorNs, capacity);
    this.#monoNs = grown(this.#monoNs, capacity);
    this.#unixUs = grown(this.#unixUs, capacity);
  }
}

function grown(numbers: BigInt64Array, capacity: number): BigInt64Array {
  const larger = new BigInt64Array(capacity);
  larger.set(numbers);
  return larger;
}
