import { endLeftBehind } from '../../capture/leftover-processes.js';
import type { Clock } from '../../core/clock.js';
import { processState, type ProcessIdentity } from '../../core/process-identity.js';

/** The capture processes of a thread, by run. If the thread dies, they are ended here. */
export class ThreadChildren {
  /** The start time tells later whether a pid still belongs to the same process. */
  readonly #identities = new Map<number, Promise<ProcessIdentity | undefined>>();

  constructor(private readonly clock: Clock) {}

  note(run: number, pid: number | null): void {
    if (pid === null) this.#identities.delete(run);
    else this.#identities.set(run, processState(pid));
  }

  /** Kills the processes that still run. Resolves with whether all are gone. Never rejects. */
  async endAll(): Promise<boolean> {
    const identities = await Promise.all(this.#identities.values());
    this.#identities.clear();
    // `undefined`: the process had ended before it could be identified.
    const known = identities.filter((identity) => identity !== undefined);
    const gone = await Promise.all(known.map((identity) => endLeftBehind(identity, this.clock)));
    return gone.every(Boolean);
  }
}
