/**
 * A small baseline JPEG encoder, 4:2:0, that encodes single MCUs (16x16 pixels). With a restart after every MCU, each
 * MCU is a byte string independent of its neighbours, so frames can be composed from ready-made MCUs. What the
 * picture shows and how frames are composed is decided elsewhere.
 */
import {
  CHROMA_AC,
  CHROMA_DC,
  type HuffmanTable,
  LUMA_AC,
  LUMA_DC,
  quantisationTables,
  ZIGZAG,
} from './jpeg-tables.js';

/** Side of an MCU in 4:2:0, pixels. */
export const MCU_SIZE = 16;

/** One MCU's samples, 0 to 255. Chroma is either flat (one number) or 8x8 samples, row by row. */
export interface McuPicture {
  /** 16x16 samples, row by row. */
  readonly luma: Float32Array;
  readonly cb: number | Float32Array;
  readonly cr: number | Float32Array;
}

/** Code and length of each symbol, as `code << 5 | length`. */
function codesOf(table: HuffmanTable): Uint32Array {
  const codes = new Uint32Array(256);
  let code = 0;
  let next = 0;
  table.counts.forEach((count, index) => {
    for (let i = 0; i < count; i += 1) {
      codes[at(table.symbols, next)] = (code << 5) | (index + 1);
      code += 1;
      next += 1;
    }
    code <<= 1;
  });
  return codes;
}

/** Reads an element that is known to exist. */
function at(array: ArrayLike<number>, index: number): number {
  return array[index] ?? 0;
}

// Scale factors of the Arai-Agui-Nakajima DCT. Its output is the DCT times 8 * s[row] * s[column].
const AAN_SCALE = [0, 1, 2, 3, 4, 5, 6, 7].map((k) => (k === 0 ? 1 : Math.cos((k * Math.PI) / 16) * Math.SQRT2));

function divisorsOf(quantisation: Uint8Array): Float32Array {
  return Float32Array.from(quantisation, (step, i) => 1 / (8 * step * at(AAN_SCALE, i >> 3) * at(AAN_SCALE, i & 7)));
}

/** One dimension of the AAN forward DCT, in place, over eight values `stride` apart. */
function dctLine(data: Float32Array, start: number, stride: number): void {
  const i1 = start + stride;
  const i2 = i1 + stride;
  const i3 = i2 + stride;
  const i4 = i3 + stride;
  const i5 = i4 + stride;
  const i6 = i5 + stride;
  const i7 = i6 + stride;
  const sum07 = at(data, start) + at(data, i7);
  const difference07 = at(data, start) - at(data, i7);
  const sum16 = at(data, i1) + at(data, i6);
  const difference16 = at(data, i1) - at(data, i6);
  const sum25 = at(data, i2) + at(data, i5);
  const difference25 = at(data, i2) - at(data, i5);
  const sum34 = at(data, i3) + at(data, i4);
  const difference34 = at(data, i3) - at(data, i4);

  const evenSum03 = sum07 + sum34;
  const evenSum12 = sum16 + sum25;
  const evenDifference03 = sum07 - sum34;
  const evenRotated = (sum16 - sum25 + evenDifference03) * Math.SQRT1_2;
  data[start] = evenSum03 + evenSum12;
  data[i4] = evenSum03 - evenSum12;
  data[i2] = evenDifference03 + evenRotated;
  data[i6] = evenDifference03 - evenRotated;

  const odd10 = difference34 + difference25;
  const odd11 = difference25 + difference16;
  const odd12 = difference16 + difference07;
  const rotation = (odd10 - odd12) * 0.382683433;
  const odd2 = 0.5411961 * odd10 + rotation;
  const odd4 = 1.306562965 * odd12 + rotation;
  const odd3 = odd11 * Math.SQRT1_2;
  const plus = difference07 + odd3;
  const minus = difference07 - odd3;
  data[i5] = minus + odd2;
  data[i3] = minus - odd2;
  data[i1] = plus + odd4;
  data[i7] = plus - odd4;
}

const END_OF_BLOCK = 0x00;
const SIXTEEN_ZEROS = 0xf0;

/** Encodes MCUs at one quality. It is not on the hot path: frames are composed from MCUs that it encoded beforehand. */
export class McuEncoder {
  readonly #lumaDivisors: Float32Array;
  readonly #chromaDivisors: Float32Array;
  readonly #lumaDc = codesOf(LUMA_DC);
  readonly #lumaAc = codesOf(LUMA_AC);
  readonly #chromaDc = codesOf(CHROMA_DC);
  readonly #chromaAc = codesOf(CHROMA_AC);
  readonly #block = new Float32Array(64);
  readonly #coefficients = new Int32Array(64);
  // The worst case is 6 blocks of 64 coefficients of at most 26 bits, with every byte stuffed.
  readonly #bytes = new Uint8Array(6 * 64 * 4 * 2);
  #length = 0;
  #bits = 0;
  #bitCount = 0;

  /** `quality`: 1 to 100, as libjpeg means it. */
  constructor(quality: number) {
    const tables = quantisationTables(quality);
    this.#lumaDivisors = divisorsOf(tables.luma);
    this.#chromaDivisors = divisorsOf(tables.chroma);
  }

