import { END_OF_BLOCK, FAST_BITS, type HuffmanTables, type Lookup, readTables } from './huffman.js';
import { type Component, type JpegHeader, readJpegHeader, readNextScan } from './jpeg-header.js';
import { STANDARD_TABLES } from './standard-tables.js';

/**
 * Decodes the entropy code of a baseline JPEG (ITU-T T.81, annex F) strictly: exactly its blocks, restart markers in order,
 * nothing left over but padding ones. Of the coefficients it keeps none but, where asked, the DC ones: they are the picture
 * at an eighth of its size. It makes no pixels.
 */

/** A component's DC coefficients, row by row. */
export interface DcPlane {
  readonly columns: number;
  readonly rows: number;
  readonly values: Int16Array;
}

/** What a scan needs of one of its components. */
interface ScanPart {
  readonly dc: Lookup;
  readonly ac: Lookup;
  /** Blocks of an MCU across and down. */
  readonly across: number;
  readonly down: number;
  readonly plane: DcPlane;
  prediction: number;
}

interface Grid {
  readonly columns: number;
  readonly rows: number;
}

const FAST_SHIFT = 16 - FAST_BITS;
/** Twice what 8-bit samples can make, in steps of one. */
const MAX_DC = 2047;

const EOI = 0xd9;
const RST0 = 0xd0;

const TOO_SHORT = 'ends before its last block';
const NO_CODE = 'has bits that are no code';
const BEYOND = 'has more coefficients in a block than there are';
const IMPOSSIBLE = 'has a brightness that no picture has';

/** Decodes one JPEG after the other. Its tables and planes are kept from one to the next. */
export class EntropyDecoder {
  #bytes: Buffer = Buffer.alloc(0);
  /** Position of the next byte of the scan. */
  #at = 0;
  /** The low `#count` bits come next. */
  #bits = 0;
  #count = 0;
  /** Zero bytes that were put behind the end of the data. */
  #added = 0;
  #planes: DcPlane[] = [];

  /** The DC coefficients of the picture decoded last, a plane for each component. The next picture overwrites them. */
  get planes(): readonly DcPlane[] {
    return this.#planes;
  }

  /** Returns what is wrong with the picture, as the end of a sentence that begins with "it", or `undefined`. */
  decode(jpeg: Buffer, header: JpegHeader | string = readJpegHeader(jpeg)): string | undefined {
    if (typeof header === 'string') return header;
    this.#bytes = jpeg;
    const tables: HuffmanTables = { dc: [], ac: [] };
    readTables(STANDARD_TABLES, tables);
    this.#layOut(header);
    for (let scan = header, scans = 1; ; scans += 1) {
      const wrong = readAll(jpeg, scan.huffmanAt, tables) ?? this.#scan(scan, tables);
      if (wrong !== undefined) return wrong;
      // The scan was read up to a marker.
      if (jpeg[this.#at + 1] === EOI) break;
      if (scans === 4) return 'it has more scans than components';
      const next = readNextScan(jpeg, scan, this.#at);
      if (typeof next === 'string') return next;
      scan = next;
    }
    return this.#at + 2 === jpeg.length
      ? undefined
      : `it ends ${jpeg.length - this.#at - 2} bytes before its frame does`;
  }

  /** Planes of the right sizes: whole MCUs. */
  #layOut(header: JpegHeader): void {
    const grid = mcuGrid(header);
    const sizes = header.components.map(({ h, v }) => ({ columns: grid.columns * h, rows: grid.rows * v }));
    const isSame =
      sizes.length === this.#planes.length &&
      sizes.every(({ columns, rows }, index) => {
        const plane = this.#planes[index];
        return plane?.columns === columns && plane.rows === rows;
      });
    if (isSame) return;
    this.#planes = sizes.map(({ columns, rows }) => ({ columns, rows, values: new Int16Array(columns * rows) }));
  }

  #scan(header: JpegHeader, tables: HuffmanTables): string | undefined {
    const parts: ScanPart[] = [];
    const isAlone = header.scan.length === 1;
    for (const { index, dc, ac } of header.scan) {
      const [component, plane] = [header.components[index], this.#planes[index]];
      const [dcTable, acTable] = [tables.dc[dc], tables.ac[ac]];
      if (component === undefined || plane === undefined || dcTable === undefined || acTable === undefined)
        return 'it lacks a Huffman table';
      const [across, down] = isAlone ? [1, 1] : [component.h, component.v];
      parts.push({ dc: dcTable, ac: acTable, across, down, plane, prediction: 0 });
    }
    // A scan of one component has its blocks row by row, without those that only fill up an MCU.
    const [first] = header.scan;
    const only = first === undefined || !isAlone ? undefined : header.components[first.index];
    const grid = only === undefined ? mcuGrid(header) : blockGrid(header, only);
    return this.#intervals(parts, grid, header.restartInterval, header.scanAt);
  }

  #intervals(parts: readonly ScanPart[], grid: Grid, restartInterval: number, scanAt: number): string | undefined {
    const total = grid.columns * grid.rows;
    const step = restartInterval === 0 ? total : restartInterval;
    this.#at = scanAt;
    for (let from = 0, number = 0; from < total; from += step, number = (number + 1) & 7) {
      this.#bits = 0;
      this.#count = 0;
      this.#added = 0;
      for (const part of parts) part.prediction = 0;
      const wrong = this.#mcus(parts, grid.columns, from, Math.min(from + step, total)) ?? this.#leftover();
      if (wrong !== undefined) return `its entropy code ${wrong}`;
      if (from + step >= total) break;
      const marker = this.#bytes[this.#at + 1] ?? 0;
      if (marker !== RST0 + number) return `restart marker ${number} is missing before its MCU ${from + step + 1}`;
      this.#at += 2;
    }
    return undefined;
  }

  #mcus(parts: readonly ScanPart[], columns: number, from: number, to: number): string | undefined {
    for (let mcu = from; mcu < to; mcu += 1) {
      const row = Math.floor(mcu / columns);
      const column = mcu - row * columns;
      for (const part of parts) {
        const { across, down, plane } = part;
        for (let y = 0; y < down; y += 1) {
          let place = (row * down + y) * plane.columns + column * across;
          for (let x = 0; x < across; x += 1) {
            const wrong = this.#block(part);
            if (wrong !== undefined) return wrong;
            plane.values[place] = part.prediction;
            place += 1;
          }
        }
      }
    }
    return undefined;
  }

