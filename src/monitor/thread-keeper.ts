import type { Clock } from '../core/clock.js';
import { messageOf } from '../core/errors.js';
import type { Log } from '../core/log-level.js';
import { within } from '../core/within.js';
import type { MonitorThread, StartMonitorThread } from './monitor-thread.js';
import type { MonitorWord, ServerOptions, ServerWord } from './monitor-words.js';
import { inWords, isTransient, type Refusal } from './refusals.js';

export interface ThreadKeeperDependencies {
  readonly clock: Clock;
  readonly startThread: StartMonitorThread;
  readonly options: ServerOptions;
  readonly log: Log;
  /** All but how it listens or why not. `reply` goes to the thread that said it: a later one counts its requests anew. */
  readonly onWord: (
    word: Exclude<ServerWord, { type: 'listening' | 'refused' }>,
    reply: (word: MonitorWord) => void,
  ) => void;
  /** The server listens, for the first time or again. `isBack`: it had listened before and ended by itself. */
  readonly onListening: (port: number, isBack: boolean) => void;
  /** The page cannot be opened. Told once until it listens. `isFinal`: it is not tried again. */
  readonly onFailure: (message: string, isFinal: boolean) => void;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** After a thread that lived so long the delays begin anew. */
const HEALTHY_MS = 60_000;
/** Starts that fail one after another before that is told. */
const TELLING_FAILURES = 3;
/** Checks, two a second, during which a thread has had nothing to wait for. Then it is stuck. */
const STUCK_CHECKS = 20;
/** A thread ends in some milliseconds. One that is held by the system is left to itself. */
const KILL_LIMIT_MS = 200;

/** Keeps the server's thread alive: starts it again when it ends, later and later, and ends one that is stuck. */
export class ThreadKeeper {
  #thread: MonitorThread | null = null;
  #isEnded = false;
  /** 0: any. The first port that it got is kept, so that open pages find it again. */
  #port: number;
  #startedNs = 0n;
  #hasListened = false;
  #hasToldFailure = false;
  #isListening = false;
  /** Threads in a row that ended young. */
  #failures = 0;
  #idleMs = 0;
  #busyChecks = 0;
  #cancelRestart = (): void => undefined;

  constructor(private readonly dependencies: ThreadKeeperDependencies) {
    this.#port = dependencies.options.port;
  }

  start(): void {
    const { clock, startThread, options } = this.dependencies;
    this.#startedNs = clock.monotonicNs();
    this.#isListening = false;
    this.#idleMs = 0;
    this.#busyChecks = 0;
    let refusal: Refusal | null = null;
    try {
      const thread = startThread(
        { ...options, port: this.#port },
        {
          onWord: (word) => {
            if (this.#isEnded) return;
            if (word.type === 'refused') refusal = word;
            else if (word.type === 'listening') this.#listens(word.port);
            else
              this.dependencies.onWord(word, (answer) => {
                thread.post(answer);
              });
          },
          onEnded: (failure) => {
            this.#onThreadEnded(refusal, failure);
          },
        },
      );
      this.#thread = thread;
    } catch (thrown) {
      this.#onThreadEnded(null, thrown);
    }
  }

  /** Does nothing while there is no thread. */
  post(word: MonitorWord): void {
    this.#thread?.post(word);
  }

  /** Call it twice a second. Words for a thread that is stuck would pile up, and its page would never answer. */
  check(): void {
    const thread = this.#thread;
    if (thread === null) return;
    const idleMs = thread.idleMs();
    this.#busyChecks = idleMs > this.#idleMs ? 0 : this.#busyChecks + 1;
    this.#idleMs = idleMs;
    if (this.#busyChecks !== STUCK_CHECKS) return;
    this.dependencies.log('warn', 'The monitor is stuck. Its thread is ended.', { checks: STUCK_CHECKS });
    void thread.kill(); // never rejects; the end follows
  }

  /** May be called twice. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#cancelRestart();
    const thread = this.#thread;
    this.#thread = null;
    if (thread !== null) await within(this.dependencies.clock, KILL_LIMIT_MS, thread.kill());
  }

  #listens(port: number): void {
    const isBack = this.#hasListened;
    this.#port = port;
    this.#hasListened = true;
    this.#isListening = true;
    this.#hasToldFailure = false;
    this.dependencies.onListening(port, isBack);
  }

  #onThreadEnded(refusal: Refusal | null, failure: unknown): void {
    this.#thread = null;
    if (this.#isEnded) return;
    const { clock, log, options } = this.dependencies;
    const livedNs = clock.monotonicNs() - this.#startedNs;
    if (this.#isListening && livedNs >= BigInt(HEALTHY_MS) * 1_000_000n) this.#failures = 0;
    this.#failures += 1;
    const cause = refusal === null ? causeOf(failure) : inWords(refusal, { host: options.host, port: this.#port });
    if (refusal !== null && !isTransient(refusal)) {
      this.#tellFailure(cause, true);
      return;
    }
    const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.#failures - 1));
    log('warn', 'The monitor ended. It starts again.', { delayMs, cause });
    if (refusal !== null) this.#tellFailure(cause, false);
    else if (this.#failures >= TELLING_FAILURES && !this.#isListening)
      this.#tellFailure(`The monitor does not start: ${cause}.`, false);
    this.#cancelRestart = clock.after(delayMs, () => {
      this.start();
    });
  }

  #tellFailure(message: string, isFinal: boolean): void {
    if (this.#hasToldFailure) return;
    this.#hasToldFailure = true;
    this.dependencies.onFailure(message, isFinal);
  }
}

function causeOf(failure: unknown): string {
  return failure === undefined ? 'no reason given' : messageOf(failure);
}
