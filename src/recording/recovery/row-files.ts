import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { NotAsWritten, readAt } from '../avi/avi-reader.js';
import type { InfoTimes } from '../info/info-file.js';
import type { RowTimesFacts } from '../info/row-times.js';
import { StepMeter } from '../info/step-meter.js';
import type { RowFileFacts } from '../row-file.js';
import { TIMING_HEADER, type TimingSubject } from '../timing-csv.js';
import { MAX_PREFIX_BYTES, prefixOf } from './left-open-timing.js';

/**
 * What the info file tells of closed files of rows, read from front to back. There may be millions of rows and a recording beside
 * this: so they are read in small blocks, whoever else has something to do comes in between, and no row becomes an object.
 */

/** Some 700 rows: less than a millisecond of work. */
const BLOCK_BYTES = 2 ** 16;
const [LINE_BREAK, COMMA, ZERO, NINE] = [0x0a, 0x2c, 0x30, 0x39];
const NS_PER_S = 1_000_000_000;
/** Digits of a time in nanoseconds that count parts of a second. */
const NS_DIGITS = 9;

interface TimingFacts {
  readonly subject: TimingSubject;
  readonly file: RowFileFacts;
  readonly times: RowTimesFacts;
}

/** Rejects with `NotAsWritten` where a row is not what this module writes, or the file does not end with a row. */
export async function readTimingFacts(handle: FileHandle): Promise<TimingFacts> {
  const start = await readAt(handle, 0, TIMING_HEADER.length + MAX_PREFIX_BYTES);
  const prefix = prefixOf(start.subarray(TIMING_HEADER.length));
  const isOurs = start.toString('latin1', 0, TIMING_HEADER.length) === TIMING_HEADER;
  if (!isOurs || prefix === undefined) throw new NotAsWritten('its timing file has no row');
  const rows = new TimingRows(prefix);
  const file = await readLines(handle, (bytes, from) => rows.take(bytes, from));
  if (rows.count !== file.rows) throw new NotAsWritten('its timing file does not end with a row');
  return { subject: subjectOf(prefix), file, times: rows.times };
}

/** Size, rows and digest of a file in which a row is a line. */
export async function readRowFileFacts(handle: FileHandle): Promise<RowFileFacts> {
  return readLines(handle, (bytes, from) => {
    const end = bytes.indexOf(LINE_BREAK, from);
    return end === -1 ? undefined : end + 1;
  });
}

/**
 * `take` is called for each row behind the header with the place where it begins, and returns the place behind it, or
 * `undefined` while the row is not complete.
 */
async function readLines(
  handle: FileHandle,
  take: (bytes: Buffer, from: number) => number | undefined,
): Promise<RowFileFacts> {
  const hash = createHash('sha256');
  let [bytes, rows] = [0, 0];
  let isHeader = true;
  let rest = Buffer.alloc(0);
  for (;;) {
    const block = await readAt(handle, bytes, BLOCK_BYTES);
    if (block.length === 0) break;
    hash.update(block);
    bytes += block.length;
    const waiting = Buffer.concat([rest, block]);
    let at = 0;
    if (isHeader) {
      at = waiting.indexOf(LINE_BREAK) + 1;
      isHeader = at === 0;
    }
    for (let end = isHeader ? undefined : take(waiting, at); end !== undefined; end = take(waiting, at)) {
      at = end;
      rows += 1;
    }
    rest = Buffer.from(waiting.subarray(at));
    if (rest.length > 2 * MAX_PREFIX_BYTES) throw new NotAsWritten('a row of its files has no end');
  }
  if (rest.length > 0) throw new NotAsWritten('a file of its rows ends within a row');
  return { bytes, rows, sha256: hash.digest('hex') };
}

/** The rows of a timing file, one after another. All begin with the same columns, in which there may be line breaks. */
class TimingRows {
  count = 0;
  #first: InfoTimes | null = null;
  /** The columns of times of the newest row. */
  #last = '';
  #sensorS = 0;
  #sensorNs = 0;
  #hasSensorTime = false;
  readonly #steps = new StepMeter();

