import type { Clock } from '../../core/clock.js';

/**
 * A stop waits for a slow disk while it makes progress. After this many checks in a row without progress it gives up.
 */
const STALL_CHECKS = 10;
const CHECK_PERIOD_MS = 1_000;

/**
 * Calls `onStall` once when `progress` has not changed for ten seconds. Returns a function that ends the watch. It
 * counts checks and does not use one long timer, because after a stall of this process itself only one check is late.
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
