import { describe, expect, it } from '@jest/globals';
import { Recent } from '../../../../src/monitor/page/recent.js';

const BOX = { width: 120, height: 10, top: 100 };

describe('the line of the last two minutes', () => {
  it('ends at the right, and is as high as its figure', () => {
    const recent = new Recent();
    recent.add(1_000, 0);
    recent.add(2_000, 50);
    recent.add(3_000, 100);
    expect(recent.path(3_000, BOX)).toBe('M118.0 10.0L119.0 5.0L120.0 0.0');
    expect(recent.highest).toBe(100);
  });

  it('is broken where nothing was known', () => {
    const recent = new Recent();
    recent.add(1_000, 50);
    recent.add(4_000, 50);
    recent.add(9_000, 50);
    expect(recent.path(9_000, BOX).match(/[ML]/g)).toEqual(['M', 'L', 'M']);
  });

  it('forgets what is older', () => {
    const recent = new Recent();
    recent.add(0, 100);
    recent.add(120_001, 20);
    expect(recent.highest).toBe(20);
  });

  it('stays in its box', () => {
    const recent = new Recent();
    recent.add(0, 400);
    expect(recent.path(0, BOX)).toBe('M120.0 0.0');
    expect(new Recent().path(0, { ...BOX, top: 0 })).toBe('');
  });
});
