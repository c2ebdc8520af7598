import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import * as zlib from 'node:zlib';
import { crc32, crc32ByTable } from '../../../../src/recording/checksums/crc32.js';

describe('the crc32 of frames', () => {
  it.each([
    ['nothing', '', 0],
    ['the usual check word', '123456789', 0xcbf43926],
    ['a sentence', 'The quick brown fox jumps over the lazy dog', 0x414fa339],
  ])('is what the world agrees on: %s', (_what, text, expected) => {
    expect(crc32ByTable(Buffer.from(text), 0)).toBe(expected);
    expect(crc32(Buffer.from(text), 0)).toBe(expected);
  });

  it("is Node's own where it has one", () => {
    expect(crc32).toBe('crc32' in zlib ? zlib.crc32 : crc32ByTable);
  });

  it('is the same with and without zlib, in pieces too', () => {
    for (const length of [1, 2, 7, 8, 9, 255, 4096, 65_537]) {
      const bytes = randomBytes(length);
      const cut = Math.floor(length / 3);
      const whole = crc32(bytes, 0);
      expect(crc32ByTable(bytes, 0)).toBe(whole);
      expect(crc32ByTable(bytes.subarray(cut), crc32(bytes.subarray(0, cut), 0))).toBe(whole);
    }
  });
});
