import { describe, expect, it } from '@jest/globals';
import { crc32ByTable } from '../../../../src/recording/checksums/crc32.js';
import { FrameChecksums } from '../../../../src/recording/checksums/frame-checksums.js';

const frame = (number: number) => ({ bytes: [Buffer.from(`frame ${number}, `), Buffer.from('in two pieces')] });

/** What the frames 1 to `frames` come to, from their bytes in one piece. */
function sumsOf(frames: number): string[] {
  const sums: string[] = [];
  for (let first = 1; first <= frames; first += 1000) {
    const numbers = Array.from({ length: Math.min(1000, frames - first + 1) }, (_, index) => first + index);
    const bytes = Buffer.concat(numbers.flatMap((number) => frame(number).bytes));
    sums.push(crc32ByTable(bytes, 0).toString(16).padStart(8, '0'));
  }
  return sums;
}

describe('checksums of frames', () => {
  it.each([0, 1, 999, 1000, 1001, 2000, 2345])('are one for each thousand frames, of %i', (frames) => {
    const checksums = new FrameChecksums();
    for (let number = 1; number <= frames; number += 1) {
      checksums.note(frame(number));
      if (number % 17 === 0) checksums.settle();
    }
    checksums.settle();
    expect(checksums.blocks()).toEqual({ algorithm: 'crc32', frames_per_block: 1000, blocks: sumsOf(frames) });
  });

  it('do not count a frame before it is settled', () => {
    const checksums = new FrameChecksums();
    checksums.note(frame(1));
    checksums.settle();
    checksums.note(frame(2));
    expect(checksums.blocks().blocks).toEqual(sumsOf(1));
  });

  it.each([
    ['within a block', 500, 520, 510],
    ['back over the end of a block', 995, 1010, 998],
    ['back to the end of a block', 995, 1010, 1000],
    ['back to what is settled', 995, 1010, 995],
    ['never behind what is settled', 1000, 1010, 3],
  ])('go back with the frames that are given up: %s', (_what, settled, noted, kept) => {
    const checksums = new FrameChecksums();
    for (let number = 1; number <= settled; number += 1) checksums.note(frame(number));
    checksums.settle();
    for (let number = settled + 1; number <= noted; number += 1) checksums.note(frame(number));
    checksums.forgetAfter(kept);
    const remaining = Math.max(settled, kept);
    checksums.settle();
    expect(checksums.blocks().blocks).toEqual(sumsOf(remaining));
    for (let number = remaining + 1; number <= 2100; number += 1) checksums.note(frame(number));
    checksums.settle();
    expect(checksums.blocks().blocks).toEqual(sumsOf(2100));
  });
});
