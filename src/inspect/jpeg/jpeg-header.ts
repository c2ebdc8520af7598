/**
 * Reads the segments of a baseline JPEG before its scan (ITU-T T.81, annex B). What stands inside a segment (a thumbnail, a
 * maker's note) is skipped by its length. What the tables say is in `huffman.ts`, the scan itself in `entropy-decoder.ts`.
 */

const SOF0 = 0xc0;
const SOF1 = 0xc1;
const DHT = 0xc4;
const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;
const COM = 0xfe;

export interface Component {
  readonly id: number;
  /** Sampling factors, 1 to 4. */
  readonly h: number;
  readonly v: number;
  /** Number of its quantisation table. */
  readonly quantiser: number;
}

/** One component of a scan, with the numbers of its Huffman tables. */
export interface ScanComponent {
  /** Place in `JpegHeader.components`. */
  readonly index: number;
  readonly dc: number;
  readonly ac: number;
}

/** Positions count from the start of `bytes`. */
export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  readonly components: readonly Component[];
  /** Payloads of the DHT and DQT segments, as `start, end` pairs. */
  readonly huffmanAt: readonly number[];
  readonly quantisersAt: readonly number[];
  /** MCUs between two restart markers; 0: there are none. */
  readonly restartInterval: number;
  /** The first comment (COM); 0, 0: none. */
  readonly commentAt: number;
  readonly commentEnd: number;
  readonly scan: readonly ScanComponent[];
  /** First byte of the entropy-coded data. */
  readonly scanAt: number;
}

class HeaderReader {
  width = 0;
  height = 0;
  components: Component[] = [];
  readonly huffmanAt: number[] = [];
  readonly quantisersAt: number[] = [];
  restartInterval = 0;
  commentAt = 0;
  commentEnd = 0;
  scan: ScanComponent[] = [];
  scanAt = 0;

  constructor(private readonly bytes: Buffer) {}

  /** Reads segments from `at` to the next SOS. Returns what is wrong, or `undefined`. */
  read(from: number): string | undefined {
    const { bytes } = this;
    let at = from;
    for (;;) {
      if (at + 4 > bytes.length) return 'it ends within its header';
      if (bytes[at] !== 0xff) return `there is no marker at its byte ${at}`;
      const marker = bytes[at + 1] ?? 0;
      if (marker === 0xff) {
        at += 1; // a fill byte
        continue;
      }
      if (marker === SOI || marker === EOI || marker < SOF0) return `marker ${hex(marker)} stands in its header`;
      const start = at + 4;
      const end = at + 2 + bytes.readUInt16BE(at + 2);
      if (end < start || end > bytes.length) return `its segment ${hex(marker)} is longer than the frame`;
      const wrong = this.#segment(marker, start, end);
      if (wrong !== undefined) return wrong;
      at = end;
      if (marker !== SOS) continue;
      this.scanAt = end;
      return undefined;
    }
  }

  #segment(marker: number, start: number, end: number): string | undefined {
    if (marker === DHT) this.huffmanAt.push(start, end);
    else if (marker === DQT) this.quantisersAt.push(start, end);
    else if (marker === DRI) {
      if (end - start !== 2) return 'its restart interval is broken';
      this.restartInterval = this.bytes.readUInt16BE(start);
    } else if (marker === COM) {
      if (this.commentAt === 0) [this.commentAt, this.commentEnd] = [start, end];
    } else if (marker === SOS) return this.#scanHeader(start, end);
    else if (marker === SOF0 || marker === SOF1) return this.#frameHeader(start, end);
    else if (marker <= 0xcf) return `it is not a baseline JPEG (${hex(marker)})`;
    return undefined;
  }

  #frameHeader(start: number, end: number): string | undefined {
    const { bytes } = this;
    if (this.width > 0) return 'it has a second frame header';
    const count = bytes[start + 5] ?? 0;
    if (end - start < 6 || end - start !== 6 + 3 * count || count < 1 || count > 4) return 'its frame header is broken';
    if (bytes[start] !== 8) return `it has ${bytes[start]} bits a sample`;
    this.height = bytes.readUInt16BE(start + 1);
    this.width = bytes.readUInt16BE(start + 3);
    if (this.width === 0 || this.height === 0) return 'its size is 0';
    for (let at = start + 6; at < end; at += 3) {
      const factors = bytes[at + 1] ?? 0;
      const [h, v] = [factors >> 4, factors & 15];
      if (h < 1 || h > 4 || v < 1 || v > 4) return 'its sampling makes no sense';
      this.components.push({ id: bytes[at] ?? 0, h, v, quantiser: bytes[at + 2] ?? 0 });
    }
    return undefined;
  }

  #scanHeader(start: number, end: number): string | undefined {
    const { bytes } = this;
    if (this.width === 0) return 'its scan comes before its frame header';
    const count = bytes[start] ?? 0;
    if (count < 1 || count > this.components.length || end - start !== 4 + 2 * count)
      return 'its scan header is broken';
    this.scan = [];
    for (let at = start + 1; at < start + 1 + 2 * count; at += 2) {
      const index = this.components.findIndex(({ id }) => id === bytes[at]);
      const tables = bytes[at + 1] ?? 0;
      if (index === -1 || tables >> 4 > 3 || (tables & 15) > 3) return 'its scan header is broken';
      this.scan.push({ index, dc: tables >> 4, ac: tables & 15 });
    }
    const isSequential = bytes[end - 3] === 0 && bytes[end - 2] === 63 && bytes[end - 1] === 0;
    return isSequential ? undefined : 'its scan is not a sequential one';
  }
}

/** Reads a frame from its SOI to the start of its first scan. Returns a text where it is no baseline JPEG: what is wrong. */
export function readJpegHeader(jpeg: Buffer): JpegHeader | string {
  if (jpeg[0] !== 0xff || jpeg[1] !== SOI) return 'it does not begin with FF D8';
  const reader = new HeaderReader(jpeg);
  return reader.read(2) ?? reader;
}

/** Reads on behind a scan that was not the last one. `at`: the marker behind it. */
export function readNextScan(jpeg: Buffer, header: JpegHeader, at: number): JpegHeader | string {
  const reader = new HeaderReader(jpeg);
  reader.width = header.width;
  reader.height = header.height;
  reader.components = [...header.components];
  reader.restartInterval = header.restartInterval;
  return reader.read(at) ?? reader;
}

/** As ffmpeg names it; `null`: none of the usual ones. */
export function pixelFormatOf({ components }: JpegHeader): string | null {
  const [first, ...others] = components;
  if (first === undefined) return null;
  if (others.length === 0) return 'gray';
  const [chroma, other] = others;
  if (chroma === undefined || other === undefined || others.length !== 2) return null;
  if (chroma.h !== other.h || chroma.v !== other.v) return null;
  return PIXEL_FORMATS[`${first.h / chroma.h}x${first.v / chroma.v}`] ?? null;
}

/** By how much finer the luma is, across and down. */
const PIXEL_FORMATS: Readonly<Partial<Record<string, string>>> = {
  '1x1': 'yuvj444p',
  '2x1': 'yuvj422p',
  '2x2': 'yuvj420p',
  '1x2': 'yuvj440p',
  '4x1': 'yuvj411p',
};

function hex(marker: number): string {
  return `FF ${marker.toString(16).toUpperCase().padStart(2, '0')}`;
}
