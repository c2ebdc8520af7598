import { describe, expect, it } from '@jest/globals';
import { FrameTally } from '../../../../src/pipeline/recorder/frame-tally.js';

describe('FrameTally', () => {
  it('is balanced when every frame was recorded, dropped or skipped', () => {
    const tally = new FrameTally();
    for (let count = 0; count < 10; count += 1) tally.deliver();
    tally.record(6);
    tally.drop(3);
    tally.skip();
    tally.miss(4);
    tally.noteDisorder();
    expect(tally.noteDisorder()).toBe(2);
    expect(() => {
      tally.assertBalanced();
    }).not.toThrow();
    expect(tally.counts()).toEqual({
      delivered: 10,
      recorded: 6,
      dropped: 3,
      skipped: 1,
      missingAtSource: 4,
      disordered: 2,
    });
  });

  it('says how many frames it knows nothing of', () => {
    const tally = new FrameTally();
    tally.deliver();
    tally.deliver();
    expect(tally.pending).toBe(2);
    expect(() => {
      tally.assertBalanced();
    }).toThrow('Frames are unaccounted for (2)');
  });

  it('takes back what was thought to be recorded', () => {
    const tally = new FrameTally();
    tally.deliver();
    tally.record(1);
    tally.retract(1);
    expect(tally.recorded).toBe(0);
    expect(tally.pending).toBe(1);
  });
});
