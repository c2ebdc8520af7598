import type { CameraSource, CaptureRequest, SourceFormat, SourceListener, UsedTool } from '../capture/camera-source.js';
import type { Clock } from '../core/clock.js';
import { ANSWER_RESERVE_MS, FILES_RESERVE_MS } from '../core/closing-budget.js';
import { minusReserve, fromNow, msUntil, withinUntil } from '../core/deadline.js';
import type { DiskSpace } from '../core/disk-space.js';
import { errorWithAdvice, type ErrorData, errorDataOf } from '../core/errors.js';
import type { Frame } from '../core/frame.js';
import type { LoadLevel } from '../core/load-level.js';
import { TIMED_OUT, within } from '../core/within.js';
import type { RecordingSession } from '../recording/recording-session.js';
import type { PipelineOptions } from './camera-pipeline.js';
import { DropReporter } from './drop-reporter.js';
import { FrameRouter } from './frame-router.js';
import type { OwnerEvent, PipelineEvent, RecordingOrder, StopReason } from './pipeline-messages.js';
import { PipelineMetrics } from './pipeline-metrics.js';
import type { PreviewDesk } from './preview/preview-desk.js';
import { recordedCamera } from './recorder/recorded-camera.js';
import { RecordingBranch } from './recorder/recording-branch.js';
import { RunFigures } from './run-figures.js';
import { SnapshotBranch } from './snapshot-branch.js';
import type { SnapshotOrder, SnapshotWriter } from './snapshot-branch.js';
import { SourceConnection } from './source-connection.js';

/** Time for a lost camera's process to end. Its recording is not part of this. */
const LOST_CLOSE_LIMIT_MS = 3_000;

export interface CameraRunDependencies {
  readonly run: number;
  readonly request: CaptureRequest;
  readonly source: CameraSource;
  readonly recordings: RecordingSession;
  readonly disk: DiskSpace;
  readonly snapshotWriter: SnapshotWriter;
  readonly clock: Clock;
  readonly options: PipelineOptions;
  readonly preview: PreviewDesk;
  readonly loadLevel: LoadLevel;
  /** Never throws. */
  readonly emit: (event: PipelineEvent) => void;
  /** Never throws. */
  readonly tellOwner: (event: OwnerEvent) => void;
}

/** After a command that waits for frames, so many are handed over at once. A stop waits for 200 ms at most. */
const FRAMES_AFTER_COMMAND = 30;
/** A smaller buffer has no room for the frames that a source hands over in one go. */
const ROOM_FOR_A_GO = { maxFrames: 64, maxBytes: 8 * 1024 * 1024 };

/** `closing`: asked to end, frames still count. `ending`: no more frames. `over`: its last event was sent. */
type Phase = 'opening' | 'streaming' | 'closing' | 'ending' | 'over';

/**
 * One run: a capture process from its opening to its last event, with its recording, preview and snapshots. When
 * the run is over, later calls of the source change nothing.
 */
export class CameraRun {
  readonly #connection: SourceConnection;
  readonly #metrics = new PipelineMetrics();
  readonly #figures: RunFigures;
  readonly #drops: DropReporter;
  readonly #recording: RecordingBranch;
  readonly #snapshots: SnapshotBranch;
  readonly #router: FrameRouter;
  #phase: Phase = 'opening';
  #format: SourceFormat | null = null;
  #tool: UsedTool | null = null;
  #loadLevel: LoadLevel;
  #fps: number;
  #end: Promise<boolean> | null = null;
  /** `close` stopped waiting for the end of the run, so the end is no longer reported. */
  #isLeft = false;

