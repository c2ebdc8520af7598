/**
 * Reads a JPEG from SOI to the end of its SOS segment (ITU-T T.81, annex B), whatever the borders of the pieces it
 * comes in. Segments are skipped by their length: an FF D9 in one (a thumbnail, a maker's note) ends nothing.
 *
 * It is strict where a cut frame would otherwise pass: the bytes after the cut are then read as lengths and counts.
 */

/** `read` has used all bytes and needs more. */
export const HEADER_INCOMPLETE = -1;
/** This is no JPEG header. */
export const HEADER_INVALID = -2;

const MARKER_PREFIX = 0xff;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const DHT = 0xc4;
const COM = 0xfe;

/** Four tables of 64 two-byte values with their numbers. */
const MAX_DQT_LENGTH = 2 + 4 * (1 + 128);
/** Eight tables of 16 counts and up to 256 values with their numbers. */
const MAX_DHT_LENGTH = 2 + 8 * (1 + 16 + 256);
const MAX_COMPONENTS = 4;

/** How much of a picture within a segment was seen: FF, FF D8, FF D8 FF and on, an FF in it that may be its end's. */
const NESTED = { none: 0, prefix: 1, start: 2, open: 3, openPrefix: 4 } as const;
type Nested = (typeof NESTED)[keyof typeof NESTED];

type Step = 'soi' | 'prefix' | 'marker' | 'lengthHigh' | 'lengthLow' | 'payload' | 'skip';

function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== DHT && marker !== 0xc8 && marker !== 0xcc;
}

function hasPlausibleLength(marker: number, length: number): boolean {
  switch (marker) {
    case DQT:
      return length >= 2 + 65 && length <= MAX_DQT_LENGTH;
    case DHT:
      return length >= 2 + 17 && length <= MAX_DHT_LENGTH;
    case DRI:
      return length === 4;
    case SOS:
      return length >= 8 && length <= 6 + 2 * MAX_COMPONENTS && length % 2 === 0;
    case COM:
      return length >= 2;
    default:
      if (isFrameHeader(marker)) return length >= 8 + 3 && length <= 8 + 3 * MAX_COMPONENTS;
      // APP0 to APP15; everything else has no place in a camera's frame.
      return marker >= 0xe0 && marker <= 0xef && length >= 2;
  }
}

export class JpegHeader {
  #step: Step = 'soi';
  #marker = 0;
  /** Length field of the segment, with its own two bytes. */
  #length = 0;
  /** Bytes of the payload read so far. */
  #at = 0;
  /** Bytes still to be skipped. */
  #skip = 0;
  #nested: Nested = NESTED.none;
  #width = 0;
  #height = 0;
  #isSequential = false;

  /** Pixels, from the frame header (SOF); 0 before it was read. */
  get width(): number {
    return this.#width;
  }

  get height(): number {
    return this.#height;
  }

  /** The next byte read is the FF of a SOI. */
  begin(): void {
    this.#step = 'prefix';
    this.#marker = 0;
    this.#width = 0;
    this.#height = 0;
  }

  /** Reads on at `from`: index of the first byte of the scan, or `HEADER_INCOMPLETE` or `HEADER_INVALID`. */
  read(bytes: Buffer, from: number): number {
    let index = from;
    while (index < bytes.length) {
      if (this.#step === 'skip') {
        const end = Math.min(index + this.#skip, bytes.length);
        this.#skip -= end - index;
        this.#lookForNested(bytes, index, end);
        index = end;
        if (this.#skip > 0) return HEADER_INCOMPLETE;
        // FF D8 at the end of the segment, and the FF of the next marker: a frame was cut right here too.
        if (this.#nested >= NESTED.start) return HEADER_INVALID;
        this.#step = 'prefix';
        continue;
      }
      if (!this.#take(bytes[index] ?? 0)) return HEADER_INVALID;
      index += 1;
      if (this.#marker === SOS && this.#step === 'prefix') return index;
    }
    return HEADER_INCOMPLETE;
  }

  /**
   * A segment may hold a whole picture (a thumbnail), but one that begins and does not end in it is the next frame:
   * this one was cut, and its length reaches into that.
   */
  #lookForNested(bytes: Buffer, start: number, end: number): void {
    let nested = this.#nested;
    for (let index = start; index < end; index += 1) {
      const byte = bytes[index] ?? 0;
      if (nested >= NESTED.open) {
        if (nested === NESTED.openPrefix && byte === EOI) nested = NESTED.none;
        else nested = byte === MARKER_PREFIX ? NESTED.openPrefix : NESTED.open;
      } else if (nested === NESTED.start) {
        nested = byte === MARKER_PREFIX ? NESTED.open : NESTED.none;
      } else if (nested === NESTED.prefix && byte === SOI) {
        nested = NESTED.start;
      } else {
        nested = byte === MARKER_PREFIX ? NESTED.prefix : NESTED.none;
      }
    }
    this.#nested = nested;
  }

  #take(byte: number): boolean {
    switch (this.#step) {
      case 'prefix':
        this.#step = this.#marker === 0 ? 'soi' : 'marker';
        return byte === MARKER_PREFIX;
      case 'soi':
        this.#step = 'prefix';
        this.#marker = SOI;
        return byte === SOI;
      case 'marker':
        if (byte === MARKER_PREFIX) return true; // a fill byte
        this.#marker = byte;
        this.#step = 'lengthHigh';
        return true;
      case 'lengthHigh':
        this.#length = byte << 8;
        this.#step = 'lengthLow';
        return true;
      case 'lengthLow':
        this.#length |= byte;
        return this.#beginPayload();
      case 'payload':
        return this.#takePayload(byte);
      case 'skip':
        return true;
    }
  }

  #beginPayload(): boolean {
    if (!hasPlausibleLength(this.#marker, this.#length)) return false;
    this.#at = 0;
    this.#skip = this.#length - 2;
    if (this.#marker === SOS || isFrameHeader(this.#marker)) {
      this.#step = 'payload';
      if (isFrameHeader(this.#marker)) this.#isSequential = this.#marker <= 0xc1;
      // A scan before its frame header, or a second frame header: two frames grown together.
      return this.#marker === SOS ? this.#width > 0 : this.#width === 0;
    }
    this.#nested = NESTED.none;
    this.#step = this.#skip === 0 ? 'prefix' : 'skip';
    return true;
  }

  #takePayload(byte: number): boolean {
    const at = this.#at;
    this.#at += 1;
    this.#skip -= 1;
    if (this.#skip === 0) this.#step = 'prefix';
    return this.#marker === SOS ? this.#takeScanHeader(at, byte) : this.#takeFrameHeader(at, byte);
  }

  /** Precision, height, width, number of components, then three bytes for each. */
  #takeFrameHeader(at: number, byte: number): boolean {
    if (at === 0) return byte === 8 || byte === 12;
    if (at === 1) this.#height = byte << 8;
    if (at === 2) {
      this.#height |= byte;
      return this.#height > 0;
    }
    if (at === 3) this.#width = byte << 8;
    if (at === 4) {
      this.#width |= byte;
      return this.#width > 0;
    }
    if (at === 5) return this.#length === 8 + 3 * byte;
    return true;
  }

  /** Number of components, two bytes for each, then 0, 63, 0 in a sequential JPEG. */
  #takeScanHeader(at: number, byte: number): boolean {
    if (at === 0) return this.#length === 6 + 2 * byte;
    if (!this.#isSequential) return true;
    if (this.#skip === 2) return byte === 0;
    if (this.#skip === 1) return byte === 63;
    if (this.#skip === 0) return byte === 0;
    return true;
  }
}
