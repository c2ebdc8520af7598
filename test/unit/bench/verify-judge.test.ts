import { describe, expect, it } from '@jest/globals';
import { judgeVerify } from '../../../bench/hold/verify-judge.mjs';

const KEPT = {
  gigabytes: 2,
  cat: [0.19, 0.2, 0.21],
  verify: [0.5, 0.6, 0.7],
  verifySums: [0.8, 1, 1.6],
  quick: [0.19, 0.19, 0.25],
  frames: 2_600_000,
  peakMb: [180, 190, 199],
};

describe('judgeVerify', () => {
  it('holds medians against cat, a fifth of a second, and 200 MB', () => {
    expect(judgeVerify(KEPT).map(({ kept }) => kept)).toEqual([true, true, true, true, true]);
    expect(judgeVerify(KEPT)[1]).toMatchObject({ measured: '0.60 (0.50 to 0.70), 3.0 x cat', limit: '3 x cat' });
  });

  it.each([
    ['verify, 2.0 GB, s', { verify: [0.5, 0.61, 0.7] }],
    ['verify with checksums, 2.0 GB, s', { verifySums: [1.7, 1.7, 1.7] }],
    ['verify --quick, 2.0 GB, s', { quick: [0.21, 0.21, 0.19] }],
    ['memory of verify, 2.6 million frames, MB', { peakMb: [201, 201, 150] }],
  ])('says when there is too much of it: %s', (what, worse) => {
    const missed = judgeVerify({ ...KEPT, ...worse }).filter(({ kept }) => kept !== true);
    expect(missed.map((one) => one.what)).toEqual([what]);
  });
});
