/**
 * Reads a JPEG from SOI to the end of its SOS segment (ITU-T T.81, annex B), however the stream is split into pieces.
 * Segments are skipped by their length, so an FF D9 inside one (a thumbnail, a maker's note) does not end the frame.
 *
 * The checks are strict where a truncated frame would otherwise pass, because the bytes after the cut are then read
 * as lengths and counts.
 */

/** `read` has consumed all bytes and needs more. */
export const HEADER_INCOMPLETE = -1;
/** The bytes are not a JPEG header. */
export const HEADER_INVALID = -2;

const MARKER_PREFIX = 0xff;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const DHT = 0xc4;
const COM = 0xfe;

/** The longest header that is remembered. Those of cameras have some 600 bytes, unless they hold a thumbnail. */
const MAX_KNOWN_BYTES = 4096;

/** Four tables of 64 two-byte values with their numbers. */
const MAX_DQT_LENGTH = 2 + 4 * (1 + 128);
/** Eight tables of 16 counts and up to 256 values with their numbers. */
const MAX_DHT_LENGTH = 2 + 8 * (1 + 16 + 256);
const MAX_COMPONENTS = 4;

/**
 * How much of a nested picture was seen inside a segment: FF, FF D8, FF D8 FF and more, then an FF in it that may
 * begin its end marker.
 */
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
      // APP0 to APP15; other markers do not occur in a camera's frame.
      return marker >= 0xe0 && marker <= 0xef && length >= 2;
  }
}

/** The headers of a stream mostly are the same bytes, so each is compared with the last one before it is read. */
export class JpegHeader {
  #step: Step = 'soi';
  #marker = 0;
  /** Length field of the segment, which includes its own two bytes. */
  #length = 0;
  /** Bytes of the payload read so far. */
  #at = 0;
  /** Bytes still to be skipped. */
  #skip = 0;
  #nested: Nested = NESTED.none;
  #width = 0;
  #height = 0;
  #isSequential = false;
  /** The last header that lay in one piece, with its size in pixels. */
  readonly #known = { bytes: Buffer.alloc(MAX_KNOWN_BYTES), length: 0, width: 0, height: 0 };

  /** Pixels, from the frame header (SOF); 0 until it was read. */
  get width(): number {
    return this.#width;
  }

  get height(): number {
    return this.#height;
  }

  /** Starts a new header: the next byte read is the FF of a SOI. */
  begin(): void {
    this.#step = 'prefix';
    this.#marker = 0;
    this.#width = 0;
    this.#height = 0;
  }

  /**
   * Continues reading at `from`. Returns the index of the first byte of the scan, `HEADER_INCOMPLETE` or
   * `HEADER_INVALID`.
   */
  read(bytes: Buffer, from: number): number {
    if (this.#step !== 'prefix' || this.#marker !== 0) return this.#readOn(bytes, from);
    if (this.#isKnown(bytes, from)) return from + this.#known.length;
    const end = this.#readOn(bytes, from);
    if (end > from && end - from <= MAX_KNOWN_BYTES) this.#keep(bytes, from, end);
    return end;
  }

  /** Whether the same bytes were read before. Then so is their size. */
  #isKnown(bytes: Buffer, from: number): boolean {
    const { bytes: known, length, width, height } = this.#known;
    const end = from + length;
    if (length === 0 || end > bytes.length || bytes.compare(known, 0, length, from, end) !== 0) return false;
    this.#width = width;
    this.#height = height;
    return true;
  }

  #keep(bytes: Buffer, from: number, end: number): void {
    const known = this.#known;
    known.length = bytes.copy(known.bytes, 0, from, end);
    known.width = this.#width;
    known.height = this.#height;
  }

  #readOn(bytes: Buffer, from: number): number {
    let index = from;
    while (index < bytes.length) {
      if (this.#step === 'skip') {
        const end = Math.min(index + this.#skip, bytes.length);
        this.#skip -= end - index;
        this.#lookForNested(bytes, index, end);
        index = end;
        if (this.#skip > 0) return HEADER_INCOMPLETE;
        // The segment ends with FF D8 and the next marker begins with FF, so a frame was truncated exactly here.
        if (this.#nested >= NESTED.start) return HEADER_INVALID;
        this.#step = 'prefix';
        continue;
      }
      if (!this.#accept(bytes[index] ?? 0)) return HEADER_INVALID;
      index += 1;
      if (this.#marker === SOS && this.#step === 'prefix') return index;
    }
    return HEADER_INCOMPLETE;
  }

  /**
   * A segment may contain a whole picture (a thumbnail). A picture that begins in a segment but does not end there is
   * the next frame: this frame was truncated, and its segment length reaches into the next one.
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

  #accept(byte: number): boolean {
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
        return this.#acceptPayload(byte);
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
      // A scan before its frame header, or a second frame header, means that two frames were merged.
      return this.#marker === SOS ? this.#width > 0 : this.#width === 0;
    }
    this.#nested = NESTED.none;
    this.#step = this.#skip === 0 ? 'prefix' : 'skip';
    return true;
  }

  #acceptPayload(byte: number): boolean {
    const at = this.#at;
    this.#at += 1;
    this.#skip -= 1;
    if (this.#skip === 0) this.#step = 'prefix';
    return this.#marker === SOS ? this.#acceptScanHeader(at, byte) : this.#acceptFrameHeader(at, byte);
  }

  /** Precision, height, width, number of components, then three bytes for each. */
  #acceptFrameHeader(at: number, byte: number): boolean {
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
  #acceptScanHeader(at: number, byte: number): boolean {
    if (at === 0) return this.#length === 6 + 2 * byte;
    if (!this.#isSequential) return true;
    if (this.#skip === 2) return byte === 0;
    if (this.#skip === 1) return byte === 63;
    if (this.#skip === 0) return byte === 0;
    return true;
  }
}
