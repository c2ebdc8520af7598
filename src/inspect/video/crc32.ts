import * as zlib from 'node:zlib';

/** Node has one since 20.15; before, a table does it, six times slower. */
const own: unknown = Reflect.get(zlib, 'crc32');

/** crc32 as in zlib and PNG, unsigned: continues `value`, the sum of the bytes before. */
export const crc32: (data: Buffer, value: number) => number =
  typeof own === 'function' ? (own as (data: Buffer, value: number) => number) : byTable;

/** Its polynomial, lowest power at the highest bit. */
const POLYNOMIAL = 0xedb8_8320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
  return value;
});

export function byTable(data: Buffer, value: number): number {
  let sum = ~value;
  for (const byte of data) sum = (sum >>> 8) ^ (TABLE[(sum ^ byte) & 0xff] ?? 0);
  return ~sum >>> 0;
}

/** The sum of two pieces, from the sum of each. `bytes`: length of the second one. Source: `crc32_combine` of zlib. */
export function combinedCrc32(first: number, second: number, bytes: number): number {
  // A byte behind the first piece multiplies its remainder by x^8.
  let power = 0x0080_0000;
  let shift = 0x8000_0000;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) shift = product(shift, power);
    power = product(power, power);
  }
  return (product(shift, first) ^ second) >>> 0;
}

/** Of two polynomials over GF(2), modulo crc32's. */
function product(one: number, other: number): number {
  let [sum, factor] = [0, other];
  for (let bit = 31; bit >= 0; bit -= 1) {
    if ((one >>> bit) & 1) sum ^= factor;
    factor = factor & 1 ? (factor >>> 1) ^ POLYNOMIAL : factor >>> 1;
  }
  return sum >>> 0;
}
