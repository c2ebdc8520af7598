import { describe, expect, it } from '@jest/globals';
import { nearestWord } from '../../../src/cli/nearest-word.js';

describe('nearestWord', () => {
  it.each([
    ['recrod', 'record'],
    ['RECORD', 'record'],
    ['recor', 'record'],
    ['camera', 'cameras'],
    ['camreas', 'cameras'],
    ['list', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ])('finds for %p: %p', (typed, meant) => {
    expect(nearestWord(typed, ['record', 'cameras'])).toBe(meant);
  });
});
