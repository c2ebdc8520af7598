import { afterReads } from '../../core/after-reads.js';
import type { Clock } from '../../core/clock.js';
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
  close: ['device_unassigned'],
} as const satisfies Record<string, readonly StatusName[]>;

export type OperationKind = keyof typeof FINAL;

interface Operation {
  readonly replyTo: string | undefined;
  readonly settle: (answer: Report) => void;
  /** Begins its limit anew. */
  readonly prolong: () => void;
}

/** What is not done by then, and five frame times, is answered as failed: no command waits for ever. */
const LIMIT_MS = 10_000;

const OVERDUE = {
  startRecording: 'The disk did not take the first frame in time.',
  stopRecording: 'The disk did not finish the recording in time.',
  takeSnapshot: 'The snapshot was not written in time.',
} as const satisfies Partial<Record<OperationKind, string>>;

type LimitedKind = keyof typeof OVERDUE;

/** What was asked of a camera and waits for its final status: one operation of a kind, each settled exactly once. */
export class CameraOperations {
  readonly #waiting = new Map<OperationKind, Operation>();

  constructor(
    private readonly deviceId: string,
    /** Frames a second, as asked for. */
    private readonly fps: number,
    private readonly clock: Clock,
  ) {}

  /** Resolves with the final status. The caller then sets off what brings it. */
  expect(kind: OperationKind, replyTo: string | undefined): Promise<Report> {
    return new Promise((settle) => {
      this.#waiting.set(kind, { replyTo, settle, prolong: () => undefined });
    });
  }

  /** The same, within a limit: where nothing has come by then, `onOverdue` answers. */
  expectInTime(
    kind: LimitedKind,
    replyTo: string | undefined,
    onOverdue: () => void = () => {
      this.giveUp(kind);
    },
  ): Promise<Report> {
    const { promise, resolve } = withResolve<Report>();
    const limitMs = LIMIT_MS + 5_000 / this.fps;
    let cancelLimit = afterReads(this.clock, limitMs, onOverdue);
    this.#waiting.set(kind, {
      replyTo,
      settle: (answer) => {
        cancelLimit();
        resolve(answer);
      },
      prolong: () => {
        cancelLimit();
        cancelLimit = afterReads(this.clock, limitMs, onOverdue);
      },
    });
    return promise;
  }

  /** Its limit begins anew: what it waited for has come, and it waits for something else now. */
  prolong(kind: LimitedKind): void {
    this.#waiting.get(kind)?.prolong();
  }

  /** Answers for a disk that did not. */
  giveUp(kind: LimitedKind): void {
    this.abort(kind, 'io_error', `${OVERDUE[kind]} ${ERROR_ADVICE.io_error}`);
  }

  /** Answers as failed what waits of this kind, if anything does. */
  abort(kind: 'open' | LimitedKind, code: ErrorCode, message: string): void {
    const error = { code, message, context: {} };
    if (kind === 'open') this.settle(kind, reports.deviceError(this.deviceId, error, true));
    else if (kind === 'takeSnapshot') this.settle(kind, reports.commandNack(code, message));
    else this.settle(kind, reports.recordingError(this.deviceId, error));
  }

  /** False where nothing of this kind waits. */
  settle(kind: OperationKind, answer: Report): boolean {
    const operation = this.#waiting.get(kind);
    if (operation === undefined) return false;
    this.#waiting.delete(kind);
    operation.settle(answer);
    return true;
  }

  /** Ends the operation that waits for this status. False where none does: the host then hears it all the same. */
  settleBy(report: Report): boolean {
    for (const kind of Object.keys(FINAL) as OperationKind[]) {
      const finals: readonly StatusName[] = FINAL[kind];
      if (finals.includes(report.status) && this.settle(kind, report)) return true;
    }
    return false;
  }

  /** The command that caused a status that ends nothing. */
  causeOf(report: Report): string | undefined {
    // A recording_error would be taken for the answer of a stop, whose recording_stopped is still to come.
    const stop = report.status === 'recording_error' ? undefined : this.#waiting.get('stopRecording');
    return (this.#waiting.get('close') ?? stop)?.replyTo;
  }
}
