import type { Clock } from './clock.js';
import { type TIMED_OUT, within } from './within.js';

/**
 * Deadlines are moments on the monotonic clock, nanoseconds (`untilNs`): plain values, the same in every thread of the process.
 * Whoever is given one passes it on, minus a named reserve where something is still to be done afterwards (`closing-budget.ts`).
 */

/** The moment that comes `ms` from now. */
export function fromNow(clock: Clock, ms: number): bigint {
  return clock.monotonicNs() + BigInt(Math.round(ms * 1_000)) * 1_000n;
}

/** Milliseconds left, 0 when it is past. */
export function msUntil(clock: Clock, untilNs: bigint): number {
  return Math.max(0, Number((untilNs - clock.monotonicNs()) / 1_000n) / 1_000);
}

/** An earlier moment, so that `reserveMs` are left afterwards. Of a time that is short already the half. */
export function before(clock: Clock, untilNs: bigint, reserveMs: number): bigint {
  const leftMs = msUntil(clock, untilNs);
  return fromNow(clock, Math.max(leftMs - reserveMs, leftMs / 2));
}

/** The promise's outcome, or `TIMED_OUT` at that moment. */
export function withinUntil<Value>(
  clock: Clock,
  untilNs: bigint,
  promise: Promise<Value>,
): Promise<Value | typeof TIMED_OUT> {
  return within(clock, msUntil(clock, untilNs), promise);
}