  /** Entropy-coded data of one MCU. Its predictions start from zero, and it is padded with ones to whole bytes. */
  encode(picture: McuPicture): Uint8Array {
    this.#length = 0;
    this.#bits = 0;
    this.#bitCount = 0;
    let prediction = 0;
    for (let quarter = 0; quarter < 4; quarter += 1) {
      this.#loadLuma(picture.luma, (quarter & 1) * 8, (quarter >> 1) * 8);
      this.#transform(this.#lumaDivisors);
      prediction = this.#writeBlock(prediction, this.#lumaDc, this.#lumaAc);
    }
    this.#encodeChroma(picture.cb);
    this.#encodeChroma(picture.cr);
    if (this.#bitCount > 0) this.#put((1 << (8 - this.#bitCount)) - 1, 8 - this.#bitCount);
    return this.#bytes.slice(0, this.#length);
  }

  #encodeChroma(samples: number | Float32Array): void {
    if (typeof samples === 'number') {
      // A flat block consists of its DC value alone. The transform makes it 64 times the sample (and the divisor
      // scales it).
      this.#coefficients.fill(0);
      this.#coefficients[0] = Math.round((samples - 128) * 64 * at(this.#chromaDivisors, 0));
      this.#writeBlock(0, this.#chromaDc, this.#chromaAc);
      return;
    }
    for (let i = 0; i < 64; i += 1) this.#block[i] = at(samples, i) - 128;
    this.#transform(this.#chromaDivisors);
    this.#writeBlock(0, this.#chromaDc, this.#chromaAc);
  }

  #loadLuma(luma: Float32Array, left: number, top: number): void {
    for (let y = 0; y < 8; y += 1) {
      const row = (top + y) * MCU_SIZE + left;
      for (let x = 0; x < 8; x += 1) this.#block[y * 8 + x] = at(luma, row + x) - 128;
    }
  }

  #transform(divisors: Float32Array): void {
    for (let row = 0; row < 8; row += 1) dctLine(this.#block, row * 8, 1);
    for (let column = 0; column < 8; column += 1) dctLine(this.#block, column, 8);
    for (let k = 0; k < 64; k += 1) {
      const natural = at(ZIGZAG, k);
      this.#coefficients[k] = Math.round(at(this.#block, natural) * at(divisors, natural));
    }
  }

  /** Writes a block and returns its DC value, which is the prediction for the next block. */
  #writeBlock(prediction: number, dcCodes: Uint32Array, acCodes: Uint32Array): number {
    const dc = at(this.#coefficients, 0);
    this.#putValue(dcCodes, 0, dc - prediction);
    let zeros = 0;
    for (let k = 1; k < 64; k += 1) {
      const value = at(this.#coefficients, k);
      if (value === 0) {
        zeros += 1;
        continue;
      }
      for (; zeros > 15; zeros -= 16) this.#putSymbol(acCodes, SIXTEEN_ZEROS);
      this.#putValue(acCodes, zeros << 4, value);
      zeros = 0;
    }
    if (zeros > 0) this.#putSymbol(acCodes, END_OF_BLOCK);
    return dc;
  }

  /**
   * Writes the symbol (run of zeros and size in bits), then the value's bits. A negative value is written minus one.
   */
  #putValue(codes: Uint32Array, run: number, value: number): void {
    const size = 32 - Math.clz32(Math.abs(value));
    this.#putSymbol(codes, run | size);
    if (size > 0) this.#put((value < 0 ? value - 1 : value) & ((1 << size) - 1), size);
  }

  #putSymbol(codes: Uint32Array, symbol: number): void {
    const entry = at(codes, symbol);
    this.#put(entry >> 5, entry & 31);
  }

  #put(value: number, count: number): void {
    this.#bits = (this.#bits << count) | value;
    this.#bitCount += count;
    while (this.#bitCount >= 8) {
      this.#bitCount -= 8;
      const byte = (this.#bits >> this.#bitCount) & 0xff;
      this.#bytes[this.#length++] = byte;
      if (byte === 0xff) this.#bytes[this.#length++] = 0; // a stuffed zero, so the data contains no marker
    }
    this.#bits &= (1 << this.#bitCount) - 1;
  }
}

function segment(marker: number, payload: readonly number[]): readonly number[] {
  const length = payload.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...payload];
}

const zigzagged = (table: Uint8Array): readonly number[] => [...ZIGZAG].map((natural) => at(table, natural));
const huffman = (id: number, { counts, symbols }: HuffmanTable): readonly number[] => [id, ...counts, ...symbols];

/** SOI and JFIF APP0, which come before a frame's own comment. */
export const FRAME_START = Buffer.from([
  0xff,
  0xd8,
  ...segment(0xe0, [...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
]);

export const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);

/** DQT, SOF0, DHT, DRI and SOS: everything from the comment to the first MCU. Sizes in pixels, `quality` 1 to 100. */
export function frameTables(width: number, height: number, quality: number): Buffer {
  const { luma, chroma } = quantisationTables(quality);
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  return Buffer.from([
    ...segment(0xdb, [0, ...zigzagged(luma)]),
    ...segment(0xdb, [1, ...zigzagged(chroma)]),
    // Three components: number, sampling factors (luma 2x2), quantisation table.
    ...segment(0xc0, [8, ...size, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]),
    ...segment(0xc4, huffman(0x00, LUMA_DC)),
    ...segment(0xc4, huffman(0x10, LUMA_AC)),
    ...segment(0xc4, huffman(0x01, CHROMA_DC)),
    ...segment(0xc4, huffman(0x11, CHROMA_AC)),
    ...segment(0xdd, [0, 1]), // a restart marker after every MCU
    ...segment(0xda, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]),
  ]);
}
