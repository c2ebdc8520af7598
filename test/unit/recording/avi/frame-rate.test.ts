import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { meanFrameRate } from '../../../../src/recording/avi/frame-rate.js';

describe('meanFrameRate', () => {
  it('is the expected rate until two frames are there', () => {
    expect(meanFrameRate(0, 0n, 30)).toEqual({ scale: 1, rate: 30 });
    expect(meanFrameRate(1, 0n, 60)).toEqual({ scale: 1, rate: 60 });
    expect(meanFrameRate(1, 0n, 0.5)).toEqual({ scale: 2, rate: 1 });
    expect(meanFrameRate(1, 0n, 30_000 / 1001).rate).toBeGreaterThan(0);
  });

  it('is the expected rate when time stood still or ran backwards', () => {
    expect(meanFrameRate(10, 0n, 25)).toEqual({ scale: 1, rate: 25 });
    expect(meanFrameRate(10, -5n, 25)).toEqual({ scale: 1, rate: 25 });
  });

  it('is 30 where the expected rate makes no sense', () => {
    for (const fps of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e12]) {
      expect(meanFrameRate(1, 0n, fps)).toEqual({ scale: 1, rate: 30 });
    }
  });

  it('is a simple fraction where that is near enough', () => {
    expect(meanFrameRate(2, 33_333_000n, 60)).toEqual({ scale: 1, rate: 30 });
    expect(meanFrameRate(300, 299n * 33_333_333n, 60)).toEqual({ scale: 1, rate: 30 });
  });

  it('is the expected rate where the measured one is that of no camera', () => {
    expect(meanFrameRate(2, 10n, 60)).toEqual({ scale: 1, rate: 60 });
    expect(meanFrameRate(1_000, 999n * 1_000n, 60)).toEqual({ scale: 1, rate: 60 });
    expect(meanFrameRate(1_000, 999n * 100_000n, 60)).toEqual({ scale: 1, rate: 10_000 });
  });

  it.each([119.6, 120.76, 99.987, 29.97, 30.003, 60.0024, 1_000.3, 0.1, 0.005])(
    'has terms of 16 bits, which every encoder takes, for hours at %d fps',
    (fps) => {
      const periodNs = 1e9 / fps;
      for (const seconds of [7, 60, 607.3, 3_600, 4 * 3_600]) {
        const frames = Math.max(2, Math.round(seconds * fps));
        const { scale, rate } = meanFrameRate(frames, BigInt(Math.round(periodNs * (frames - 1))), 30);
        expect(Math.max(scale, rate)).toBeLessThanOrEqual(65_535);
      }
    },
  );

  it.each([99.98713, 119.60137, 120.7613, 143.857_142, 1_000.31])(
    'stays within 16 bits for minutes at %d fps where it is rounded to thousandths',
    (fps) => {
      for (const seconds of [1, 10, 25]) {
        const frames = Math.round(seconds * fps);
        const { scale, rate } = meanFrameRate(frames, BigInt(Math.round((1e9 / fps) * (frames - 1))), 30);
        const thousandths = Math.round((rate / scale) * 1_000);
        const divisor = [1_000, 500, 250, 200, 125, 100, 50, 40, 25, 20, 10, 8, 5, 4, 2, 1].find(
          (one) => thousandths % one === 0 && 1_000 % one === 0,
        );
        expect(thousandths / (divisor ?? 1)).toBeLessThanOrEqual(65_535);
      }
    },
  );

  it('is precise rather than simple where the terms are short anyway', () => {
    // Half a frame in ten would let 30 fps be 29.
    expect(meanFrameRate(10, 9n * 33_333_333n, 60)).toEqual({ scale: 1, rate: 30 });
  });

  it('is the expected rate where no 32-bit fraction comes near the measured one', () => {
    expect(meanFrameRate(2, 10n ** 21n, 30)).toEqual({ scale: 1, rate: 30 });
  });

  it('keeps the playing time of a day within half a frame, in terms that players can multiply', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 17_280_000 }),
        fc.bigInt({ min: 4_000_000n, max: 2_000_000_000n }),
        fc.bigInt({ min: -3_000_000n, max: 3_000_000n }),
        (frames, periodNs, jitterNs) => {
          const spanNs = BigInt(frames - 1) * periodNs + jitterNs;
          const { scale, rate } = meanFrameRate(frames, spanNs, 30);
          expect(scale).toBeLessThanOrEqual(100_000_000);
          expect(rate).toBeLessThanOrEqual(100_000_000);
          // frames * |scale / rate - span / (frames - 1)| in frame lengths, in integers
          const numerator = BigInt(scale) * BigInt(frames - 1) * 1_000_000_000n - spanNs * BigInt(rate);
          const error = ((numerator < 0n ? -numerator : numerator) * BigInt(frames) * 2n) / (spanNs * BigInt(rate));
          expect(error).toBe(0n);
        },
      ),
      // At the limit of 100 million a day at 200 fps is off by 0.17 frames at worst; this one by 0.1.
      { examples: [[10_000_026, 4_000_000n, 400_000n]] },
    );
  });
});
