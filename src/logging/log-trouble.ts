import type { Clock } from '../core/clock.js';
import { CsiCamerasError, errnoOf, messageOf, type ErrorContext } from '../core/errors.js';
import type { Log, LogLevel } from '../core/log-level.js';

/** A disk that becomes full again and again must not fill up with messages about it. */
const SAME_REPORT_AFTER_NS = 60_000_000_000n;

/** Reports trouble with one log file in csicameras.log, each message at most once a minute. */
export class LogTrouble {
  /** Failed attempts since the last successful one. */
  failures = 0;
  #failingSinceNs = 0n;
  #reason = '';
  readonly #reportedNs = new Map<string, bigint>();

  constructor(
    private readonly path: string,
    /**
     * Number of the failure that is reported. The first one is often only a deleted file; lines wait only after this
     * many failures.
     */
    private readonly reportedFailure: number,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Why lines wait; `null` if none waits. */
  get reason(): string | null {
    return this.failures < this.reportedFailure ? null : this.#reason;
  }

  failed(thrown: unknown): void {
    this.failures += 1;
    this.#reason = messageOf(thrown);
    if (this.failures === 1) this.#failingSinceNs = this.clock.monotonicNs();
    if (this.failures !== this.reportedFailure) return;
    const details = thrown instanceof CsiCamerasError ? thrown.context : { errno: errnoOf(thrown) ?? 'unknown' };
    const message = 'A log cannot be written. Its lines wait in memory, and the write is retried every second.';
    this.tell('warn', message, { operation: 'write', ...details, reason: messageOf(thrown) });
  }

  succeeded(): void {
    if (this.failures === 0) return;
    const downtimeNs = this.clock.monotonicNs() - this.#failingSinceNs;
    const context = { attempts: this.failures, downtime_ms: Number(downtimeNs / 1_000_000n) };
    this.failures = 0;
    this.tell('warn', 'A log can be written again.', context);
  }

  tell(level: LogLevel, message: string, context: ErrorContext): void {
    const nowNs = this.clock.monotonicNs();
    const lastNs = this.#reportedNs.get(message);
    if (lastNs !== undefined && nowNs - lastNs < SAME_REPORT_AFTER_NS) return;
    this.#reportedNs.set(message, nowNs);
    this.log(level, message, { path: this.path, ...context });
  }
}
