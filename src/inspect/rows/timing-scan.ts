import { TIMING_HEADER } from '../../recording/timing-csv.js';
import { csvRecord, MAX_RECORD_BYTES } from './csv-record.js';
import { putDigits, putNumber, wordsOf } from './row-numbers.js';

/** Rows that are handed over together. */
export const BATCH_ROWS = 4096;

/** Rows as they were read, in order. The arrays are used again for the next batch. */
export interface RowBatch {
  readonly count: number;
  /** Number of the first one in the file, from 1. */
  readonly firstRow: number;
  /** 1: a row as the recorder writes it. 0: it could not be read (`fault` told why), and its numbers mean nothing. */
  readonly isWhole: Uint8Array;
  readonly sensorNs: BigInt64Array;
  /** `record_time_mono`, nanoseconds. */
  readonly monoNs: BigInt64Array;
  /** `record_time_unix`, microseconds. */
  readonly unixUs: BigInt64Array;
  /** Exact up to 2^53. */
  readonly frameIndex: Float64Array;
  readonly videoPts: Float64Array;
}

/** The columns that are the same in every row. */
export interface RowSubject {
  /** As it is written. */
  readonly trial: string;
  readonly module: string;
  readonly deviceId: string;
  readonly label: string;
}

/** Hears what is in a timing file, in its order. `row` counts from 1; 0 is the header line. */
export interface RowSink {
  rows(batch: RowBatch): void;
  /** The first row's. */
  subject(subject: RowSubject): void;
  /** A row whose first four columns are not those of the first row. */
  strange(row: number, subject: RowSubject): void;
  /** Not as the recorder writes it. A row that cannot be read counts as one all the same; half a row at the end does not. */
  fault(row: number, reason: string): void;
}

const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const POINT = 0x2e;
const MINUS = 0x2d;
const GIGA_DIGITS = 9;
/** Digits of the largest number of 64 bits, without the nine last. */
const HIGH_DIGITS = 10;
const NO_FIELDS = 'it is not made of fields as RFC 4180 has them';
const NO_NUMBER = 'a number that is not written as the recorder writes it';

/**
 * Cuts a timing file into rows, as its bytes come. It holds one batch and the beginning of one row. All rows of a file begin
 * with the same bytes (trial to label), so these are compared and not taken apart: that makes it as fast as the disk.
 */
