import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  roundedC,
  roundedDioptres,
  roundedFps,
  roundedGain,
  roundedLux,
  roundedMs,
  roundedPart,
  roundedS,
  roundedShare,
} from '../../../src/core/figures.js';

describe('a figure', () => {
  it.each([
    [roundedFps, 30.00030000299987, 30],
    [roundedFps, 29.97002997, 29.97],
    [roundedFps, 119.8765, 119.88],
    [roundedFps, 1, 1],
    [roundedFps, 0.99999, 1],
    [roundedFps, 0.5, 0.5],
    [roundedFps, 1 / 3, 0.333],
    [roundedFps, 0.0333333, 0.0333],
    [roundedFps, 0.005, 0.005],
    [roundedFps, 0.0049999, 0.005],
    [roundedFps, 0, 0],
    [roundedMs, 12.3456, 12.3],
    [roundedMs, 0.04, 0],
    [roundedMs, 1e12 + 0.26, 1e12 + 0.3],
    [roundedS, 10.00049, 10],
    [roundedS, 86_400.123_456, 86_400.123],
    [roundedShare, 0.123456, 0.123],
    [roundedC, 54.321, 54.3],
    [roundedGain, 1.123_456, 1.123],
    [roundedDioptres, 2.000_4, 2],
    [roundedPart, 1 / 3, 0.333_3],
    [roundedLux, 401.26, 401.3],
  ])('is made by %p of %p to %p', (round, exact, rounded) => {
    expect(round(exact)).toBe(rounded);
  });

  it('is near the exact one, and stays as it is when it is rounded again', () => {
    const anyFps = fc.double({ min: 0.005, max: 1000, noNaN: true });
    fc.assert(
      fc.property(anyFps, (fps) => {
        const rounded = roundedFps(fps);
        expect(Math.abs(rounded - fps)).toBeLessThanOrEqual(fps * 0.005 + 1e-12);
        expect(roundedFps(rounded)).toBe(rounded);
        expect(JSON.stringify(rounded)).toMatch(/^\d+(\.\d{1,5})?$/);
      }),
    );
  });
});
