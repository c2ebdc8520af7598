import { afterReads } from './after-reads.js';
import type { Clock } from './clock.js';

export const TIMED_OUT: unique symbol = Symbol('timed out');

/** The promise's outcome, or `TIMED_OUT` after `limitMs`. The promise goes on; its late rejection is nobody's any more. */
export async function within<Value>(
  clock: Clock,
  limitMs: number,
  promise: Promise<Value>,
): Promise<Value | typeof TIMED_OUT> {
  const { promise: limit, resolve } = withResolve<typeof TIMED_OUT>();
  const cancel = afterReads(clock, limitMs, () => {
    resolve(TIMED_OUT);
  });
  try {
    // A promise that lost the race is handled by it: a rejection after the limit is not unhandled.
    return await Promise.race([promise, limit]);
  } finally {
    cancel();
  }
}

/** A promise and the function that resolves it. */
export function withResolve<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: ((value: Value) => void) | undefined;
  const promise = new Promise<Value>((resolvePromise) => {
    resolve = resolvePromise;
  });
  if (resolve === undefined) throw new Error('A promise runs its executor at once.');
  return { promise, resolve };
}
