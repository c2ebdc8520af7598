import { describe, expect, it } from '@jest/globals';
import { distribution, median, pairwiseRatios, rotated, spread } from '../../../bench/statistics.mjs';

describe('median', () => {
  it('is the middle value, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the two middle values of an even number', () => {
    expect(median([4, 1, 3, 100])).toBe(3.5);
  });

  it('compares numbers as numbers', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it('leaves the given values in their order', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuses to make one of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('spread', () => {
  it('gives the smallest and the largest value beside the median', () => {
    expect(spread([2, 8, 3])).toEqual({ median: 3, min: 2, max: 8 });
  });
});

describe('pairwiseRatios', () => {
  it('divides round by round', () => {
    expect(pairwiseRatios([4, 9], [2, 3])).toEqual([2, 3]);
  });

  it('refuses lists of different lengths', () => {
    expect(() => pairwiseRatios([1, 2], [1])).toThrow(RangeError);
  });
});

describe('rotated', () => {
  it('puts everybody first once in as many rounds as there are items', () => {
    const firsts = [0, 1, 2].map((round) => rotated(['a', 'b', 'c'], round)[0]);
    expect(firsts).toEqual(['a', 'b', 'c']);
    expect(rotated(['a', 'b', 'c'], 4)).toEqual(['b', 'c', 'a']);
  });

  it('leaves nothing as it is', () => {
    expect(rotated([], 3)).toEqual([]);
  });
});

describe('distribution', () => {
  it('gives values that were measured, by nearest rank', () => {
    const values = Array.from({ length: 2000 }, (_, index) => 2000 - index);
    expect(distribution(values)).toEqual({
      count: 2000,
      mean: 1000.5,
      p50: 1000,
      p90: 1800,
      p99: 1980,
      p999: 1998,
      max: 2000,
    });
  });

  it('takes the largest for the slowest thousandth where there are fewer than a thousand', () => {
    expect(distribution([5, 1, 3])).toMatchObject({ p50: 3, p99: 5, p999: 5, max: 5 });
  });

  it('refuses to make one of nothing', () => {
    expect(() => distribution([])).toThrow(RangeError);
  });
});
