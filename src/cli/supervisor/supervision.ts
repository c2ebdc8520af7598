import { type Clock, systemClock } from '../../core/clock.js';
import type { CsiCamerasModule } from '../../module/csi-cameras-module.js';
import { type StopSignal, stopSignal } from '../stop-signal.js';
import { notifyBySystemd, type Notify } from './notify.js';
import { oneLine, stateText, whyNotAlive } from './state-words.js';

/** systemd as it sees a recording: that it is ready, what it does, that it lives, that it ends (sd_notify(3)). */

/** Where no watchdog is asked for, or one of days, the state is told this often. A timer of months would fire at once. */
const USUAL_PERIOD_MS = 15_000;
/** A watchdog that wants more cannot be answered: each answer is a process. */
const LEAST_PERIOD_MS = 100;
/**
 * A recording that could not begin, or that the disk ended, is tried again by a new process. It waits here, not in the unit: a
 * process that was killed comes back at once, a full disk is not asked every two seconds, and the state says why meanwhile.
 */
export const AFTER_FAILURE_MS = 30_000;

export interface SupervisionDependencies {
  /** `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are taken out: they are for nobody whom this process starts. */
  readonly env: NodeJS.ProcessEnv;
  readonly pid: number;
  readonly clock: Clock;
  readonly notify: Notify;
  /** Shows a sentence to whoever reads the journal. */
  readonly warn: (sentence: string) => void;
}

export class Supervision {
  readonly #socket: string | undefined;
  readonly #periodMs: number;
  #module: Pick<CsiCamerasModule, 'status'> | undefined;
  /** What is done where no module says it. */
  #words = 'Starting';
  #isTelling = false;
  readonly #warned = new Set<'silent' | 'not told'>();
  #isStopped = false;
  #cancel = (): void => {};

  constructor(private readonly dependencies: SupervisionDependencies) {
    const { env, pid } = dependencies;
    const watchdogUs = Number(env['WATCHDOG_USEC'] ?? '');
    const isForThis = env['WATCHDOG_PID'] === undefined || env['WATCHDOG_PID'] === String(pid);
    this.#socket = env['NOTIFY_SOCKET'] || undefined;
    const halfMs = isForThis && watchdogUs > 0 ? watchdogUs / 1000 / 2 : USUAL_PERIOD_MS;
    this.#periodMs = Math.min(USUAL_PERIOD_MS, Math.max(LEAST_PERIOD_MS, halfMs));
    for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  }

  /** Whether there is somebody to tell. */
  get isOn(): boolean {
    return this.#socket !== undefined;
  }

  /**
   * The process is up. A camera may still be missing: that is a state, not a start that failed, and the watchdog guards the
   * wait for it too.
   */
  ready(): void {
    this.#tell('READY=1', this.#state());
    if (this.isOn) this.#cancel = this.dependencies.clock.every(this.#periodMs, () => this.#ping());
  }

  /**
   * From now on the state is the module's, and the watchdog is answered only while the module is alive. A signal is an ordered
   * end, of which the supervisor is told.
   */
  watch(module: Pick<CsiCamerasModule, 'status'>, stopped: Pick<StopSignal, 'promise' | 'isBySignal'>): void {
    this.#module = module;
    void stopped.promise.then(() => {
      if (!stopped.isBySignal()) return;
      this.#isStopped = true;
      this.#tell('STOPPING=1', 'STATUS=Stopping');
    });
  }

  /**
   * Without a supervisor, after an ordered end, and where something was recorded and nobody ended it, at once. Else waits
   * before the next attempt, which is the supervisor's. A signal ends the wait.
   */
  async beforeNextAttempt(why: string | undefined): Promise<void> {
    if (!this.isOn || this.#isStopped || why === undefined) return;
    this.#module = undefined;
    this.#words = `${why} The next attempt is in ${AFTER_FAILURE_MS / 1000} s.`;
    this.#tell(this.#state());
    const stopped = stopSignal();
    const waiting = new AbortController();
    void stopped.promise.then(() => {
      waiting.abort();
    });
    await this.dependencies.clock.sleep(AFTER_FAILURE_MS, waiting.signal).catch(() => {}); // a signal ended it
    stopped.cancel();
  }

  end(): void {
    this.#cancel();
  }

  /** Only if the event loop turns does it come here. */
  #ping(): void {
    // The last one still waits for systemd.
    if (this.#isTelling) return;
    const status = this.#module?.status();
    const why = status === undefined ? undefined : whyNotAlive(status);
    if (why !== undefined)
      this.#warnOnce('silent', `${why} The watchdog is not answered, so that the service is started again.`);
    this.#tell(...(why === undefined ? ['WATCHDOG=1'] : []), this.#state());
  }

  #state(): string {
    return `STATUS=${this.#module === undefined ? oneLine(this.#words) : stateText(this.#module.status())}`;
  }

  #tell(...variables: readonly string[]): void {
    if (this.#socket === undefined) return;
    this.#isTelling = true;
    void this.dependencies.notify(this.#socket, variables).then((trouble) => {
      this.#isTelling = false;
      if (trouble !== null) this.#warnOnce('not told', `systemd is not told that this process lives: ${trouble}.`);
    });
  }

  #warnOnce(kind: 'silent' | 'not told', sentence: string): void {
    if (this.#warned.has(kind)) return;
    this.#warned.add(kind);
    this.dependencies.warn(`warning: ${sentence}`);
  }
}

/** The supervisor of this process, if there is one. */
export function supervisionOf(warn: (sentence: string) => void): Supervision {
  return new Supervision({ env: process.env, pid: process.pid, clock: systemClock, notify: notifyBySystemd, warn });
}
