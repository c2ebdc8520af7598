import type { Clock } from '../../core/clock.js';

/** A thread with an open camera says something every 2.5 s at least. So many checks without a word, and it is dead. */
const CHECK_MS = 5_000;
const SILENT_CHECKS = 3;

interface ThreadSilenceDependencies {
  readonly clock: Clock;
  /** Whether the thread has a camera open: without one it owes no word. */
  readonly isExpected: () => boolean;
  /** It has said nothing for 15 s: called once. */
  readonly onSilent: () => void;
}

/** Notices that a thread says nothing any more. */
export class ThreadSilence {
  #hasSpoken = false;
  #silentChecks = 0;
  #cancel = (): void => undefined;

  constructor(private readonly dependencies: ThreadSilenceDependencies) {}

  start(): void {
    this.#cancel = this.dependencies.clock.every(CHECK_MS, () => {
      // After whatever waits to be heard: a timer of this thread that is late says nothing about the other one.
      setImmediate(() => {
        this.#check();
      });
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** The thread said something. */
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
