import type { Clock } from '../../core/clock.js';

/** Makes ids for commands that have none: `{action}_{YYYYMMDD_HHMMSS}_{sequence}`, in UTC. */
export class CommandIds {
  #sequence = 0;

  constructor(private readonly clock: Clock) {}

  next(action: string): string {
    this.#sequence += 1;
    const digits = new Date(this.clock.wallMs()).toISOString().replaceAll(/[-:]/g, '');
    return `${action}_${digits.slice(0, 8)}_${digits.slice(9, 15)}_${String(this.#sequence).padStart(3, '0')}`;
  }
}
