/**
 * The page's time. The browser's clock and the recorder's differ, so only durations count. A machine that slept stops its monotonic
 * clock: the wall clock is asked too, and the longer time holds. Then news look older than they are at worst, never younger.
 */
export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export function now(): Moment {
  return { monotonicMs: performance.now(), wallMs: Date.now() };
}

export function msSince(then: Moment): number {
  return Math.max(performance.now() - then.monotonicMs, Date.now() - then.wallMs, 0);
}

/** Every wait of the page. Delays are constants. The returned function ends it. */
export function after(delayMs: number, then: () => void): () => void {
  const timer = setTimeout(then, delayMs);
  return () => clearTimeout(timer);
}