export class TimingScan {
  #rest: Buffer = Buffer.alloc(0);
  #prefix: Buffer | null = null;
  #subject: RowSubject | null = null;
  #hasHeader = false;
  #row = 0;
  #at = 0;
  readonly #batch = {
    count: 0,
    firstRow: 1,
    isWhole: new Uint8Array(BATCH_ROWS),
    sensorNs: new BigInt64Array(BATCH_ROWS),
    monoNs: new BigInt64Array(BATCH_ROWS),
    unixUs: new BigInt64Array(BATCH_ROWS),
    frameIndex: new Float64Array(BATCH_ROWS),
    videoPts: new Float64Array(BATCH_ROWS),
  };
  readonly #sensorWords = wordsOf(this.#batch.sensorNs);
  readonly #monoWords = wordsOf(this.#batch.monoNs);
  readonly #unixWords = wordsOf(this.#batch.unixUs);

  constructor(private readonly sink: RowSink) {}

  /** Rows so far. */
  get count(): number {
    return this.#row;
  }

  /** The bytes may be used again after the call. */
  push(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const read = this.#readAll(all);
    this.#rest = Buffer.from(all.subarray(read));
  }

  /** The file ends here. */
  end(): void {
    if (!this.#hasHeader) this.#endInHeader();
    else if (this.#rest.length > 0) this.#endInRow();
    this.#handOver();
  }

  #endInHeader(): void {
    this.#hasHeader = true;
    this.sink.fault(0, this.#rest.length === 0 ? 'the file is empty' : 'the file ends within its header line');
  }

  #endInRow(): void {
    // A quote that is never closed has taken all rows behind it with it.
    for (let end = this.#rest.indexOf(LINE_FEED); end !== -1; end = this.#rest.indexOf(LINE_FEED)) {
      this.#spoil(NO_FIELDS, end + 1);
      const rest = this.#rest.subarray(end + 1);
      this.#rest = rest.subarray(this.#readAll(rest));
    }
    if (this.#rest.length === 0) return;
    const completed = Buffer.concat([this.#rest, Buffer.from('\n')]);
    const record = csvRecord(completed, 0, completed.length);
    const row = this.#row + 1;
    if (typeof record === 'object' && record.fields.length === 9) this.#readRow(completed, 0, completed.length);
    this.sink.fault(row, 'the file ends without a line end');
  }

  /** Returns how many bytes were read: all but the beginning of a row. */
  #readAll(bytes: Buffer): number {
    let at = 0;
    if (!this.#hasHeader) {
      at = this.#readHeader(bytes);
      if (at === -1) return 0;
    }
    while (at < bytes.length) {
      const next = this.#readRow(bytes, at, bytes.length);
      if (next === 0) break;
      at = next;
    }
    return at;
  }

  /** Returns the position behind it; -1: it is not all here. */
  #readHeader(bytes: Buffer): number {
    if (bytes.length < TIMING_HEADER.length && !bytes.includes(LINE_FEED)) return -1;
    this.#hasHeader = true;
    if (bytes.toString('latin1', 0, TIMING_HEADER.length) === TIMING_HEADER) return TIMING_HEADER.length;
    this.sink.fault(0, headerFault(bytes));
    const end = bytes.indexOf(LINE_FEED);
    return end === -1 || end > MAX_RECORD_BYTES ? 0 : end + 1;
  }

  /** Returns the position behind the row; 0: it is not all here. */
  #readRow(bytes: Buffer, at: number, end: number): number {
    const prefix = this.#prefix;
    if (prefix !== null && hasPrefix(bytes, at, end, prefix)) {
      const next = this.#readNumbers(bytes, at + prefix.length, end);
      if (next > 0) {
        this.#add(true);
        return next;
      }
    }
    return this.#readSlowly(bytes, at, end);
  }

  /** A row that is the first one, not whole, of another subject, or wrong. */
  #readSlowly(bytes: Buffer, at: number, end: number): number {
    const record = csvRecord(bytes, at, end);
    if (record === 'partial') return 0;
    if (record === 'wrong') {
      const lineEnd = bytes.indexOf(LINE_FEED, at);
      if (lineEnd === -1 && end - at < MAX_RECORD_BYTES) return 0;
      return this.#spoil(NO_FIELDS, lineEnd === -1 ? end : lineEnd + 1);
    }
    const { fields } = record;
    if (record.end === at + 1) {
      this.sink.fault(this.#row + 1, 'there is an empty line before it');
      return record.end;
    }
    if (fields.length !== 9) {
      // A quote that opens by mistake may have taken rows behind this one with it.
      const lineEnd = bytes.indexOf(LINE_FEED, at) + 1;
      return this.#spoil(`it has ${fields.length} field${fields.length === 1 ? '' : 's'} instead of nine`, lineEnd);
    }
    const [trial = '', module = '', deviceId = '', label = ''] = fields;
    const numbersAt = record.end - 1 - numbersLength(fields);
    if (this.#readNumbers(bytes, numbersAt, end) !== record.end) return this.#spoil(NO_NUMBER, record.end);
    this.#add(true);
    const subject = { trial, module, deviceId, label };
    if (this.#subject === null) {
      this.#subject = subject;
      this.#prefix = Buffer.from(bytes.subarray(at, numbersAt));
      this.sink.subject(subject);
      return record.end;
    }
    this.sink.strange(this.#row, subject);
    return record.end;
  }

  #spoil(reason: string, next: number): number {
    this.#add(false);
    this.sink.fault(this.#row, reason);
    return next;
  }

  /** Reads the five numbers into the batch's next place. Returns the position behind the line; 0: that is not what is there. */
  #readNumbers(bytes: Buffer, at: number, end: number): number {
    const { count, frameIndex, videoPts } = this.#batch;
    this.#at = at;
    if (!this.#readUnix(bytes, end, count) || !this.#readMono(bytes, end, count)) return 0;
    frameIndex[count] = this.#digits(bytes, end, COMMA);
    if (!this.#readSensor(bytes, end, count)) return 0;
    videoPts[count] = this.#digits(bytes, end, LINE_FEED);
    return this.#at;
  }

  #readUnix(bytes: Buffer, end: number, count: number): boolean {
    const isNegative = this.#sign(bytes);
    const from = this.#at;
    const seconds = this.#digits(bytes, end, POINT);
    const rest = this.#digits(bytes, end, COMMA);
    const digits = this.#length;
    if (this.#at === 0 || digits !== 6) return false;
    const us = seconds * 1_000_000 + rest;
    if (us <= Number.MAX_SAFE_INTEGER)
      return putNumber(this.#unixWords, count, Math.floor(us / 1e9), us % 1e9, isNegative);
    return putDigits(this.#batch.unixUs, count, this.#slowDigits(bytes, from, isNegative));
  }

  #readMono(bytes: Buffer, end: number, count: number): boolean {
    const isNegative = this.#sign(bytes);
    const seconds = this.#digits(bytes, end, POINT);
    const secondsDigits = this.#length;
    const rest = this.#digits(bytes, end, COMMA);
    const digits = this.#length;
    if (this.#at === 0 || digits !== GIGA_DIGITS || secondsDigits > HIGH_DIGITS) return false;
    return putNumber(this.#monoWords, count, seconds, rest, isNegative);
  }

  #readSensor(bytes: Buffer, end: number, count: number): boolean {
    if (this.#at === 0) return false;
    const isNegative = this.#sign(bytes);
    const from = this.#at;
    const whole = this.#digits(bytes, end, COMMA);
    const digits = this.#length;
    if (this.#at === 0) return false;
    if (digits <= 15) return putNumber(this.#sensorWords, count, Math.floor(whole / 1e9), whole % 1e9, isNegative);
    if (digits > HIGH_DIGITS + GIGA_DIGITS) return false;
    const border = this.#at - 1 - GIGA_DIGITS;
    const high = valueOf(bytes, from, border);
    return putNumber(this.#sensorWords, count, high, valueOf(bytes, border, this.#at - 1), isNegative);
  }

  /** Digits that were read last. */
  #length = 0;

  /** Reads digits up to `stop`, and goes behind it. `#at` is 0 afterwards where there is something else, or nothing. */
  #digits(bytes: Buffer, end: number, stop: number): number {
    if (this.#at === 0) return 0;
    const from = this.#at;
    let value = 0;
    let at = from;
    for (; at < end; at += 1) {
      const digit = (bytes[at] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    this.#length = at - from;
    this.#at = at < end && at > from && bytes[at] === stop ? at + 1 : 0;
    return value;
  }

  #sign(bytes: Buffer): boolean {
    if (this.#at === 0 || bytes[this.#at] !== MINUS) return false;
    this.#at += 1;
    return true;
  }

  /** The microseconds of a wall clock that is set thousands of years ahead. */
  #slowDigits(bytes: Buffer, from: number, isNegative: boolean): string {
    const digits = bytes.toString('latin1', from, Math.min(this.#at - 1, from + 40)).replace('.', '');
    return `${isNegative ? '-' : ''}${digits}`;
  }

  #add(isWhole: boolean): void {
    this.#row += 1;
    this.#batch.isWhole[this.#batch.count] = isWhole ? 1 : 0;
    this.#batch.count += 1;
    if (this.#batch.count === BATCH_ROWS) this.#handOver();
  }

  #handOver(): void {
    if (this.#batch.count === 0) return;
    this.sink.rows(this.#batch);
    this.#batch.firstRow += this.#batch.count;
    this.#batch.count = 0;
  }
}

function hasPrefix(bytes: Buffer, at: number, end: number, prefix: Buffer): boolean {
  return end - at >= prefix.length && bytes.compare(prefix, 0, prefix.length, at, at + prefix.length) === 0;
}

function valueOf(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + (bytes[at] ?? 0) - 0x30;
  return value;
}

/** Bytes of the last five fields with the commas between them. Digits, points and signs are one byte each. */
function numbersLength(fields: readonly string[]): number {
  const numbers = fields.slice(4);
  return numbers.reduce((sum, field) => sum + Buffer.byteLength(field), 0) + numbers.length - 1;
}

function headerFault(bytes: Buffer): string {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return 'the file begins with a byte order mark: another program has saved it';
  const line = bytes.toString('latin1', 0, TIMING_HEADER.length + 2);
  if (line.startsWith(TIMING_HEADER.replace('\n', '\r\n')))
    return 'its lines end with CR and LF: another program has saved it';
  return 'its header line is not the one of a timing file';
}
