import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import assembler from 'wabt';
import { MarkerScan, PROGRAM } from '../../../../src/inspect/jpeg/marker-scan.js';
import { ROOT } from '../../../harness/paths.js';

const SOURCE = join(ROOT, 'src', 'inspect', 'jpeg', 'marker-scan.wat');

/** Positions of all markers, by Node's own search. */
function markersIn(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at + 1 < bytes.length; at += 1)
    if (bytes[at] === 0xff && (bytes[at + 1] === 0xd8 || bytes[at + 1] === 0xd9)) found.push(at);
  return found;
}

describe('MarkerScan', () => {
  const scan = new MarkerScan();

  function found(bytes: Buffer, from = 0): number[] {
    bytes.copy(scan.buffer(bytes.length));
    const all: number[] = [];
    for (let marker = scan.next(from, bytes.length); marker; marker = scan.next(marker.at + 2, bytes.length)) {
      expect(marker.isStart).toBe(bytes[marker.at + 1] === 0xd8);
      all.push(marker.at);
    }
    return all;
  }

  it('is the program that its source says', async () => {
    const wabt = await assembler();
    const { buffer } = wabt.parseWat('marker-scan.wat', readFileSync(SOURCE, 'utf8'), { simd: true }).toBinary({});
    expect(PROGRAM).toBe(Buffer.from(buffer).toString('base64'));
  });

  it('finds a marker at each place, and none that is cut off by the end', () => {
    for (let length = 0; length < 200; length += 1)
      for (let at = 0; at < length; at += 1) {
        const bytes = Buffer.alloc(length, 0xff);
        bytes[at + 1] = 0xd9;
        expect(found(bytes)).toEqual(at + 1 < length ? [at] : []);
      }
  });

  it('finds what is there from any place on, whatever lies behind the end', () => {
    const byte = fc.oneof(fc.constantFrom(0xff, 0xd8, 0xd9, 0xd7, 0xda, 0x00), fc.integer({ min: 0, max: 255 }));
    const pieces = fc.array(byte, { maxLength: 400 });
    fc.assert(
      fc.property(pieces, fc.nat(400), (values, from) => {
        const bytes = Buffer.from(values);
        scan.buffer(1000).fill(0xd8);
        expect(found(bytes, from)).toEqual(markersIn(bytes).filter((at) => at >= from));
      }),
    );
  });

  it('takes a frame of any size', () => {
    const bytes = Buffer.alloc(3_000_000);
    bytes.write('ffd8', 0, 'hex');
    bytes.write('ffd9', bytes.length - 2, 'hex');
    expect(found(bytes)).toEqual([0, 2_999_998]);
    expect(found(bytes.subarray(0, 100))).toEqual([0]);
  });
});
