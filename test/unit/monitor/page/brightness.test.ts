import { describe, expect, it } from '@jest/globals';
import { BINS, brightnessOf, percent } from '../../../../src/monitor/page/brightness.js';

const pixels = (...colours: readonly (readonly [number, number, number])[]) =>
  new Uint8ClampedArray(colours.flatMap((colour) => [...colour, 255]));

describe('the brightness of a picture', () => {
  it('is how many of its pixels are how bright', () => {
    const { bins } = brightnessOf(pixels([0, 0, 0], [128, 128, 128], [128, 128, 128], [255, 255, 255]));
    expect(bins).toHaveLength(BINS);
    expect([bins[0], bins[32], bins[63]]).toEqual([0.25, 0.5, 0.25]);
  });

  it('counts a pixel as too bright where one colour is at its end', () => {
    const { clipped, black } = brightnessOf(pixels([254, 10, 10], [252, 252, 252], [2, 2, 2], [3, 3, 3]));
    expect({ clipped, black }).toEqual({ clipped: 0.25, black: 0.25 });
  });

  it('is nothing where there is no picture', () => {
    expect(brightnessOf(pixels()).clipped).toBe(0);
  });

  it('is told with the digits that mean something', () => {
    expect([0, 0.0004, 0.034, 0.5].map(percent)).toEqual(['0 %', 'under 0.1 %', '3.4 %', '50 %']);
  });
});