  constructor(private readonly prefix: Buffer) {}

  take(bytes: Buffer, from: number): number | undefined {
    const start = from + this.prefix.length;
    const end = start < bytes.length ? bytes.indexOf(LINE_BREAK, start) : -1;
    if (end === -1) return undefined;
    const isOurs = this.prefix.compare(bytes, from, start) === 0;
    if (!isOurs || !this.#note(bytes, start, end))
      throw new NotAsWritten(`row ${this.count + 1} is not one of its rows`);
    return end + 1;
  }

  get times(): RowTimesFacts {
    const last = this.count === 0 ? null : timesIn(this.#last);
    return {
      first: this.#first,
      last,
      hasSensorTime: this.#hasSensorTime,
      wallMinusMonoStartNs: this.#first && wallMinusMono(this.#first),
      wallMinusMonoEndNs: last && wallMinusMono(last),
      leastNs: this.#steps.least,
      medianNs: this.#steps.median,
      mostNs: this.#steps.most,
    };
  }

  /** record_time_unix, record_time_mono, frame_index, sensor_timestamp_ns, video_pts. Returns whether they are. */
  #note(bytes: Buffer, start: number, end: number): boolean {
    const monoAt = bytes.indexOf(COMMA, start) + 1;
    const indexAt = bytes.indexOf(COMMA, monoAt) + 1;
    const sensorAt = bytes.indexOf(COMMA, indexAt) + 1;
    const ptsAt = bytes.indexOf(COMMA, sensorAt) + 1;
    if (ptsAt === 0 || ptsAt > end || numberIn(bytes, indexAt, sensorAt - 1) !== this.count + 1) return false;
    if (!this.#noteSensorTime(bytes, sensorAt, ptsAt - 1)) return false;
    this.count += 1;
    this.#last = bytes.toString('latin1', start, end);
    this.#first ??= timesIn(this.#last);
    return true;
  }

  /** In two numbers: a double does not hold the nanoseconds since a boot of 105 days ago. */
  #noteSensorTime(bytes: Buffer, from: number, to: number): boolean {
    const split = Math.max(from, to - NS_DIGITS);
    const [seconds, ns] = [numberIn(bytes, from, split), numberIn(bytes, split, to)];
    if (Number.isNaN(seconds + ns)) return false;
    const isTold = seconds !== 0 || ns !== 0;
    const wasTold = this.#sensorS !== 0 || this.#sensorNs !== 0;
    if (isTold && wasTold) this.#steps.note((seconds - this.#sensorS) * NS_PER_S + (ns - this.#sensorNs));
    this.#hasSensorTime ||= isTold;
    [this.#sensorS, this.#sensorNs] = [seconds, ns];
    return true;
  }
}

/** A number of digits alone; NaN where there is anything else. 0 where there is nothing. */
function numberIn(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = bytes[at] ?? 0;
    if (digit < ZERO || digit > NINE) return Number.NaN;
    value = 10 * value + digit - ZERO;
  }
  return value;
}

function timesIn(columns: string): InfoTimes {
  const [unix = '', mono = '', , sensor = ''] = columns.split(',');
  return { sensor_timestamp_ns: sensor, record_time_mono: mono, record_time_unix: unix };
}

function wallMinusMono({ record_time_unix: unix, record_time_mono: mono }: InfoTimes): string {
  return String(BigInt(unix.replace('.', '')) * 1_000n - BigInt(mono.replace('.', '')));
}

/** Reads the columns that are the same in every row: trial, module, device, label (RFC 4180). */
function subjectOf(prefix: Buffer): TimingSubject {
  const fields = [...prefix.toString('utf8').matchAll(/(?:"((?:[^"]|"")*)"|([^,]*)),/g)].map(
    ([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain,
  );
  const [trial = '', , deviceId = '', trialLabel = ''] = fields;
  return { trialNumber: Number(trial), deviceId, trialLabel };
}
