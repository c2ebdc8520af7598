import { endLeftBehind } from '../../capture/leftover-processes.js';
import type { Clock } from '../../core/clock.js';
import { processState, type ProcessIdentity } from '../../core/process-identity.js';

/** The capture processes of a thread, by run, for the end that a dead thread cannot give them. */
export class ThreadChildren {
  /** The start time tells later whether a number is still the same process. */
  readonly #identities = new Map<number, Promise<ProcessIdentity | undefined>>();

  constructor(private readonly clock: Clock) {}

  note(run: number, pid: number | null): void {
    if (pid === null) this.#identities.delete(run);
    else this.#identities.set(run, processState(pid));
  }

  /** Kills what still runs. Resolves with whether all of it is gone. Never rejects. */
  async endAll(): Promise<boolean> {
    const identities = await Promise.all(this.#identities.values());
    this.#identities.clear();
    // `undefined`: it had ended before we could look.
    const known = identities.filter((identity) => identity !== undefined);
    const gone = await Promise.all(known.map((identity) => endLeftBehind(identity, this.clock)));
    return gone.every(Boolean);
  }
}
