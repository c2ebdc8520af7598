/**
 * Reads the lines `Name=Value` that rpicam-vid writes after each frame (`--metadata - --metadata-format txt`), up to
 * the empty line. Their order varies, and each line is flushed separately, so they arrive in pieces.
 */

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TAB = 0x09;
const EQUALS = 0x3d;
const DIGIT_ZERO = 0x30;

/** The longest lines of real sensors have about a hundred bytes. A longer line is not metadata. */
const MAX_LINE_BYTES = 4096;
/** Real blocks have about twenty lines. */
const MAX_LINES = 256;

/** 2^64 has 20 digits. */
const MAX_DIGITS = 20;
const LOW_DIGITS = 9;
const LOW_FACTOR = 1_000_000_000n;

const SENSOR_TIMESTAMP = Buffer.from('SensorTimestamp');
const FRAME_WALL_CLOCK = Buffer.from('FrameWallClock');
const FRAME_DURATION = Buffer.from('FrameDuration');

export type MetadataState = 'reading' | 'ended' | 'broken';

export class MetadataBlock {
  #state: MetadataState = 'reading';
  #lines = 0;
  #used = 0;
  /** Index of the line's first "=", -1 until it was read. */
  #equalsAt = -1;
  readonly #line = Buffer.alloc(MAX_LINE_BYTES);
  #sensorTimestampNs = 0n;
  #wallClock = 0n;
  #frameDurationUs = 0;

  /** `broken`: the next byte is not part of a metadata line. The complete lines before it stay valid. */
  get state(): MetadataState {
    return this.#state;
  }

  /** Complete lines read. */
  get lines(): number {
    return this.#lines;
  }

  /** Bytes of the unfinished line. */
  get unfinishedBytes(): number {
    return this.#used;
  }

  /** Nanoseconds on the monotonic clock; 0n if absent. */
  get sensorTimestampNs(): bigint {
    return this.#sensorTimestampNs;
  }

  /** Time since 1970 in the tool's own unit (see `FrameWallClock`); 0n if absent. */
  get wallClock(): bigint {
    return this.#wallClock;
  }

  /** Microseconds; 0 if absent. */
  get frameDurationUs(): number {
    return this.#frameDurationUs;
  }

  begin(): void {
    this.#state = 'reading';
    this.#lines = 0;
    this.#used = 0;
    this.#equalsAt = -1;
    this.#sensorTimestampNs = 0n;
    this.#wallClock = 0n;
    this.#frameDurationUs = 0;
  }

  /** Continues reading at `from`. Returns the index of the first unused byte (see `state`). */
  read(bytes: Buffer, from: number): number {
    let index = from;
    while (index < bytes.length && this.#state === 'reading') {
      const byte = bytes[index] ?? 0;
      if (byte === NEWLINE) {
        index += 1;
        this.#endLine();
        continue;
      }
      if (!isText(byte) || this.#used === MAX_LINE_BYTES) {
        this.#state = 'broken';
        break;
      }
      if (byte === EQUALS && this.#equalsAt === -1) this.#equalsAt = this.#used;
      this.#line[this.#used] = byte;
      this.#used += 1;
      index += 1;
    }
    return index;
  }

  #endLine(): void {
    const bytes = this.#used;
    const length = bytes > 0 && this.#line[bytes - 1] === CARRIAGE_RETURN ? bytes - 1 : bytes;
    const equalsAt = this.#equalsAt;
    this.#used = 0;
    this.#equalsAt = -1;
    if (length === 0) {
      this.#state = 'ended';
      return;
    }
    if (equalsAt === -1 || this.#lines === MAX_LINES) {
      this.#used = bytes + 1; // with its line break: the caller counts this line as garbage
      this.#state = 'broken';
      return;
    }
    this.#lines += 1;
    this.#readValue(equalsAt, length);
  }

  #readValue(equalsAt: number, length: number): void {
    const line = this.#line;
    if (isName(line, equalsAt, SENSOR_TIMESTAMP)) {
      this.#sensorTimestampNs = parseDigits(line, equalsAt + 1, length);
    } else if (isName(line, equalsAt, FRAME_WALL_CLOCK)) {
      this.#wallClock = parseDigits(line, equalsAt + 1, length);
    } else if (isName(line, equalsAt, FRAME_DURATION)) {
      this.#frameDurationUs = Number(parseDigits(line, equalsAt + 1, length));
    }
  }
}

/**
 * Whether the first `length` bytes are the name. It is a loop because a call into Node costs more than comparing a
 * few bytes.
 */
function isName(line: Buffer, length: number, name: Buffer): boolean {
  if (length !== name.length) return false;
  for (let index = 0; index < length; index += 1) if (line[index] !== name[index]) return false;
  return true;
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === TAB || byte === CARRIAGE_RETURN;
}

/**
 * A whole number of up to 20 digits, or 0n if the text is not one. It is parsed in two halves, each below 2^53,
 * because a nanosecond value does not fit a double and a string would cost another allocation.
 */
function parseDigits(text: Buffer, start: number, end: number): bigint {
  const digits = end - start;
  if (digits <= 0 || digits > MAX_DIGITS) return 0n;
  const lowStart = Math.max(start, end - LOW_DIGITS);
  const high = parseShort(text, start, lowStart);
  const low = parseShort(text, lowStart, end);
  if (high === -1 || low === -1) return 0n;
  return BigInt(high) * LOW_FACTOR + BigInt(low);
}

/** At most 11 digits; -1 if the text contains anything else. */
function parseShort(text: Buffer, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index += 1) {
    const digit = (text[index] ?? 0) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
