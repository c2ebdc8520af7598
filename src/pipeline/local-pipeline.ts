import type { MessagePort } from 'node:worker_threads';
import type { CameraSource } from '../capture/camera-source.js';
import type { Clock } from '../core/clock.js';
import { withinUntil } from '../core/deadline.js';
import type { DiskSpace } from '../core/disk-space.js';
import { errorWithAdvice, type ErrorData, errorDataOf } from '../core/errors.js';
import type { LoadLevel } from '../core/load-level.js';
import type { RecordingSession } from '../recording/recording-session.js';
import type { CameraPipeline, PipelineOptions } from './camera-pipeline.js';
import { CameraRun } from './camera-run.js';
import { guarded } from './guarded.js';
import {
  answerWithoutRun,
  type CloseCommand,
  type OpenCommand,
  type OwnerEvent,
  type PipelineCommand,
  type PipelineEvent,
  type RunCommand,
} from './pipeline-messages.js';
import { PreviewDesk } from './preview/preview-desk.js';
import type { SnapshotWriter } from './snapshot-branch.js';

export interface PipelineListeners {
  readonly onEvent: (event: PipelineEvent) => void;
  /** Set if the pipeline's thread has an owner that can outlive it. Never throws. */
  readonly onOwnerEvent?: (event: OwnerEvent) => void;
}

export interface LocalPipelineDependencies extends PipelineListeners {
  readonly source: CameraSource;
  readonly recordings: RecordingSession;
  readonly disk: DiskSpace;
  readonly snapshotWriter: SnapshotWriter;
  readonly clock: Clock;
  readonly options: PipelineOptions;
}

/**
 * The pipeline itself, in the thread where it is built: reader, gates, ring and recorder of one camera. It knows the
 * present run and answers every command. The work of a run is in `CameraRun`.
 */
export class LocalPipeline implements CameraPipeline {
  #run: CameraRun | null = null;
  readonly #preview: PreviewDesk;
  #loadLevel: LoadLevel = 'normal';
  #lastPortReleased = true;
  #ended: Promise<void> | null = null;
  readonly #emit: (event: PipelineEvent) => void;

  constructor(private readonly dependencies: LocalPipelineDependencies) {
    const { deviceId, previewFps, previewEnabled } = dependencies.options;
    this.#emit = guarded(dependencies.onEvent);
    this.#preview = new PreviewDesk({
      deviceId,
      fps: previewFps,
      isEnabled: previewEnabled,
      log: (level, message, context = {}) => {
        this.#emit({ type: 'log', level, message, context });
      },
    });
  }

  send(command: PipelineCommand): void {
    try {
      this.#perform(command);
    } catch (thrown) {
      const context = { device: this.dependencies.options.deviceId, error: errorDataOf(thrown, 'capture_failed') };
      this.#emit({ type: 'log', level: 'error', message: `The pipeline failed at ${command.type}.`, context });
    }
  }

  connectPreview(port: MessagePort): void {
    this.#preview.connect(port);
  }

  async end(untilNs: bigint): Promise<void> {
    this.#preview.end();
    this.#ended ??= this.#endAll(untilNs);
    await withinUntil(this.dependencies.clock, untilNs, this.#ended);
  }

  async #endAll(untilNs: bigint): Promise<void> {
    const run = this.#run;
    if (run !== null && !run.isOver) await this.#closeRun(run, { reason: 'shutdown', untilNs });
  }

  #perform(command: PipelineCommand): void {
    switch (command.type) {
      case 'open':
        this.#open(command);
        return;
      case 'close':
        void this.#close(command); // never rejects
        return;
      case 'setPreview':
        this.#preview.enable(command.enabled);
        if (!command.enabled) this.#run?.endPreview();
        return;
      case 'setLoadLevel':
        this.#loadLevel = command.level;
        this.#preview.setLoadLevel(command.level);
        this.#run?.setLoadLevel(command.level);
        return;
      case 'startRecording':
      case 'stopRecording':
      case 'takeSnapshot':
        this.#forward(command);
    }
  }

  #open({ run, request }: OpenCommand): void {
    const refusal = this.#refusal();
    if (refusal !== null) {
      this.#emit({ type: 'lost', run, error: refusal, portReleased: true });
      return;
    }
    const {
      source,
      recordings,
      disk,
      snapshotWriter,
      clock,
      options,
      onOwnerEvent = () => undefined,
    } = this.dependencies;
    this.#run = new CameraRun({
      run,
      request,
      source,
      recordings,
      disk,
      snapshotWriter,
      clock,
      options,
      preview: this.#preview,
      loadLevel: this.#loadLevel,
      emit: this.#emit,
      tellOwner: onOwnerEvent,
    });
    this.#run.open();
  }

  /** Why no camera can be opened now. */
  #refusal(): ErrorData | null {
    if (this.#ended !== null) return errorWithAdvice('shutting_down', 'The pipeline is closed.').toData();
    if (this.#run === null || this.#run.isOver) return null;
    return errorWithAdvice('camera_in_use', 'The pipeline already has an open camera.').toData();
  }

  async #close({ run, reason, untilNs }: CloseCommand): Promise<void> {
    const current = this.#run;
    if (current !== null && current.run === run && !current.isOver) {
      await this.#closeRun(current, { reason, untilNs });
      return;
    }
    const portReleased = current?.run === run ? this.#lastPortReleased : true;
    this.#emit({ type: 'closed', run, portReleased });
  }

  async #closeRun(run: CameraRun, { reason, untilNs }: Pick<CloseCommand, 'reason' | 'untilNs'>): Promise<void> {
    const portReleased = await run.close(reason, untilNs);
    this.#lastPortReleased = portReleased;
    this.#emit({ type: 'closed', run: run.run, portReleased });
  }

  #forward(command: RunCommand): void {
    const run = this.#run;
    if (run === null || run.run !== command.run || run.isOver) {
      answerWithoutRun(command, this.#emit);
      return;
    }
    switch (command.type) {
      case 'startRecording':
        run.startRecording(command.order);
        return;
      case 'stopRecording':
        run.stopRecording(command.reason, command.stopNs);
        return;
      case 'takeSnapshot':
        run.takeSnapshot(command);
    }
  }
}
