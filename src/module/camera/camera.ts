import { afterReads } from '../../core/after-reads.js';
import { OVERDUE_RESERVE_MS, THREAD_RESERVE_MS } from '../../core/closing-budget.js';
import { minusReserve, msUntil } from '../../core/deadline.js';
import { ERROR_ADVICE, messageOf } from '../../core/errors.js';
import type { LoadLevel } from '../../core/load-level.js';
import type { CameraPipeline } from '../../pipeline/camera-pipeline.js';
import {
  isNote,
  type Note,
  type PipelineFigures,
  type RunEvent,
  type StopReason,
} from '../../pipeline/pipeline-messages.js';
import type { CameraStatus, Report } from '../../protocol/statuses.js';
import * as reports from '../reports.js';
import type { TakeOnDisk } from '../disk-room.js';
import type { SettingsChange } from '../settings/settings-desk.js';
import { ChangeQueue } from './changes/change-queue.js';
import type { CameraEffect } from './camera-effects.js';
import { logNote, logRunEvent } from './camera-log.js';
import { CameraOperations } from './camera-operations.js';
import type { CameraDependencies, CameraDescription, CameraDesk } from './camera-description.js';
import { transition } from './camera-state.js';
import { CameraSnapshots } from './camera-snapshots.js';
import { describeCamera } from './camera-status.js';
import { CameraTakes } from './camera-takes.js';
import { EventQueue } from './event-queue.js';
import type { TakeOrder } from './recording-state.js';
import { CameraRequests } from './camera-requests.js';
import { Reopening } from './reopening.js';
import { RunMemory } from './run-memory.js';
import { SettingsChanges } from './changes/settings-changes.js';
import { isToRecord, takeUnderWay } from './state-queries.js';
import type { CameraEvent, CameraFacts, CameraState } from './state-types.js';

/**
 * One assigned camera. Its operations become events, `transition` turns each event into effects, and this class
 * performs them. Each operation resolves with its final status, which the caller sends. Other statuses are reported.
 */
