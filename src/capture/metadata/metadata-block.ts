import type { FrameMetadata } from '../../core/frame.js';
import { FrameValues } from './frame-values.js';
import { LineText } from './line-text.js';

/**
 * Reads the lines `Name=Value` that rpicam-vid writes after each frame (`--metadata - --metadata-format txt`), up to
 * the empty line. Their order varies, and each line is flushed separately, so they arrive in pieces.
 */

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TAB = 0x09;
const EQUALS = 0x3d;

/** The longest lines of real sensors have about a hundred bytes. A longer line is not metadata. */
const MAX_LINE_BYTES = 4096;
/** Real blocks have about twenty lines. */
const MAX_LINES = 256;

export type MetadataState = 'reading' | 'ended' | 'broken';

export class MetadataBlock {
  #state: MetadataState = 'reading';
  #lines = 0;
  #used = 0;
  /** Index of the "=" in `#line`, -1 until it was read. */
  #equalsAt = -1;
  /** A line that came in pieces. */
  readonly #line = Buffer.alloc(MAX_LINE_BYTES);
  readonly #values = new FrameValues();
  readonly #text: LineText | null;

  /** `keepsText`: whether the lines of a block are kept as text. */
  constructor(keepsText = false) {
    this.#text = keepsText ? new LineText() : null;
  }

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
    return this.#values.sensorTimestampNs;
  }

  /** Time since 1970 in the tool's own unit (see `FrameWallClock`); 0n if absent. */
  get wallClock(): bigint {
    return this.#values.wallClock;
  }

  /** Microseconds; 0 if absent. */
  get frameDurationUs(): number {
    return this.#values.frameDurationUs;
  }

  /** A new object with what the block told besides its times; `null` if it has no lines. */
  toFrameMetadata(): FrameMetadata | null {
    return this.#lines === 0 ? null : this.#values.toMetadata(this.#text?.text ?? '');
  }

  begin(): void {
    this.#state = 'reading';
    this.#lines = 0;
    this.#used = 0;
    this.#equalsAt = -1;
    this.#values.begin();
    this.#text?.begin();
  }

  /** Continues reading at `from`. Returns the index of the first unused byte (see `state`). */
  read(bytes: Buffer, from: number): number {
    let index = from;
    while (index < bytes.length && this.#state === 'reading') {
      // A line that lies in these bytes as a whole is read where it is: twice as fast as byte by byte.
      const lineEnd = this.#used === 0 ? this.#readWhole(bytes, index) : -1;
      index = lineEnd === -1 ? this.#readPiece(bytes, index) : lineEnd;
    }
    return index;
  }

  /** Returns the index behind the line that begins at `from`, or -1 if it does not end here or is none. */
  #readWhole(bytes: Buffer, from: number): number {
    const limit = Math.min(bytes.length, from + MAX_LINE_BYTES + 1);
    let equalsAt = -1;
    for (let index = from; index < limit; index += 1) {
      const byte = bytes[index] ?? 0;
      if (byte === NEWLINE) {
        this.#endLine(bytes, from, equalsAt, index);
        return index + 1;
      }
      if (!isText(byte)) return -1;
      if (byte === EQUALS && equalsAt === -1) equalsAt = index;
    }
    return -1;
  }

  /** Reads on in a line that comes in pieces, or that is none. Returns the index of the first unused byte. */
  #readPiece(bytes: Buffer, from: number): number {
    for (let index = from; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0;
      if (byte === NEWLINE) {
        const length = this.#used;
        const equalsAt = this.#equalsAt;
        this.#used = 0;
        this.#equalsAt = -1;
        this.#endLine(this.#line, 0, equalsAt, length);
        return index + 1;
      }
      if (!isText(byte) || this.#used === MAX_LINE_BYTES) {
        this.#state = 'broken';
        return index;
      }
      if (byte === EQUALS && this.#equalsAt === -1) this.#equalsAt = this.#used;
      this.#line[this.#used] = byte;
      this.#used += 1;
    }
    return bytes.length;
  }

  /** Takes the line from `start` to `end` (exclusive, without its line break). `equalsAt`: -1 if it has no "=". */
  #endLine(bytes: Buffer, start: number, equalsAt: number, end: number): void {
    const textEnd = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    if (textEnd === start) {
      this.#state = 'ended';
      return;
    }
    if (equalsAt === -1 || this.#lines === MAX_LINES) {
      this.#used = end - start + 1; // with its line break: the caller counts this line as garbage
      this.#state = 'broken';
      return;
    }
    this.#lines += 1;
    this.#text?.add(bytes, start, textEnd);
    this.#values.readLine(bytes, start, equalsAt, textEnd);
  }
}

function isText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === TAB || byte === CARRIAGE_RETURN;
}
