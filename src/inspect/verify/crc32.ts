import * as zlib from 'node:zlib';

/** Node has one since 20.15; before, a table does it, six times slower. */
const own: unknown = Reflect.get(zlib, 'crc32');
const update = typeof own === 'function' ? (own as (data: Buffer, value: number) => number) : byTable;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0xedb8_8320 : 0);
  return value;
});

/** crc32 as in zlib and PNG: continues `value`, the sum of the bytes before. */
export function byTable(data: Buffer, value: number): number {
  let sum = ~value;
  for (const byte of data) sum = (sum >>> 8) ^ (TABLE[(sum ^ byte) & 0xff] ?? 0);
  return ~sum >>> 0;
}

/** A crc32 over several pieces. */
export class Crc32 {
  #value = 0;

  add(bytes: Buffer): void {
    this.#value = update(bytes, this.#value);
  }

  /** As 8 hexadecimal digits; the next one begins anew. */
  take(): string {
    const text = this.#value.toString(16).padStart(8, '0');
    this.#value = 0;
    return text;
  }
}
