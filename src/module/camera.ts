import type { Clock } from '../core/clock.js';
import { ERROR_ADVICE, messageOf, type ErrorCode, type ErrorData } from '../core/errors.js';
import type { LoadLevel } from '../core/load-level.js';
import type { LogSink } from '../logging/log-sink.js';
import type { CameraPipeline, PipelineFactory, PipelineOptions } from '../pipeline/camera-pipeline.js';
import type { CaptureRequest, PipelineFigures, RecordingOrder, StopReason } from '../pipeline/pipeline-messages.js';
import type { CameraStatus, Report, StatusName } from '../protocol/statuses.js';
import * as reports from './camera-reports.js';
import { isToRecord, transition, type CameraEffect, type CameraEvent, type CameraState } from './camera-state.js';
import { describeCamera } from './camera-status.js';

export interface CameraSettings {
  readonly deviceId: string;
  readonly displayName: string;
  /** Names the files: `{friendly name}_{first 8 characters of the stable id}`; `null`: made from the sensor's model. */
  readonly stableId: string;
  readonly request: CaptureRequest;
  readonly pipeline: PipelineOptions;
  readonly resumesAfterReconnect: boolean;
  readonly maxAttempts: number;
  /** Delay before an attempt (from 1) to reopen, ms. */
  readonly delayMs: (attempt: number) => number;
}

export interface CameraDependencies {
  readonly pipelines: PipelineFactory;
  readonly clock: Clock;
  readonly logs: LogSink;
  /** Sends a status that is no command's final answer; `replyTo` is the command that caused it. */
  readonly report: (report: Report, replyTo: string | undefined) => void;
}

/** The statuses that can end each kind of operation. */
const FINAL = {
  open: ['device_ready', 'device_error'],
  startRecording: ['recording_started', 'recording_error'],
  stopRecording: ['recording_stopped'],
  takeSnapshot: ['snapshot_taken', 'command_nack'],
  close: ['device_unassigned'],
} as const satisfies Record<string, readonly StatusName[]>;

type OperationKind = keyof typeof FINAL;

interface Operation {
  readonly replyTo: string | undefined;
  readonly settle: (answer: Report) => void;
}

/** How much longer than the capture process's own limit we wait for the pipeline's word. */
const CLOSE_GRACE_MS = 100;
/** What is not done by then, and five frame times, is answered as failed: no command waits for ever. */
const LIMIT_MS = 10_000;

const OVERDUE = {
  startRecording: 'The disk did not take the first frame in time.',
  stopRecording: 'The disk did not finish the recording in time.',
  takeSnapshot: 'The snapshot was not written in time.',
} as const satisfies Partial<Record<OperationKind, string>>;

/**
 * One assigned camera: an actor. Operations become events, events go through `transition`, effects come out.
 * Each operation resolves with its final status, which the caller sends; what else happens is reported.
 */
