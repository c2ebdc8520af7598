import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { backoffDelayMs } from '../../../../src/module/camera/backoff.js';

const SETTINGS = { firstDelayMs: 500, factor: 2, maxDelayMs: 30_000 };

describe('backoffDelayMs', () => {
  it('doubles from half a second to thirty', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => backoffDelayMs(SETTINGS, attempt, () => 1));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('never exceeds the nominal delay and never falls below three quarters of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, random) => {
          const nominal = backoffDelayMs(SETTINGS, attempt, () => 1);
          const delay = backoffDelayMs(SETTINGS, attempt, () => random);
          expect(delay).toBeLessThanOrEqual(nominal);
          expect(delay).toBeGreaterThanOrEqual(nominal * 0.75 - 0.5);
        },
      ),
    );
  });
});