  /** One block. Where the data have run out, zeros stand in for them. */
  #block(part: ScanPart): string | undefined {
    let bits = this.#bits;
    let count = this.#count;
    const { fast, full } = part.ac;
    if (count < 25) {
      this.#fill(bits, count);
      bits = this.#bits;
      count = this.#count;
    }
    const code = (bits >>> (count - 16)) & 0xffff;
    const dc = part.dc.fast[code >>> FAST_SHIFT] || (part.dc.full[code] ?? 0);
    if (dc === 0) return this.#isOver(count) ? TOO_SHORT : NO_CODE;
    count -= dc & 31;
    const size = dc >> 5;
    if (size > 0) {
      if (count < size) {
        this.#fill(bits, count);
        bits = this.#bits;
        count = this.#count;
      }
      count -= size;
      const value = (bits >>> count) & ((1 << size) - 1);
      part.prediction += value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
      if (part.prediction > MAX_DC || part.prediction < -MAX_DC - 1) return IMPOSSIBLE;
    }
    for (let k = 1; k < 64;) {
      if (count < 26) {
        this.#fill(bits, count);
        bits = this.#bits;
        count = this.#count;
      }
      const next = (bits >>> (count - 16)) & 0xffff;
      const entry = fast[next >>> FAST_SHIFT] || (full[next] ?? 0);
      if (entry === 0) return this.#isOver(count) ? TOO_SHORT : NO_CODE;
      const steps = entry >> 5;
      count -= entry & 31;
      if (steps === END_OF_BLOCK) break;
      k += steps;
      if (k > 64) return this.#isOver(count) ? TOO_SHORT : BEYOND;
    }
    this.#bits = bits;
    this.#count = count;
    return this.#added > 0 && count < 8 * this.#added ? TOO_SHORT : undefined;
  }

  /** Puts bytes of the scan behind the bits that are left, until there are more than 24. Stops at a marker. */
  #fill(leftBits: number, leftCount: number): void {
    const bytes = this.#bytes;
    let bits = leftBits;
    let count = leftCount;
    let at = this.#at;
    while (count <= 24) {
      const byte = bytes[at] ?? 0xff;
      if (byte === 0xff) {
        if (bytes[at + 1] !== 0) {
          this.#added += 1; // a marker, or the end of the frame
          bits <<= 8;
          count += 8;
          continue;
        }
        at += 1; // a stuffed zero
      }
      bits = (bits << 8) | byte;
      count += 8;
      at += 1;
    }
    this.#at = at;
    this.#bits = bits;
    this.#count = count;
  }

  #isOver(count: number): boolean {
    return this.#added > 0 && count - 8 * this.#added < 16;
  }

  /** Holds the end of an interval: fewer than eight bits are left, all of them ones, then comes a marker. */
  #leftover(): string | undefined {
    // -1: code and value of the last coefficient had one bit more than there was room for.
    if (this.#count < 0) this.#fill(this.#bits, this.#count);
    const left = this.#count - 8 * this.#added;
    if (left < 0) return TOO_SHORT;
    const bytes = this.#bytes;
    while (bytes[this.#at] === 0xff && bytes[this.#at + 1] === 0xff) this.#at += 1; // fill bytes
    const isAtMarker = bytes[this.#at] === 0xff && (bytes[this.#at + 1] ?? 0) !== 0;
    if (left > 7 || !isAtMarker) return 'goes on behind its last block';
    const padding = (this.#bits >>> (this.#count - left)) & ((1 << left) - 1);
    return padding === (1 << left) - 1 ? undefined : 'does not end in ones';
  }
}

function readAll(jpeg: Buffer, pairs: readonly number[], tables: HuffmanTables): string | undefined {
  for (let index = 0; index < pairs.length; index += 2) {
    const wrong = readTables(jpeg.subarray(pairs[index], pairs[index + 1]), tables);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function most({ components }: JpegHeader): { readonly h: number; readonly v: number } {
  return { h: Math.max(...components.map(({ h }) => h)), v: Math.max(...components.map(({ v }) => v)) };
}

/** MCUs of a scan of all components. With one component alone an MCU is one block, whatever its factors say. */
function mcuGrid(header: JpegHeader): Grid {
  const { h, v } = most(header);
  return { columns: Math.ceil(header.width / (8 * h)), rows: Math.ceil(header.height / (8 * v)) };
}

function blockGrid(header: JpegHeader, component: Component): Grid {
  const { h, v } = most(header);
  return {
    columns: Math.ceil(Math.ceil((header.width * component.h) / h) / 8),
    rows: Math.ceil(Math.ceil((header.height * component.v) / v) / 8),
  };
}
