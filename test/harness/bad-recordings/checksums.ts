import { CHECKSUM_BLOCK_FRAMES, type InfoChecksums } from '../../../src/recording/info/info-file.js';
import type { MappedFrame } from './video-map.js';

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb8_8320 : value >>> 1;
  return value;
});

/** The checksums of the frames as the info file has them. */
export function checksumsOf(video: Buffer, frames: readonly MappedFrame[]): InfoChecksums {
  const blocks: string[] = [];
  for (let from = 0; from < frames.length; from += CHECKSUM_BLOCK_FRAMES) {
    const some = frames.slice(from, from + CHECKSUM_BLOCK_FRAMES);
    blocks.push(crc32(some.map(({ data, bytes }) => video.subarray(data, data + bytes))));
  }
  return { algorithm: 'crc32', frames_per_block: CHECKSUM_BLOCK_FRAMES, blocks };
}

function crc32(pieces: readonly Buffer[]): string {
  let value = 0xffff_ffff;
  for (const piece of pieces) {
    for (const byte of piece) value = (value >>> 8) ^ (TABLE[(value ^ byte) & 0xff] ?? 0);
  }
  return ((value ^ 0xffff_ffff) >>> 0).toString(16).padStart(8, '0');
}
