import { afterReads } from '../../core/after-reads.js';
import type { Clock } from '../../core/clock.js';

/**
 * A service manager or a shell signals the module and the capture tool at the same time. A process that ends so shortly
 * before our own stop belongs to that stop; otherwise its end is told this much later.
 */
const HOLD_BACK_MS = 500;

/** The loss of a capture process that somebody else ended, held back until it is known whether our own stop follows. */
export class HeldLoss {
  #cancel: () => void = () => {};

  constructor(private readonly clock: Clock) {}

  /** Calls `tell` if no `cancel` comes first. `endedNs`: now, on the monotonic clock. */
  hold(tell: (endedNs: bigint) => void): void {
    const endedNs = this.clock.monotonicNs();
    this.#cancel = afterReads(this.clock, HOLD_BACK_MS, () => {
      tell(endedNs);
    });
  }

  cancel(): void {
    this.#cancel();
  }
}
