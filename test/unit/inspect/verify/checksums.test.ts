import { expect, it } from '@jest/globals';
import { Findings } from '../../../../src/inspect/verify/findings.js';
import { ChecksumCheck } from '../../../../src/inspect/verify/info-checks.js';
import { crc32ByTable } from '../../../../src/recording/checksums/crc32.js';

const bytes = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 31) % 251));
const hexadecimal = (crc: number): string => crc.toString(16).padStart(8, '0');

/** 1,500 frames of two bytes, whose first block comes in three pieces. */
function check(change: (piece: number) => number): { isProven: boolean; failures: string[] } {
  const findings = new Findings();
  const blocks = [bytes.subarray(0, 2000), bytes.subarray(2000)].map((part) => hexadecimal(crc32ByTable(part, 0)));
  const sums = new ChecksumCheck({ algorithm: 'crc32', frames_per_block: 1000, blocks }, findings);
  for (const [piece, [from, to]] of (
    [
      [0, 512],
      [512, 1300],
      [1300, 2000],
      [2000, 3000],
    ] as const
  ).entries()) {
    const crc = change(piece) ^ crc32ByTable(bytes.subarray(from, to), 0);
    sums.add({ block: from < 2000 ? 0 : 1, bytes: to - from, crc: crc >>> 0 });
  }
  const isProven = sums.end(1500);
  return { isProven, failures: findings.all().map(({ id, message }) => `${id} ${message}`) };
}

it('sums up a block that comes in pieces', () => {
  expect(check(() => 0)).toEqual({ isProven: true, failures: [] });
});

it.each([
  [0, '1 to 1000'],
  [1, '1 to 1000'],
  [2, '1 to 1000'],
  [3, '1001 to 2000'],
])('notices another bit in piece %i', (changed, frames) => {
  const { isProven, failures } = check((piece) => (piece === changed ? 1 : 0));
  expect(isProven).toBe(false);
  expect(failures).toEqual([`V23 the bytes of the frames ${frames} are not those that were recorded (crc32)`]);
});
