import { deflateSync } from 'node:zlib';

/** Writes small pictures as PNG (RFC 2083): pages show it, it keeps every value, and Node has its compression. */

/** Rows from the top, without gaps. `channels`: 1 is grey, 3 is RGB; 8 bits each. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Buffer;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const COLOUR_TYPES = { 1: 0, 3: 2 } as const;
const PAETH = 4;

export function encodePng(pixels: Pixels): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(pixels.width, 0);
  head.writeUInt32BE(pixels.height, 4);
  head[8] = 8; // bits a sample
  head[9] = COLOUR_TYPES[pixels.channels];
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(filtered(pixels), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Each byte as its difference from what its neighbours (left, above, above left) let expect: that compresses. */
function filtered({ width, height, channels, data }: Pixels): Buffer {
  const stride = width * channels;
  const out = Buffer.alloc((stride + 1) * height);
  for (let row = 0, to = 0; row < height; row += 1) {
    out[to] = PAETH;
    to += 1;
    for (let x = 0; x < stride; x += 1, to += 1) {
      const at = row * stride + x;
      const left = x < channels ? 0 : (data[at - channels] ?? 0);
      const above = row === 0 ? 0 : (data[at - stride] ?? 0);
      const corner = x < channels || row === 0 ? 0 : (data[at - stride - channels] ?? 0);
      out[to] = (data[at] ?? 0) - paeth(left, above, corner);
    }
  }
  return out;
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [toLeft, toAbove, toCorner] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}

function chunk(type: string, data: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, 'latin1');
  data.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

/** Own: `zlib.crc32` is missing in early Node 20, and these are a few kilobytes. */
function crc32(bytes: Buffer): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (CRC_TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
