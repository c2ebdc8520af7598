import { describe, expect, it, jest } from '@jest/globals';
import { TIMED_OUT, within } from '../../../src/core/within.js';
import { ManualClock, settled } from '../../harness/manual-clock.js';

describe('within', () => {
  it('gives the value of a promise that is in time, and leaves no timer', async () => {
    const clock = new ManualClock();
    await expect(within(clock, 100, Promise.resolve(5))).resolves.toBe(5);
    expect(clock.timers).toBe(0);
  });

  it('passes a rejection on, and leaves no timer', async () => {
    const clock = new ManualClock();
    await expect(within(clock, 100, Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(clock.timers).toBe(0);
  });

  it('says so when the time is over, and swallows a rejection that comes later', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const clock = new ManualClock();
    let reject = (): void => undefined;
    const late = new Promise<never>((_resolve, rejectPromise) => {
      reject = () => {
        rejectPromise(new Error('late'));
      };
    });
    const outcome = within(clock, 100, late);
    await clock.advance(100);
    await expect(outcome).resolves.toBe(TIMED_OUT);
    reject();
    await settled();
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
