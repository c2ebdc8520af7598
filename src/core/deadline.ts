import type { Clock } from './clock.js';
import { type TIMED_OUT, within } from './within.js';

/**
 * Deadlines (`untilNs`) are times on the monotonic clock, in nanoseconds. They are plain values and mean the same in
 * every thread of the process. A function that receives a deadline passes it on. Where it has work to do after what it waits
 * for, it passes on an earlier one, by a named reserve (`closing-budget.ts`).
 */

/** The deadline `ms` from now. */
export function fromNow(clock: Clock, ms: number): bigint {
  return clock.monotonicNs() + BigInt(Math.round(ms * 1_000)) * 1_000n;
}

/** Milliseconds left; 0 if the deadline has passed. */
export function msUntil(clock: Clock, untilNs: bigint): number {
  return Math.max(0, Number((untilNs - clock.monotonicNs()) / 1_000n) / 1_000);
}

/**
 * The deadline minus a reserve. If little time is left (less than twice the reserve), half of it: a deadline that came late
 * gives every step a share.
 */
export function minusReserve(clock: Clock, untilNs: bigint, reserveMs: number): bigint {
  const leftMs = msUntil(clock, untilNs);
  return fromNow(clock, Math.max(leftMs - reserveMs, leftMs / 2));
}

/** The promise's outcome, or `TIMED_OUT` at the deadline. */
export function withinUntil<Value>(
  clock: Clock,
  untilNs: bigint,
  promise: Promise<Value>,
): Promise<Value | typeof TIMED_OUT> {
  return within(clock, msUntil(clock, untilNs), promise);
}
