import type { Clock } from '../../core/clock.js';

/** A stop waits for a slow disk as long as it gets on, and gives it up after so many checks in a row without progress. */
const STALL_CHECKS = 10;
const CHECK_PERIOD_MS = 1_000;

/**
 * Calls `onStall` once when `progress` has not grown for ten seconds. Returns what ends the watch. It counts checks instead
 * of trusting one long timer: after a stall of this very process only one check is late.
 */
export function watchForStall(clock: Clock, progress: () => number, onStall: (seconds: number) => void): () => void {
  let seen = progress();
  let idleChecks = 0;
  return clock.every(CHECK_PERIOD_MS, () => {
    const now = progress();
    idleChecks = now === seen ? idleChecks + 1 : 0;
    seen = now;
    if (idleChecks === STALL_CHECKS) onStall((STALL_CHECKS * CHECK_PERIOD_MS) / 1_000);
  });
}
