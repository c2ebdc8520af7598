import { describe, expect, it } from '@jest/globals';
import { standardErrors } from './student.js';
import { fitTrend, slopeError } from './trend.js';

const x = Array.from({ length: 40 }, (_, index) => index + 1);
const alternating = x.map((at) => (at % 2) - 0.5);
/** The same size, but eight neighbours go together. */
const slow = x.map((at) => (Math.floor(at / 8) % 2) - 0.5);
const onLine = (noise: readonly number[]): number[] => x.map((at, index) => 3 + 2 * at + (noise[index] ?? 0));

describe('A trend', () => {
  it('has no error where all points lie on a line', () => {
    const trend = fitTrend(x, onLine([]));
    expect(trend.slope).toBeCloseTo(2, 9);
    expect(slopeError(trend)).toBeCloseTo(0, 9);
  });

  it('has a larger error where neighbours resemble each other', () => {
    const [own, shared] = [alternating, slow].map((noise) => slopeError(fitTrend(x, onLine(noise))));
    expect(shared).toBeGreaterThan(3 * (own ?? Infinity));
  });

  it('has a smaller error in a longer run', () => {
    const trend = fitTrend(x, onLine(alternating));
    expect(slopeError(trend, 4)).toBeLessThan(slopeError(trend) / 8);
  });

  it('leaves to another shape what that shape explains', () => {
    const curve = x.map((at) => Math.log(at));
    const y = x.map((at, index) => 5 * (curve[index] ?? 0) + 0.1 * at);
    expect(fitTrend(x, y).slope).toBeGreaterThan(0.2);
    expect(fitTrend(x, y, [curve]).slope).toBeCloseTo(0.1, 9);
  });
});

describe("Student's t", () => {
  it.each([
    [0.5, 12.706],
    [3, 3.182],
    [7, 2.365],
    [12, 2.179],
    [40, 2.021],
    [1_000, 1.962],
  ])('for %d degrees of freedom is near %d', (freedom, t) => {
    expect(standardErrors(freedom)).toBeCloseTo(t, 2);
  });
});
