import { describe, expect, it } from '@jest/globals';
import { SteadyExposure } from '../../../../src/cli/settings/steady-exposure.js';

/** For how long it was steady at the end, of exposures that come every 250 ms. */
function steadyMs(exposures: readonly (readonly [number | null, number | null])[]): number {
  const steady = new SteadyExposure();
  return exposures
    .map(([exposureTimeUs, gain], index) => steady.steadyForMs(index * 250, { exposureTimeUs, gain }))
    .at(-1) as number;
}

describe('a steady exposure', () => {
  it('is one whose time and gain stay within 2 %', () => {
    expect(
      steadyMs([
        [5000, 2],
        [5090, 2.03],
        [4950, 1.97],
        [5000, 2],
      ]),
    ).toBe(750);
  });

  it('begins anew where either leaves that', () => {
    expect(
      steadyMs([
        [5000, 2],
        [5000, 2],
        [5200, 2],
        [5200, 2],
      ]),
    ).toBe(250);
    expect(
      steadyMs([
        [5000, 2],
        [5000, 2],
        [5000, 2.1],
        [5000, 2.1],
      ]),
    ).toBe(250);
  });

  it('does not drift: a slow change is measured from where it began', () => {
    const rising = Array.from({ length: 40 }, (_, index): readonly [number, number] => [5000 * 1.005 ** index, 1]);
    expect(steadyMs(rising)).toBeLessThan(1500);
  });

  it('needs a camera that tells one of the two', () => {
    expect(
      steadyMs([
        [null, null],
        [null, null],
      ]),
    ).toBe(0);
    expect(
      steadyMs([
        [5000, null],
        [5000, null],
      ]),
    ).toBe(250);
    expect(
      steadyMs([
        [5000, 2],
        [null, null],
        [5000, 2],
        [5000, 2],
      ]),
    ).toBe(250);
    expect(
      steadyMs([
        [5000, 2],
        [5000, null],
        [5000, 2],
      ]),
    ).toBe(0);
  });
});
