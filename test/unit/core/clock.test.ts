import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/core/clock.js';
import { VERSION } from '../../../src/core/version.js';

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

describe('VERSION', () => {
  it('is that of package.json', async () => {
    const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
    expect(VERSION).toBe((JSON.parse(text) as { version: string }).version);
  });
});
