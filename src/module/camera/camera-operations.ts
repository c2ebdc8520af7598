import { afterReads } from '../../core/after-reads.js';
import type { Clock } from '../../core/clock.js';
import { fromNow, msUntil } from '../../core/deadline.js';
import { ERROR_ADVICE, type ErrorCode } from '../../core/errors.js';
import { withResolve } from '../../core/within.js';
import type { Report, StatusName } from '../../protocol/statuses.js';
import * as reports from '../reports.js';

/** The statuses that can end each kind of operation. */
const FINAL = {
  open: ['device_ready', 'device_error'],
  startRecording: ['recording_started', 'recording_error'],
  stopRecording: ['recording_stopped'],
  takeSnapshot: ['snapshot_taken', 'command_nack'],
  changeSettings: ['settings_changed', 'command_nack'],
  close: ['device_unassigned'],
} as const satisfies Record<string, readonly StatusName[]>;

export type OperationKind = keyof typeof FINAL;

interface Operation {
  readonly replyTo: string | undefined;
  readonly settle: (answer: Report) => void;
  /** Starts the time limit again. */
  readonly prolong: () => void;
}

/** An operation fails after this time plus ten frame times, so that no command waits for ever. A start: from its instant on. */
const LIMIT_MS = 10_000;
/** As many as a camera has for its first frame, which a start may have to wait for. */
const LIMIT_FRAMES = 10;
/** How long a stop may wait for the first frame of a take that is under way, ms. */
const SLOW_MS = 200;

const OVERDUE = {
  startRecording: 'The first frame was not written to the disk in time.',
  stopRecording: 'The recording was not finished on the disk in time.',
  takeSnapshot: 'The snapshot was not written to the disk in time.',
} as const satisfies Partial<Record<OperationKind, string>>;

type LimitedKind = keyof typeof OVERDUE;

/**
 * The operations of a camera that wait for their final status. Each is settled once. Those of one kind are settled together, at the
 * earliest of their time limits.
 */
export class CameraOperations {
  readonly #waiting = new Map<OperationKind, Operation>();

  constructor(
    private readonly deviceId: string,
    /** The rate that the camera gives now, or else is asked for, frames a second. */
    private readonly fps: () => number,
    private readonly clock: Clock,
  ) {}

  /** Resolves with the final status. The caller starts the operation after this call. */
  expect(kind: OperationKind, replyTo: string | undefined): Promise<Report> {
    const { promise, resolve } = withResolve<Report>();
    this.#add(kind, { replyTo, settle: resolve, prolong: () => undefined });
    return promise;
  }

  /**
   * The same with a time limit. If there is no final status by then, `onOverdue` must answer. `fromNs`: the limit begins at
   * this time (monotonic clock), or now if that has passed. `onSlow`: called `SLOW_MS` after the same moment, and again after
   * each step further, until there is an answer.
   */
  expectInTime(
    kind: LimitedKind,
    replyTo: string | undefined,
    onOverdue: () => void = () => {
      this.giveUp(kind);
    },
    fromNs = 0n,
    onSlow?: () => void,
  ): Promise<Report> {
    const { promise, resolve } = withResolve<Report>();
    const limitMs = (): number => msUntil(this.clock, fromNs) + this.#limitMs;
    // A camera that is lost again and again prolongs a start each time it is back.
    const lastNs = fromNow(this.clock, limitMs() + this.#limitMs);
    const whenSlow = (): (() => void) =>
      onSlow === undefined ? () => {} : afterReads(this.clock, msUntil(this.clock, fromNs) + SLOW_MS, onSlow);
    let cancelLimit = afterReads(this.clock, limitMs(), onOverdue);
    let cancelSlow = whenSlow();
    this.#add(kind, {
      replyTo,
      settle: (answer) => {
        cancelLimit();
        cancelSlow();
        resolve(answer);
      },
      prolong: () => {
        cancelLimit();
        cancelSlow();
        cancelSlow = whenSlow();
        cancelLimit = afterReads(this.clock, Math.min(limitMs(), msUntil(this.clock, lastNs)), onOverdue);
      },
    });
    return promise;
  }

  #add(kind: OperationKind, operation: Operation): void {
    const before = this.#waiting.get(kind);
    if (before === undefined) {
      this.#waiting.set(kind, operation);
      return;
    }
    const settle = (answer: Report): void => {
      before.settle(answer);
      operation.settle(answer);
    };
    const prolong = (): void => {
      before.prolong();
      operation.prolong();
    };
    this.#waiting.set(kind, { replyTo: operation.replyTo, settle, prolong });
  }

  get #limitMs(): number {
    return LIMIT_MS + (LIMIT_FRAMES * 1_000) / this.fps();
  }

  /** Starts the time limit again, because the operation has come one step further. */
  prolong(kind: LimitedKind): void {
    this.#waiting.get(kind)?.prolong();
  }

  /** Answers an operation that took too long because of the disk. `waitedFor`: what the disk did not do. */
  giveUp(kind: LimitedKind, waitedFor: LimitedKind = kind): void {
    this.abort(kind, 'io_error', `${OVERDUE[waitedFor]} ${ERROR_ADVICE.io_error}`);
  }

  /** Answers the operation of this kind as failed, if one waits. */
  abort(kind: 'open' | 'changeSettings' | LimitedKind, code: ErrorCode, message: string): void {
    const error = { code, message, context: {} };
    if (kind === 'open') this.settle(kind, reports.deviceError(this.deviceId, error, true));
    else if (kind === 'takeSnapshot' || kind === 'changeSettings')
      this.settle(kind, reports.commandNack(code, message));
    else this.settle(kind, reports.recordingError(this.deviceId, error));
  }

  /**
   * Answers a start that waits for the instant of its take. Returns whether there is one; its take must be called off then.
   * `take`: what was started and has not begun.
   */
  cancelStart(take: { readonly startNs: bigint } | null, code: ErrorCode, message: string): boolean {
    if (take === null || take.startNs <= this.clock.monotonicNs() || !this.isWaiting('startRecording')) return false;
    this.abort('startRecording', code, message);
    return true;
  }

  /** Whether an operation of this kind waits for its answer. */
  isWaiting(kind: OperationKind): boolean {
    return this.#waiting.has(kind);
  }

  /** Answers the operation of this kind. Returns false if none waits. */
  settle(kind: OperationKind, answer: Report): boolean {
    const operation = this.#waiting.get(kind);
    if (operation === undefined) return false;
    this.#waiting.delete(kind);
    operation.settle(answer);
    return true;
  }

  /**
   * Answers the operation that waits for this status. Returns false if none waits: the caller then sends the status.
   */
  settleBy(report: Report): boolean {
    for (const kind of Object.keys(FINAL) as OperationKind[]) {
      const finals: readonly StatusName[] = FINAL[kind];
      if (finals.includes(report.status) && this.settle(kind, report)) return true;
    }
    return false;
  }

  /** The id of the command that caused this status, if the status answers no operation. */
  causeOf(report: Report): string | undefined {
    // With the id of a stop, a recording_error would look like its answer. But its recording_stopped still follows.
    const stop = report.status === 'recording_error' ? undefined : this.#waiting.get('stopRecording');
    // A change of settings restarts the camera. It causes nothing else.
    const change = report.status === 'device_ready' ? this.#waiting.get('changeSettings') : undefined;
    return (this.#waiting.get('close') ?? stop ?? change)?.replyTo;
  }
}
