import type { Clock } from '../../core/clock.js';
import { fromNow, msUntil } from '../../core/deadline.js';

/** The wait before the next attempt to open a camera. One at a time: a new one takes the place of the old one. */
export class Reopening {
  #dueNs: bigint | null = null;
  #cancel = (): void => {};

  constructor(
    private readonly clock: Clock,
    private readonly onDue: () => void,
  ) {}

  /** Until the attempt, ms. `null` once it was cancelled, which every opening does. */
  get leftMs(): number | null {
    return this.#dueNs === null ? null : Math.ceil(msUntil(this.clock, this.#dueNs));
  }

  after(delayMs: number): void {
    this.cancel();
    this.#dueNs = fromNow(this.clock, delayMs);
    this.#cancel = this.clock.after(delayMs, this.onDue);
  }

  /** May be called twice. */
  cancel(): void {
    this.#dueNs = null;
    this.#cancel();
  }
}