  constructor(private readonly dependencies: CameraRunDependencies) {
    const { run, options, clock, recordings, disk, emit } = dependencies;
    this.#fps = dependencies.request.settings.fps;
    this.#loadLevel = dependencies.loadLevel;
    this.#connection = new SourceConnection(dependencies.source, clock, (message, error) => {
      this.#log(message, error);
    });
    this.#drops = new DropReporter(options.deviceId, options.reportGateSkips, (drop) => {
      emit({ type: 'drop', run, drop });
    });
    this.#recording = new RecordingBranch({
      run,
      recordings,
      disk,
      clock,
      options,
      drops: this.#drops,
      emit,
      loadLevel: () => this.#loadLevel,
      onWritten: (timeMs) => {
        this.#metrics.write(timeMs, this.#router.timelineMs(clock.monotonicNs()) - timeMs);
      },
      onEnding: (afterEndMs) => {
        this.#router.confirmGaps(afterEndMs);
      },
      onEnded: () => {
        this.#metrics.endRecording();
      },
      onCommitDue: () => {
        this.#connection.catchUp();
      },
      onPressure: (mustPause) => {
        this.#connection.pause(mustPause);
      },
    });
    this.#snapshots = new SnapshotBranch(run, dependencies.snapshotWriter, emit);
    this.#figures = new RunFigures({
      run,
      deviceId: options.deviceId,
      clock,
      metrics: this.#metrics,
      drops: this.#drops,
      recording: this.#recording,
      loadLevel: dependencies.loadLevel,
      emit,
    });
    this.#router = new FrameRouter({
      recording: this.#recording,
      preview: dependencies.preview,
      snapshots: this.#snapshots,
      metrics: this.#metrics,
      facts: this.#figures.facts,
      drops: this.#drops,
    });
  }

  get run(): number {
    return this.dependencies.run;
  }

  get isOver(): boolean {
    return this.#phase === 'over';
  }

  open(): void {
    this.#figures.start();
    this.#connection.open(this.dependencies.request, this.#listener(), (error) => {
      this.#lose(error);
    });
  }

  startRecording(order: RecordingOrder): void {
    this.#connection.catchUp(FRAMES_AFTER_COMMAND);
    if (this.#phase === 'streaming' && this.#format !== null) {
      const camera = recordedCamera(this.dependencies.request, this.#format, this.#tool);
      this.#recording.start(order, { format: this.#format, fps: this.#fps, camera });
      return;
    }
    const error = errorWithAdvice(
      'camera_disconnected',
      'The camera is not streaming, so there are no frames to record.',
    ).toData();
    this.dependencies.emit({ type: 'recordingFailed', run: this.run, error, isCameraLost: true });
  }

  stopRecording(reason: StopReason, stopNs: bigint | null): void {
    this.#connection.catchUp(FRAMES_AFTER_COMMAND);
    this.#recording.stop(reason, stopNs);
  }

  takeSnapshot(order: SnapshotOrder): void {
    this.#connection.catchUp(FRAMES_AFTER_COMMAND);
    if (this.#phase === 'opening' || this.#phase === 'streaming') {
      this.#snapshots.request(order);
      return;
    }
    const error = errorWithAdvice(
      'camera_disconnected',
      'The camera is not streaming, so there is no frame for a snapshot.',
    ).toData();
    this.dependencies.emit({ type: 'snapshotFailed', run: this.run, request: order.request, error });
  }

  /** The preview was turned off. */
  endPreview(): void {
    this.#metrics.endPreview();
  }

  setLoadLevel(level: LoadLevel): void {
    this.#loadLevel = level;
    this.#figures.setLoadLevel(level);
    if (level === 'previewPaused') this.#metrics.endPreview();
  }

  /**
   * Ends the run. Resolves before `untilNs` with whether the camera's port is free again. Frames that still arrive
   * are recorded. If the run is already ending, that end goes on and is limited by `untilNs`. Never rejects.
   */
  async close(reason: StopReason, untilNs: bigint): Promise<boolean> {
    const { clock } = this.dependencies;
    const answerUntilNs = minusReserve(clock, untilNs, ANSWER_RESERVE_MS);
    const filesUntilNs = minusReserve(clock, answerUntilNs, FILES_RESERVE_MS);
    if (this.#end === null) {
      this.#phase = 'closing';
      this.dependencies.preview.endStream('none');
      this.#end = this.#finish(reason, null, filesUntilNs);
    }
    this.#recording.giveUpAt(filesUntilNs);
    const portReleased = await withinUntil(clock, answerUntilNs, this.#end);
    if (portReleased !== TIMED_OUT) return portReleased;
    this.#isLeft = true;
    this.#tidyUp();
    return false;
  }

  #listener(): SourceListener {
    const { run, emit, tellOwner } = this.dependencies;
    return {
      onFormat: (format) => {
        this.#format = format;
        this.#figures.noteFormat(format);
      },
      onFrame: (frame) => {
        this.#handleFrame(frame);
      },
      onCorrupt: (byteCount) => {
        if (!this.#isListening) return;
        this.#figures.noteCorrupt(byteCount);
        // The bytes are in the place of the next frame.
        this.#drops.report('corrupt', this.#router.frameNumber + 1, this.dependencies.clock.monotonicNs());
      },
      onWarning: (code, message) => {
        if (this.#isListening) emit({ type: 'warning', run, code, message });
      },
      onProcess: (pid) => {
        tellOwner({ type: 'captureProcess', run, pid });
      },
      onTool: (tool) => {
        this.#tool = tool;
      },
      onLost: (error, endedNs) => {
        this.#lose(error.toData(), endedNs);
      },
    };
  }

  get #isListening(): boolean {
    return this.#phase === 'opening' || this.#phase === 'streaming' || this.#phase === 'closing';
  }

  /** Keeps errors of the frame's handling away from the source. */
  #handleFrame(frame: Frame): void {
    if (!this.#isListening) return;
    try {
      if (this.#phase === 'opening') this.#announceFirst(frame);
      this.#router.route(frame);
      this.#figures.noteRouted(this.#router.frameNumber);
    } catch (thrown) {
      this.#log('A frame could not be handled.', errorDataOf(thrown, 'capture_failed'));
    }
  }

  #announceFirst(frame: Frame): void {
    const { run, emit } = this.dependencies;
    if (this.#format === null) throw new Error('The source delivered a frame before its format.');
    const durationUs = frame.times.frameDurationUs ?? 0;
    if (durationUs > 0) this.#fps = 1_000_000 / durationUs;
    this.#phase = 'streaming';
    if (!hasRoomForAGo(this.dependencies.options.buffer)) this.#connection.catchUp(Number.POSITIVE_INFINITY);
    this.dependencies.preview.beginStream(this.#format);
    emit({ type: 'firstFrame', run, format: this.#format, fps: this.#fps });
  }

  #lose(error: ErrorData, endedNs?: bigint): void {
    if (this.#phase !== 'opening' && this.#phase !== 'streaming') return;
    this.#phase = 'ending';
    this.dependencies.preview.endStream('lost');
    this.#end = this.#finishLost(error, endedNs);
  }

  async #finishLost(error: ErrorData, endedNs: bigint | undefined): Promise<boolean> {
    const { run, clock, emit } = this.dependencies;
    const portReleased = await this.#finish('device_error', error, fromNow(clock, LOST_CLOSE_LIMIT_MS));
    const ended = endedNs === undefined ? {} : { endedNs };
    if (!this.#isLeft) emit({ type: 'lost', run, error, portReleased, ...ended });
    return portReleased;
  }

  /** Ends stream and recording at the same time. Resolves with whether the camera's port is free. Never rejects. */
  async #finish(reason: StopReason, loss: ErrorData | null, untilNs: bigint): Promise<boolean> {
    const { clock } = this.dependencies;
    const gone = loss ?? errorWithAdvice('camera_disconnected', 'The camera was closed.').toData();
    this.#snapshots.failWaiting(gone);
    const closed = this.#connection.close(untilNs);
    // The last frames of a run that was asked to close still count. A slow camera gets at most half of the time.
    if (loss === null) await within(clock, msUntil(clock, untilNs) / 2, closed);
    this.#phase = 'ending';
    this.#router.settle();
    await this.#recording.end(reason, loss);
    const portReleased = await closed;
    await withinUntil(clock, untilNs, this.#snapshots.written());
    this.#snapshots.failAll(gone);
    this.#tidyUp();
    return portReleased;
  }

  #tidyUp(): void {
    this.#figures.end();
    this.#phase = 'over';
  }

  #log(message: string, error: ErrorData): void {
    const context = { device: this.dependencies.options.deviceId, run: this.run, error };
    this.dependencies.emit({ type: 'log', level: 'error', message, context });
  }
}

function hasRoomForAGo({ maxFrames, maxBytes }: PipelineOptions['buffer']): boolean {
  return maxFrames >= ROOM_FOR_A_GO.maxFrames && maxBytes >= ROOM_FOR_A_GO.maxBytes;
}
