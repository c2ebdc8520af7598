import { describe, expect, it } from '@jest/globals';
import { minusReserve, fromNow, msUntil, withinUntil } from '../../../src/core/deadline.js';
import { TIMED_OUT } from '../../../src/core/within.js';
import { ManualClock } from '../../harness/manual-clock.js';

describe('a deadline', () => {
  it('says what is left, and 0 when it is past', async () => {
    const clock = new ManualClock();
    const untilNs = fromNow(clock, 250.5);
    expect(msUntil(clock, untilNs)).toBeCloseTo(250.5, 3);
    await clock.advance(100);
    expect(msUntil(clock, untilNs)).toBeCloseTo(150.5, 3);
    await clock.advance(500);
    expect(msUntil(clock, untilNs)).toBe(0);
  });

  it('leaves a reserve, of a short time the half, of none nothing', async () => {
    const clock = new ManualClock();
    expect(msUntil(clock, minusReserve(clock, fromNow(clock, 1_000), 250))).toBe(750);
    expect(msUntil(clock, minusReserve(clock, fromNow(clock, 300), 250))).toBe(150);
    const past = fromNow(clock, 5);
    await clock.advance(10);
    expect(msUntil(clock, minusReserve(clock, past, 250))).toBe(0);
  });

  it('ends a wait', async () => {
    const clock = new ManualClock();
    const outcome = withinUntil(clock, fromNow(clock, 100), new Promise(() => {}));
    await clock.advance(100);
    expect(await outcome).toBe(TIMED_OUT);
    expect(await withinUntil(clock, fromNow(clock, 100), Promise.resolve(3))).toBe(3);
    expect(clock.timers).toBe(0);
  });
});