export class Camera {
  #state: CameraState = { kind: 'closed', run: 0, portReleased: true };
  readonly #pipeline: CameraPipeline;
  readonly #operations: CameraOperations;
  readonly #takes: CameraTakes;
  readonly #snapshots: CameraSnapshots;
  readonly #queue = new EventQueue<CameraEvent | Note>((event) => {
    this.#handle(event);
  });
  readonly #memory = new RunMemory();
  readonly #requests: CameraRequests;
  readonly #changes: SettingsChanges;
  readonly #changeQueue: ChangeQueue;
  readonly #reopening: Reopening;
  #isPreviewEnabled: boolean;
  #released: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: CameraDescription,
    private readonly dependencies: CameraDependencies,
    private readonly desk: CameraDesk,
  ) {
    this.#operations = new CameraOperations(settings.deviceId, () => this.#fps, dependencies.clock);
    this.#isPreviewEnabled = settings.pipeline.previewEnabled;
    this.#pipeline = dependencies.pipelines(settings.pipeline, (event) => {
      this.#queue.push(event);
    });
    const state = (): CameraState => this.#state;
    const push = (event: CameraEvent): void => {
      this.#queue.push(event);
    };
    this.#reopening = new Reopening(dependencies.clock, () => {
      push({ type: 'reopen' });
    });
    this.#takes = new CameraTakes({
      deviceId: settings.deviceId,
      clock: dependencies.clock,
      operations: this.#operations,
      state,
      push,
      ask: (event, expect) => this.#ask(event, expect),
    });
    this.#snapshots = new CameraSnapshots(settings.deviceId, this.#operations, this.#pipeline);
    this.#requests = new CameraRequests(settings, desk);
    this.#changes = new SettingsChanges({
      ...dependencies,
      settings,
      desk,
      operations: this.#operations,
      requests: this.#requests,
      state,
      figures: () => this.liveFigures,
      fps: () => this.#fps,
      push,
      warn: (code, message) => {
        this.#warn(code, message);
      },
    });
    this.#changeQueue = new ChangeQueue((work, replyTo) =>
      work.kind === 'fix' ? this.#changes.fix(replyTo) : this.#changes.change(work.change, replyTo),
    );
  }

  /** Frames a second: as measured, else as the stream began, else as requested. */
  get #fps(): number {
    if (this.#state.kind !== 'streaming') return this.#requests.of(this.#state).settings.fps;
    const measured = this.#memory.figures?.captureFps ?? 0;
    return measured > 0 ? measured : this.#state.fps;
  }

  get deviceId(): string {
    return this.settings.deviceId;
  }

  /** Whether a take is starting or running, so that a start is answered with that take. */
  get isRecording(): boolean {
    return this.#takes.isUnderWay;
  }

  /** Whether a start waits for more than the next frame, or for a slow one: a stop must not wait for it. */
  get isStartFar(): boolean {
    return this.#takes.isStartFar;
  }

  /** Whether the camera gave up reconnecting, so that a start is refused. */
  get isClosed(): boolean {
    return this.#state.kind === 'closed';
  }

  /** Whether a stop would end something: a take, or one that waits for the first frame. */
  get isToRecord(): boolean {
    return isToRecord(this.#state, this.settings.resumesAfterReconnect);
  }

  /** The last figures while the camera streams, else null. */
  get liveFigures(): PipelineFigures | null {
    return this.#state.kind === 'streaming' ? this.#memory.figures : null;
  }

  /** The take that is under way, with what is known of its disk. `null`: there is none. */
  get takeOnDisk(): TakeOnDisk | null {
    const recording = takeUnderWay(this.#state);
    if (recording === null) return null;
    return { folder: recording.order.sessionDir, disk: this.#memory.figures?.recording?.disk ?? null };
  }

  /** Resolves when a closed camera has released everything. `close` resolves earlier, with the port. Never rejects. */
  get released(): Promise<void> {
    return this.#released;
  }

  /**
   * Opens the camera. Resolves with `device_ready` after its first frame, or with `device_error`. `keepsTrying`: attempts go
   * on after that, as for a lost camera.
   */
  open(replyTo: string | undefined, { keepsTrying } = { keepsTrying: false }): Promise<Report> {
    return this.#ask({ type: 'open', keepsTrying }, () => this.#operations.expect('open', replyTo));
  }

  /**
   * Starts a take. Resolves with `recording_started` when its first frame is in the file, or with `recording_error`. The
   * take may wait for its instant; the time limit begins then. If the camera delivers no frames now, the take waits for the first
   * frame, even after the answer. `onFar`: called when `isStartFar` may have become true later.
   */
  startRecording(order: TakeOrder, replyTo: string | undefined, onFar = (): void => {}): Promise<Report> {
    return this.#takes.start(order, replyTo, onFar);
  }

  /** Answers a start that waits for its instant or for frames, because a stop that cancels it waits for its turn. */
  releaseStart(): void {
    this.#takes.releaseStart();
  }

  /**
   * Ends the take. Resolves with `recording_stopped` (with zeros if nothing was recorded), or with `recording_error`
   * if the disk is stuck. `stopNs`: the instant of the stop (monotonic clock), see `PipelineCommand`.
   */
  stopRecording(replyTo: string | undefined, stopNs: bigint | null = null): Promise<Report> {
    return this.#takes.stop(replyTo, stopNs);
  }

  /** Writes the next frame as a JPEG. Resolves with `snapshot_taken` or `command_nack`. */
  takeSnapshot(sessionDir: string, replyTo: string | undefined): Promise<Report> {
    return this.#snapshots.take(() => {
      if (this.#state.kind === 'streaming') {
        const { run, format } = this.#state;
        return { run, sessionDir, cameraLabel: this.#labelOf(format.model) };
      }
      const code = 'camera_disconnected';
      return reports.commandNack(code, `${this.deviceId} delivers no frames. ${ERROR_ADVICE[code]}`);
    }, replyTo);
  }

  /**
   * Changes settings, and keeps them if the camera gives frames with them: a streaming camera is restarted. Resolves with
   * `settings_changed` or `command_nack`. What a camera without frames is asked for, it is asked for at its next opening.
   */
  changeSettings(change: SettingsChange, replyTo: string | undefined): Promise<Report> {
    return this.#changeQueue.add({ kind: 'change', change }, replyTo);
  }

  /** Fixes and keeps what automatic exposure, white balance and focus found. Resolves as `changeSettings`. */
  fixSettings(replyTo: string | undefined): Promise<Report> {
    return this.#changeQueue.add({ kind: 'fix' }, replyTo);
  }

  /** Whether settings are being changed, or are to be. */
  get isChanging(): boolean {
    return this.#changeQueue.isBusy;
  }

  /** Resolves when no change of settings is under way and none waits. */
  changed(): Promise<void> {
    return this.#changeQueue.idle();
  }

  /** The settings: asked for, given and kept. */
  describeSettings(): Report {
    return this.#changes.describe('settings');
  }

  setPreview(enabled: boolean): void {
    this.#isPreviewEnabled = enabled;
    this.#pipeline.send({ type: 'setPreview', enabled });
  }

  /** Tells the pipeline how much to give up under load. */
  setLoadLevel(level: LoadLevel): void {
    this.#pipeline.send({ type: 'setLoadLevel', level });
  }

  /**
   * Ends a recording, the capture process and the pipeline by `untilNs`. Operations that wait for the camera are
   * answered at once. Resolves with `device_unassigned` when the port is free or only a reserve of the time is left.
   */
  async close(reason: StopReason, untilNs: bigint, replyTo: string | undefined): Promise<Report> {
    const { clock, logs } = this.dependencies;
    this.abortWaits(reason === 'shutdown' ? 'shutting_down' : 'no_device');
    const overdueMs = msUntil(clock, minusReserve(clock, untilNs, OVERDUE_RESERVE_MS));
    const cancelOverdue = afterReads(clock, overdueMs, () => {
      this.#queue.push({ type: 'closeOverdue' });
    });
    const closed = this.#operations.expect('close', replyTo);
    this.#queue.push({ type: 'close', reason, untilNs: minusReserve(clock, untilNs, THREAD_RESERVE_MS) });
    const answer = await closed;
    cancelOverdue();
    // If the disk never responded, a stop still waits for its answer.
    this.#operations.giveUp('stopRecording');
    this.#released = this.#pipeline.end(untilNs).catch((thrown: unknown) => {
      logs.log('error', 'The pipeline could not be ended.', { device: this.deviceId, error: messageOf(thrown) });
    });
    return answer;
  }

  /** Answers the operations that wait for frames, because the camera is about to be released. */
  abortWaits(code: 'shutting_down' | 'no_device'): void {
    const why = code === 'shutting_down' ? 'The module was shut down' : `${this.deviceId} was unassigned`;
    this.#operations.abort('open', code, `${why} before the first frame arrived.`);
    this.#takes.abortStart(code, why);
    this.#snapshots.end(code, `${why} before the snapshot was written.`);
    const unchanged = `${why} before its settings were changed.`;
    this.#changeQueue.giveUp(reports.commandNack(code, unchanged));
    this.#changes.cutShort(code, unchanged);
  }

  status(): CameraStatus {
    return describeCamera({
      settings: this.settings,
      state: this.#state,
      request: this.#requests.of(this.#state),
      figures: this.#memory.figures,
      isPreviewEnabled: this.#isPreviewEnabled,
      lastError: this.#memory.lastError,
      retryInMs: this.#reopening.leftMs,
      figuresAgeMs: this.#memory.figuresAgeMs(this.dependencies.clock),
    });
  }

  #labelOf(model: string): string {
    const friendlyName = this.settings.displayName || model.toUpperCase() || 'Camera';
    return `${friendlyName}_${this.settings.stableId.slice(0, 8)}`;
  }

  /**
   * Expects the answer only when the event is handled. A host may ask in the moment it hears a status: what is left
   * of that status's event must not answer it.
   */
  #ask(event: CameraEvent, expect: () => Promise<Report>): Promise<Report> {
    return new Promise((resolve) => {
      this.#queue.push(event, () => {
        resolve(expect());
      });
    });
  }

  #handle(event: CameraEvent | Note): void {
    if (isNote(event)) {
      this.#onNote(event);
      return;
    }
    if ('run' in event) this.#remember(event);
    // Before the transition, because from now on other settings may apply.
    if (event.type === 'firstFrame' && event.run === this.#state.run) this.desk.identify(event.format.cameraId);
    const { state, effects } = transition(this.#state, event, this.#facts());
    if (state.kind !== this.#state.kind) {
      this.dependencies.logs.log('info', `Camera ${state.kind}.`, {
        device: this.deviceId,
        run: state.run,
        was: this.#state.kind,
      });
    }
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    if (event.type === 'firstFrame' && state.kind === 'streaming') this.#changes.warnOfIgnored();
    this.#changes.notice();
    this.#takes.notice();
  }

  #facts(): CameraFacts {
    const { deviceId, resumesAfterReconnect, isToolNamed, maxAttempts, delayMs } = this.settings;
    const nowNs = this.dependencies.clock.monotonicNs();
    const labelOf = (model: string): string => this.#labelOf(model);
    const request = this.#requests.present;
    return { deviceId, request, resumesAfterReconnect, isToolNamed, maxAttempts, delayMs, nowNs, labelOf };
  }

  /** Handles events that do not change the state: figures, logs, drops, warnings and snapshots. */
  #onNote(note: Note): void {
    logNote(this.dependencies.logs, this.deviceId, note);
    if (note.type === 'figures') {
      this.#memory.noteFigures(note, this.#state.run, this.dependencies.clock);
      this.#changes.notice();
    }
    if (note.type === 'warning') this.#warn(note.code, note.message);
    if (note.type === 'snapshotTaken' || note.type === 'snapshotFailed') this.#snapshots.answer(note);
  }

  /** Logs an event of a run, and keeps what `status()` shows of it besides the camera's state. */
  #remember(event: RunEvent): void {
    if (event.run !== this.#state.run && event.type === 'lost') return;
    logRunEvent(this.dependencies.logs, this.deviceId, event);
    this.#memory.noteEvent(event, this.#state.run);
  }

  #warn(code: string, message: string): void {
    const report: Report = { status: 'warning', data: { code, message, device_id: this.deviceId } };
    this.dependencies.report(report, undefined);
  }

  #perform(effect: CameraEffect): void {
    switch (effect.do) {
      case 'send':
        if (effect.command.type === 'open') this.#memory.beginRun();
        if (effect.command.type === 'startRecording') this.#takes.begin();
        this.#pipeline.send(effect.command);
        return;
      case 'report':
        if (!this.#operations.settleBy(effect.report)) this.#tell(effect.report);
        return;
      case 'answer':
        this.#operations.settleBy(effect.report);
        return;
      case 'tell':
        this.#tell(effect.report);
        return;
      case 'settleChange':
        if (effect.outcome.kind === 'restarted') this.#requests.avoidNothing();
        this.#changes.settle(effect.outcome);
        return;
      case 'avoidSettings':
        this.#requests.avoid(effect.avoided, effect.instead);
        this.#changes.warnOfAvoided(effect.why.message);
        return;
      case 'cancelReopen':
        this.#reopening.cancel();
        return;
      case 'reopenLater':
        this.dependencies.logs.log('warn', 'Trying again.', {
          device: this.deviceId,
          attempt: effect.attempt,
          delayMs: effect.delayMs,
        });
        this.#reopening.after(effect.delayMs);
    }
  }

  #tell(report: Report): void {
    this.dependencies.report(report, this.#operations.causeOf(report));
  }
}
