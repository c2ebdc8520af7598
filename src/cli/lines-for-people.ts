import type { Writable } from 'node:stream';
import { systemClock } from '../core/clock.js';
import type { StatusMessage } from '../protocol/statuses.js';
import { finishOutput, outputForPeople } from './output.js';
import { PlainLines } from './plain-lines.js';

/** Most bytes that wait for a host that does not read stderr. What comes then is not shown. */
const MAX_WAITING_BYTES = 64 * 1024;

/** Shows on stderr what a host's user must see. Nothing depends on whether anybody reads it. */
export class LinesForPeople {
  readonly #lines = new PlainLines();

  constructor(private readonly stderr: Writable = outputForPeople(2)) {}

  show(message: StatusMessage): void {
    const line = this.#lines.lineFor(message, Number(systemClock.monotonicNs() / 1_000_000n));
    if (line !== undefined && this.stderr.writableLength < MAX_WAITING_BYTES) this.stderr.write(`${line}\n`);
  }

  /** Waits until all was written, at most `limitMs`. */
  async end(limitMs: number): Promise<void> {
    await finishOutput(this.stderr, limitMs);
  }
}