export class Camera {
  #state: CameraState = { kind: 'closed', run: 0 };
  readonly #pipeline: CameraPipeline;
  readonly #operations = new Map<OperationKind, Operation>();
  readonly #queue: CameraEvent[] = [];
  #isDraining = false;
  #cancelReopen: () => void = () => {};
  #figures: PipelineFigures | null = null;
  #lastError: ErrorData | null = null;
  #isPreviewEnabled: boolean;
  #snapshots = 0;
  #released: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: CameraSettings,
    private readonly dependencies: CameraDependencies,
  ) {
    this.#isPreviewEnabled = settings.pipeline.previewEnabled;
    this.#pipeline = dependencies.pipelines(settings.pipeline, (event) => {
      this.#dispatch(event);
    });
  }

  get deviceId(): string {
    return this.settings.deviceId;
  }

  /** Whether a take is under way, about to begin, or goes on when the lost camera is back. */
  get isRecording(): boolean {
    return isToRecord(this.#state);
  }

  /** The last figures while it streams, else null. */
  get liveFigures(): PipelineFigures | null {
    return this.#state.kind === 'streaming' ? this.#figures : null;
  }

  /** Resolves when a camera that was closed has nothing left: `close` answers as soon as its port is free. Never rejects. */
  get released(): Promise<void> {
    return this.#released;
  }

  /** Opens the camera: `device_ready` after its first frame, or `device_error`. */
  open(replyTo: string | undefined): Promise<Report> {
    return this.#await('open', replyTo, () => {
      this.#dispatch({ type: 'open' });
    });
  }

  /** Starts a take: `recording_started` when its first frame is in the file, or `recording_error`. */
  async startRecording(
    order: Omit<RecordingOrder, 'deviceId' | 'cameraLabel'>,
    replyTo: string | undefined,
  ): Promise<Report> {
    const complete = { ...order, deviceId: this.deviceId, cameraLabel: this.#label() };
    return this.#limited('startRecording', replyTo, () => {
      this.#dispatch({ type: 'startRecording', order: complete });
    });
  }

  /** Ends the take: `recording_stopped`, with zeros where nothing was recorded, or `recording_error` from a stuck disk. */
  stopRecording(replyTo: string | undefined): Promise<Report> {
    return this.#limited('stopRecording', replyTo, () => {
      this.#dispatch({ type: 'stopRecording', reason: 'command' });
    });
  }

  /** Writes the next frame as a JPEG: `snapshot_taken` or `command_nack`. */
  async takeSnapshot(sessionDir: string, replyTo: string | undefined): Promise<Report> {
    if (this.#state.kind !== 'streaming') {
      const code = 'camera_disconnected';
      return reports.commandNack(code, `${this.deviceId} gives no frames. ${ERROR_ADVICE[code]}`);
    }
    const { run } = this.#state;
    this.#snapshots += 1;
    const request = this.#snapshots;
    return this.#limited('takeSnapshot', replyTo, () => {
      this.#pipeline.send({ type: 'takeSnapshot', run, request, sessionDir, cameraLabel: this.#label() });
    });
  }

  setPreview(enabled: boolean): void {
    this.#isPreviewEnabled = enabled;
    this.#pipeline.send({ type: 'setPreview', enabled });
  }

  /** What its pipeline is to give up under load. */
  setLoadLevel(level: LoadLevel): void {
    this.#pipeline.send({ type: 'setLoadLevel', level });
  }

  /**
   * Ends a recording, the capture process and the pipeline: `device_unassigned`, after `limitMs` and a little at
   * the latest. What waits for the camera is answered at once.
   */
  async close(reason: StopReason, limitMs: number, replyTo: string | undefined): Promise<Report> {
    this.abortWaits(reason === 'shutdown' ? 'shutting_down' : 'no_device');
    const cancelOverdue = this.#after(limitMs + CLOSE_GRACE_MS, () => {
      this.#dispatch({ type: 'closeOverdue' });
    });
    const answer = await this.#await('close', replyTo, () => {
      this.#dispatch({ type: 'close', reason, limitMs });
    });
    cancelOverdue();
    // A disk that never answered would leave a stop without its answer.
    this.#abort('stopRecording', 'io_error', `${OVERDUE.stopRecording} ${ERROR_ADVICE.io_error}`);
    this.#released = this.#pipeline.close(limitMs).catch((thrown: unknown) => {
      this.dependencies.logs.log('error', 'The pipeline could not be closed.', { error: messageOf(thrown) });
    });
    return answer;
  }

  /** Answers what waits for a first frame: the camera is not wanted any more. */
  abortWaits(code: 'shutting_down' | 'no_device'): void {
    const why = code === 'shutting_down' ? 'The module is shutting down' : `${this.deviceId} was unassigned`;
    this.#abort('open', code, `${why} before the first frame came.`);
    this.#abort('startRecording', code, `${why} before the first frame was recorded.`);
    this.#abort('takeSnapshot', code, `${why} before the snapshot was written.`);
  }

  status(): CameraStatus {
    return describeCamera({
      settings: this.settings,
      state: this.#state,
      figures: this.#figures,
      isPreviewEnabled: this.#isPreviewEnabled,
      lastError: this.#lastError,
    });
  }

  #label(): string {
    const model = this.#state.kind === 'streaming' ? this.#state.format.model : '';
    const friendlyName = this.settings.displayName || model.toUpperCase() || 'Camera';
    return `${friendlyName}_${this.settings.stableId.slice(0, 8)}`;
  }

  #await(kind: OperationKind, replyTo: string | undefined, begin: () => void): Promise<Report> {
    return new Promise((settle) => {
      this.#operations.set(kind, { replyTo, settle });
      begin();
    });
  }

  async #limited(kind: keyof typeof OVERDUE, replyTo: string | undefined, begin: () => void): Promise<Report> {
    const fiveFramesMs = 5_000 / this.settings.request.settings.fps;
    const cancelLimit = this.#after(LIMIT_MS + fiveFramesMs, () => {
      this.#abort(kind, 'io_error', `${OVERDUE[kind]} ${ERROR_ADVICE.io_error}`);
      if (kind === 'startRecording') this.#dispatch({ type: 'stopRecording', reason: 'io_error' });
    });
    try {
      return await this.#await(kind, replyTo, begin);
    } finally {
      cancelLimit();
    }
  }

  /** A limit that is over only when what waits to be heard has been: a host that blocks its thread makes timers late. */
  #after(limitMs: number, onOver: () => void): () => void {
    let isCancelled = false;
    const cancel = this.dependencies.clock.after(limitMs, () => {
      setImmediate(() => {
        if (!isCancelled) onOver();
      });
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  #abort(kind: 'open' | keyof typeof OVERDUE, code: ErrorCode, message: string): void {
    const error = { code, message, context: {} };
    if (kind === 'open') this.#settle(kind, reports.deviceError(this.deviceId, error, true));
    else if (kind === 'takeSnapshot') this.#settle(kind, reports.commandNack(code, message));
    else this.#settle(kind, reports.recordingError(this.deviceId, error));
  }

  #settle(kind: OperationKind, answer: Report): boolean {
    const operation = this.#operations.get(kind);
    if (operation === undefined) return false;
    this.#operations.delete(kind);
    operation.settle(answer);
    return true;
  }

  /** One event at a time: an effect may cause the next event before it returns. */
  #dispatch(event: CameraEvent): void {
    this.#queue.push(event);
    if (this.#isDraining) return;
    this.#isDraining = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#handle(next);
    } finally {
      this.#isDraining = false;
    }
  }

  #handle(event: CameraEvent): void {
    this.#takeNote(event);
    const { deviceId, request, resumesAfterReconnect, maxAttempts, delayMs } = this.settings;
    const nowNs = this.dependencies.clock.monotonicNs();
    const facts = { deviceId, request, resumesAfterReconnect, maxAttempts, delayMs, nowNs };
    const { state, effects } = transition(this.#state, event, facts);
    if (state.kind !== this.#state.kind) {
      this.dependencies.logs.log('info', `Camera ${state.kind}.`, {
        device: deviceId,
        run: state.run,
        was: this.#state.kind,
      });
    }
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  /** What concerns no state: figures, logs, drops, warnings and snapshots. */
  #takeNote(event: CameraEvent): void {
    const { logs, report } = this.dependencies;
    const { deviceId } = this;
    switch (event.type) {
      case 'figures':
        if (event.run === this.#state.run) this.#figures = event.figures;
        return;
      case 'drop':
        logs.drop(event.drop);
        return;
      case 'log':
        logs.log(event.level, event.message, { device: deviceId, ...event.context });
        return;
      case 'warning':
        logs.log('warn', event.message, { device: deviceId, code: event.code });
        report(
          { status: 'warning', data: { code: event.code, message: event.message, device_id: deviceId } },
          undefined,
        );
        return;
      case 'lost':
        if (event.run !== this.#state.run) return;
        this.#lastError = event.error;
        logs.log('error', event.error.message, { device: deviceId, code: event.error.code, ...event.error.context });
        return;
      case 'firstFrame':
        if (event.run === this.#state.run) this.#lastError = null;
        return;
      case 'snapshotTaken':
        if (event.request !== this.#snapshots) return;
        this.#settle('takeSnapshot', {
          status: 'snapshot_taken',
          data: { device_id: deviceId, path: event.path, bytes: event.bytes },
        });
        return;
      case 'snapshotFailed':
        logs.log('error', event.error.message, { device: deviceId, code: event.error.code, ...event.error.context });
        if (event.request !== this.#snapshots) return;
        this.#settle('takeSnapshot', reports.commandNack(event.error.code, event.error.message));
        return;
      case 'recordingFailed':
        this.#forgetRecordingFigures();
        logs.log('error', event.error.message, { device: deviceId, code: event.error.code, ...event.error.context });
        return;
      case 'recordingContinued': {
        const { ended, paths } = event;
        const context = { device: deviceId, path: ended.paths.videoPath, frames: ended.frames, next: paths.videoPath };
        logs.log('warn', 'The index of the video is full: the recording goes on in the next take.', context);
        return;
      }
      case 'recordingStopped':
        this.#forgetRecordingFigures();
        logs.log('info', 'Recording stopped.', this.#accountOf(event));
        if (event.summary.error !== null) {
          const { code, message, context } = event.summary.error;
          logs.log('error', message, { device: deviceId, code, ...context });
        }
        return;
      case 'open':
      case 'reopen':
      case 'close':
      case 'closeOverdue':
      case 'closed':
      case 'startRecording':
      case 'stopRecording':
      case 'recordingStarted':
      case 'captureProcess':
      case 'takeFiles':
    }
  }

  /** Every frame that the camera delivered, and what became of it: the books of a recording, closed. */
  #accountOf({ summary }: CameraEvent & { type: 'recordingStopped' }): Readonly<Record<string, unknown>> {
    const { counts, reason, paths } = summary;
    return { device: this.deviceId, path: paths?.videoPath ?? null, take: paths?.take ?? null, reason, ...counts };
  }

  /** The next take begins at nothing; until its first figures come, the last take's would be taken for its own. */
  #forgetRecordingFigures(): void {
    if (this.#figures !== null) this.#figures = { ...this.#figures, recording: null };
  }

  #perform(effect: CameraEffect): void {
    switch (effect.do) {
      case 'send':
        // A new run counts anew; the old one's figures would be taken for its own.
        if (effect.command.type === 'open') this.#figures = null;
        this.#pipeline.send(effect.command);
        return;
      case 'report':
        this.#report(effect.report);
        return;
      case 'cancelReopen':
        this.#cancelReopen();
        return;
      case 'reopenLater':
        this.dependencies.logs.log('warn', 'Reconnecting.', {
          device: this.deviceId,
          attempt: effect.attempt,
          delayMs: effect.delayMs,
        });
        this.#cancelReopen = this.dependencies.clock.after(effect.delayMs, () => {
          this.#dispatch({ type: 'reopen' });
        });
    }
  }

  /** Ends the operation that waits for this status; where none does, the host hears it all the same. */
  #report(report: Report): void {
    for (const kind of Object.keys(FINAL) as OperationKind[]) {
      const finals: readonly StatusName[] = FINAL[kind];
      if (finals.includes(report.status) && this.#settle(kind, report)) return;
    }
    // A recording_error would be taken for the answer of a stop, whose recording_stopped is still to come.
    const stop = report.status === 'recording_error' ? undefined : this.#operations.get('stopRecording');
    const cause = this.#operations.get('close') ?? stop;
    this.dependencies.report(report, cause?.replyTo);
  }
}
