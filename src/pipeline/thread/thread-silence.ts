import type { Clock } from '../../core/clock.js';

/**
 * A thread with an open camera sends something at least every 2.5 s. After three checks without a message it is dead.
 */
const CHECK_MS = 5_000;
const SILENT_CHECKS = 3;

interface ThreadSilenceDependencies {
  readonly clock: Clock;
  /** Whether the thread has an open camera. Without one it need not send anything. */
  readonly isExpected: () => boolean;
  /** Called once, when the thread has sent nothing for 15 s. */
  readonly onSilent: () => void;
}

/** Notices when a thread stops sending messages. */
export class ThreadSilence {
  #hasSpoken = false;
  #silentChecks = 0;
  #cancel = (): void => undefined;

  constructor(private readonly dependencies: ThreadSilenceDependencies) {}

  start(): void {
    this.#cancel = this.dependencies.clock.every(CHECK_MS, () => {
      // Checks after the pending messages were handled: if this thread was blocked, its timer is late, not the
      // other thread.
      setImmediate(() => {
        this.#check();
      });
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** Call this for every message of the thread. */
  note(): void {
    this.#hasSpoken = true;
  }

  #check(): void {
    const isSilent = !this.#hasSpoken && this.dependencies.isExpected();
    this.#hasSpoken = false;
    this.#silentChecks = isSilent ? this.#silentChecks + 1 : 0;
    if (this.#silentChecks === SILENT_CHECKS) this.dependencies.onSilent();
  }
}
