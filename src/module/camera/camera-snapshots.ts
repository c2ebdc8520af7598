import type { ErrorCode } from '../../core/errors.js';
import type { CameraPipeline } from '../../pipeline/camera-pipeline.js';
import type { Note, PipelineCommand } from '../../pipeline/pipeline-messages.js';
import type { Report } from '../../protocol/statuses.js';
import * as reports from '../reports.js';
import type { CameraOperations } from './camera-operations.js';

type SnapshotOrder = Extract<PipelineCommand, { type: 'takeSnapshot' }>;

/** A camera's snapshots: each is asked of the pipeline, and its answer is found again. */
export class CameraSnapshots {
  #requests = 0;
  #last: Promise<unknown> = Promise.resolve();
  /** The answer to every one after the last. */
  #refusal: Report | null = null;

  constructor(
    private readonly deviceId: string,
    private readonly operations: CameraOperations,
    private readonly pipeline: CameraPipeline,
  ) {}

  /**
   * Takes the snapshots one after another. `orderOf` is asked in its turn, and gives the order or why there is none. Resolves with
   * `snapshot_taken` or `command_nack`.
   */
  async take(
    orderOf: () => Omit<SnapshotOrder, 'type' | 'request'> | Report,
    replyTo: string | undefined,
  ): Promise<Report> {
    while (this.operations.isWaiting('takeSnapshot')) await this.#last;
    if (this.#refusal !== null) return this.#refusal;
    const order = orderOf();
    if ('status' in order) return order;
    this.#requests += 1;
    const answer = this.operations.expectInTime('takeSnapshot', replyTo);
    this.#last = answer;
    this.pipeline.send({ type: 'takeSnapshot', request: this.#requests, ...order });
    return answer;
  }

  /** Answers those that wait, also for their turn, and each that comes later: the camera is about to be released. */
  end(code: ErrorCode, message: string): void {
    this.#refusal = reports.commandNack(code, message);
    this.operations.settle('takeSnapshot', this.#refusal);
  }

  /** A late word about an earlier snapshot is ignored. */
  answer(note: Note & { type: 'snapshotTaken' | 'snapshotFailed' }): void {
    if (note.request !== this.#requests) return;
    const answer: Report =
      note.type === 'snapshotTaken'
        ? { status: 'snapshot_taken', data: { device_id: this.deviceId, path: note.path, bytes: note.bytes } }
        : reports.commandNack(note.error.code, note.error.message);
    this.operations.settle('takeSnapshot', answer);
  }
}
