import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as fc from 'fast-check';
import { systemClock } from '../../../src/core/clock.js';

const nothing = (): void => undefined;

describe('systemClock', () => {
  it('tells the time of day and the monotonic time', () => {
    expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(5_000);
    const before = systemClock.monotonicNs();
    expect(systemClock.monotonicNs()).toBeGreaterThanOrEqual(before);
  });

  it('calls back after a delay, and again and again until cancelled', async () => {
    await new Promise<void>((resolve) => {
      systemClock.after(1, resolve);
    });
    let calls = 0;
    await new Promise<void>((resolve) => {
      const cancel = systemClock.every(1, () => {
        calls += 1;
        if (calls < 3) return;
        cancel();
        cancel();
        resolve();
      });
    });
    expect(calls).toBe(3);
  });

  it('calls nobody who cancelled', async () => {
    const calls: string[] = [];
    const cancel = systemClock.after(1, () => calls.push('cancelled'));
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.after(20, resolve);
    });
    expect(calls).toEqual([]);
  });

  it('sleeps, and wakes with the reason of an abort', async () => {
    await expect(systemClock.sleep(1)).resolves.toBeUndefined();
    const abort = new AbortController();
    const sleeping = systemClock.sleep(60_000, abort.signal);
    abort.abort(new Error('wake up'));
    await expect(sleeping).rejects.toThrow('wake up');
    await expect(systemClock.sleep(60_000, AbortSignal.abort()).then(nothing)).rejects.toThrow();
  });
});

/** Node fires a timer above this at once, and so do the fake timers of these tests. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const YEAR_MS = 366 * 24 * 3600 * 1000;
const anyDelay = fc.oneof(
  fc.integer({ min: 1, max: YEAR_MS }),
  fc.integer({ min: -3, max: 3 }).map((off) => LONGEST_TIMER_MS + off),
  fc.integer({ min: -3, max: 3 }).map((off) => 3 * LONGEST_TIMER_MS + off),
);

describe('a delay of any length', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('is waited for to its end and no longer, from nothing to a year', () => {
    fc.assert(
      fc.property(anyDelay, (delayMs) => {
        let calls = 0;
        systemClock.after(delayMs, () => {
          calls += 1;
        });
        jest.advanceTimersByTime(delayMs - 1);
        expect(calls).toBe(0);
        jest.advanceTimersByTime(1);
        expect(calls).toBe(1);
        expect(jest.getTimerCount()).toBe(0);
      }),
    );
  });

  it('comes again and again where it is a period', () => {
    fc.assert(
      fc.property(anyDelay, fc.integer({ min: 1, max: 4 }), (periodMs, times) => {
        let calls = 0;
        const cancel = systemClock.every(periodMs, () => {
          calls += 1;
        });
        jest.advanceTimersByTime(periodMs * times - 1);
        expect(calls).toBe(times - 1);
        jest.advanceTimersByTime(1);
        expect(calls).toBe(times);
        cancel();
        expect(jest.getTimerCount()).toBe(0);
      }),
    );
  });

  it('ends when it is cancelled, also after some of its pieces', () => {
    fc.assert(
      fc.property(anyDelay, fc.double({ min: 0, max: 0.99, noNaN: true }), (delayMs, share) => {
        const calls: string[] = [];
        const cancel = systemClock.after(delayMs, () => calls.push('after'));
        const cancelPeriod = systemClock.every(delayMs, () => calls.push('every'));
        jest.advanceTimersByTime(Math.floor(delayMs * share));
        cancel();
        cancel();
        cancelPeriod();
        cancelPeriod();
        jest.advanceTimersByTime(2 * delayMs);
        expect(calls).toEqual([]);
        expect(jest.getTimerCount()).toBe(0);
      }),
    );
  });

  it('never ends where it is infinite', () => {
    const calls: string[] = [];
    const cancel = systemClock.after(Infinity, () => calls.push('after'));
    const cancelPeriod = systemClock.every(Infinity, () => calls.push('every'));
    jest.advanceTimersByTime(10 * YEAR_MS);
    expect(calls).toEqual([]);
    cancel();
    cancelPeriod();
  });

  it('is a mistake where it is no number, and no timer that fires at once', () => {
    expect(() => systemClock.after(Number.NaN, nothing)).toThrow(RangeError);
    expect(() => systemClock.every(Number.NaN, nothing)).toThrow(RangeError);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is none where it is negative', () => {
    let calls = 0;
    systemClock.after(-5, () => {
      calls += 1;
    });
    jest.advanceTimersByTime(1);
    expect(calls).toBe(1);
  });
});

describe('a sleep of any length', () => {
  it.each([[LONGEST_TIMER_MS + 1], [YEAR_MS], [Infinity]])('lasts: %p ms', async (delayMs) => {
    const abort = new AbortController();
    const sleeping = systemClock.sleep(delayMs, abort.signal).then(
      () => 'over',
      () => 'aborted',
    );
    const limit = systemClock.sleep(20).then(() => 'still asleep');
    expect(await Promise.race([sleeping, limit])).toBe('still asleep');
    abort.abort();
    expect(await sleeping).toBe('aborted');
  });

  it('is a mistake where it is no number', async () => {
    await expect(systemClock.sleep(Number.NaN)).rejects.toThrow(RangeError);
  });
});
