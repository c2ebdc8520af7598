import type { FileHandle } from 'node:fs/promises';
import { errnoOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';

/** Reads the sensor times of one camera back from the timing files that were written. What they mean does not belong here. */

const BLOCK_BYTES = 64 * 1024;
/** The last two columns. No label comes after them, so they are found from the end of a line. */
const HEADER_END = ',sensor_timestamp_ns,video_pts';
const [NEWLINE, COMMA, ZERO] = [0x0a, 0x2c, 0x30];
const SECOND_NS = 1_000_000_000;
/** 2^64 has 20. A time of some hundred would be no number, of which nothing could be said. */
const MAX_DIGITS = 20;

/** Why times are not known, as the end of the sentence "not known: picam:1 ...". */
export class TimesNotKnown extends Error {
  override readonly name = 'TimesNotKnown';
}

/**
 * The moment from which times are counted: the first one that was read, of whichever camera. Since the start of a machine
 * there may be more nanoseconds than a double can tell apart. Since the start of a recording there are not.
 */
export class Origin {
  #seconds: number | undefined;
  #ns = 0;

  /** Nanoseconds after the origin. `ns`: what the time has beyond whole seconds. */
  after(seconds: number, ns: number): number {
    if (this.#seconds === undefined) [this.#seconds, this.#ns] = [seconds, ns];
    return (seconds - this.#seconds) * SECOND_NS + (ns - this.#ns);
  }
}

/**
 * The sensor times in these timing files, in order, as nanoseconds after the origin, some hundred at once. Frames without a
 * sensor time (0) are left out. Throws `TimesNotKnown` where a file is not there (`null`) or not what it should be, where
 * times do not ascend, and where there are none.
 */
export async function* sensorTimes(
  paths: readonly (string | null)[],
  origin: Origin,
  fileSystem: Pick<FileSystem, 'open'>,
): AsyncGenerator<readonly number[], void, undefined> {
  let last = -Infinity;
  for (const path of paths) {
    for await (const lines of linesOf(path, fileSystem)) {
      const times = timesIn(lines, origin);
      for (const ns of times) {
        if (ns <= last) throw new TimesNotKnown('has sensor times that are out of order');
        last = ns;
      }
      if (times.length > 0) yield times;
    }
  }
  if (last === -Infinity) throw new TimesNotKnown('told no sensor times');
}

/** Blocks of whole lines, without the header. A block is valid until the next one. */
async function* linesOf(
  path: string | null,
  fileSystem: Pick<FileSystem, 'open'>,
): AsyncGenerator<Buffer, void, undefined> {
  if (path === null) throw isGone();
  const file = await fileSystem.open(path, 'r').catch((thrown: unknown) => {
    throw errnoOf(thrown) === 'ENOENT' ? isGone() : cannotRead(thrown);
  });
  try {
    const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
    let isHeader = true;
    let length = 0;
    for (;;) {
      const bytesRead = await readInto(file, buffer.subarray(length));
      if (bytesRead === 0) break;
      const end = buffer.lastIndexOf(NEWLINE, length + bytesRead - 1) + 1;
      length += bytesRead;
      if (end === 0) continue;
      const begin = isHeader ? endOfHeader(buffer) : 0;
      isHeader = false;
      yield buffer.subarray(begin, end);
      buffer.copy(buffer, 0, end, length);
      length -= end;
    }
    if (length > 0 || isHeader) throw isNotOurs();
  } finally {
    await file.close().catch(() => undefined); // it was only read
  }
}

async function readInto(file: FileHandle, buffer: Buffer): Promise<number> {
  // No line is as long as a block.
  if (buffer.length === 0) throw isNotOurs();
  try {
    return (await file.read(buffer, 0, buffer.length, null)).bytesRead;
  } catch (thrown) {
    throw cannotRead(thrown);
  }
}

function endOfHeader(buffer: Buffer): number {
  const end = buffer.indexOf(NEWLINE);
  if (!buffer.toString('latin1', 0, end).endsWith(HEADER_END)) throw isNotOurs();
  return end + 1;
}

/** The times in whole lines, without zeros. */
function timesIn(lines: Buffer, origin: Origin): number[] {
  const times: number[] = [];
  for (let begin = 0; begin < lines.length;) {
    const end = lines.indexOf(NEWLINE, begin);
    const comma = lines.lastIndexOf(COMMA, end - 1);
    const ns = timeBefore(lines, comma, begin, origin);
    if (ns !== undefined) times.push(ns);
    begin = end + 1;
  }
  return times;
}

/** The number that ends before `comma`, from its last digit to its first; `undefined` for 0. */
function timeBefore(lines: Buffer, comma: number, begin: number, origin: Origin): number | undefined {
  let ns = 0;
  let seconds = 0;
  let scale = 1;
  let at = comma - 1;
  for (; at >= begin && lines[at] !== COMMA; at -= 1) {
    const digit = (lines[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9 || comma - at > MAX_DIGITS) throw isNotOurs();
    if (scale < SECOND_NS) ns += digit * scale;
    else seconds += digit * (scale / SECOND_NS);
    scale *= 10;
  }
  if (at < begin || scale === 1) throw isNotOurs();
  return seconds === 0 && ns === 0 ? undefined : origin.after(seconds, ns);
}

const isGone = (): TimesNotKnown =>
  new TimesNotKnown('has timing files that were moved or removed, or whose disk is gone');
const isNotOurs = (): TimesNotKnown => new TimesNotKnown('has a timing file that is not as it was written');
const cannotRead = (thrown: unknown): TimesNotKnown =>
  new TimesNotKnown(`has a timing file that cannot be read (${errnoOf(thrown) ?? 'unknown error'})`);
