import { describe, expect, it } from '@jest/globals';
import { afterReads } from '../../../src/core/after-reads.js';
import { ManualClock } from '../../harness/manual-clock.js';

describe('afterReads', () => {
  it('calls back once, after the delay', async () => {
    const clock = new ManualClock();
    let calls = 0;
    afterReads(clock, 10, () => (calls += 1));
    await clock.advance(9);
    expect(calls).toBe(0);
    await clock.advance(20);
    expect(calls).toBe(1);
  });

  it('lets what waits to be heard come before a timer that is late', async () => {
    const clock = new ManualClock();
    const order: string[] = [];
    clock.after(10, () => setImmediate(() => order.push('read')));
    afterReads(clock, 10, () => order.push('limit'));
    await clock.stall(20);
    expect(order).toEqual(['read', 'limit']);
  });

  it('is cancelled before its timer and after it', async () => {
    const clock = new ManualClock();
    let calls = 0;
    afterReads(clock, 10, () => (calls += 1))();
    expect(clock.timers).toBe(0);
    const cancel = afterReads(clock, 10, () => (calls += 1));
    clock.after(10, () => {
      cancel();
      cancel();
    });
    await clock.stall(20);
    expect(calls).toBe(0);
  });
});
