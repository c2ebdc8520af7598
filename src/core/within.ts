import { afterReads } from './after-reads.js';
import type { Clock } from './clock.js';

export const TIMED_OUT: unique symbol = Symbol('timed out');

/** The promise's outcome, or `TIMED_OUT` after `limitMs`. The promise goes on; a late rejection is ignored. */
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
    // Promise.race handles the loser, so a rejection after the limit does not count as unhandled.
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
  if (resolve === undefined) throw new Error('The Promise constructor did not call its executor.');
  return { promise, resolve };
}
