import type { SourceFormat } from '../../capture/camera-source.js';
import { afterReads } from '../../core/after-reads.js';
import type { Clock } from '../../core/clock.js';
import type { DiskSpace } from '../../core/disk-space.js';
import { type ErrorData, errorDataOf } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
import type { LoadLevel } from '../../core/load-level.js';
import type { Recording, RecordingSession } from '../../recording/recording-session.js';
import type { PipelineOptions } from '../camera-pipeline.js';
import type { DropReporter } from '../drop-reporter.js';
import { FpsGate } from '../fps-gate.js';
import {
  type PipelineEvent,
  type PipelineFigures,
  type RecordingOrder,
  type RecordingSummary,
  type StopReason,
} from '../pipeline-messages.js';
import type { RecordedCamera } from './recorded-camera.js';
import { Recorder } from './recorder.js';
import type { RecorderListener, RecorderOutcome } from './recorder-contract.js';
import { TakeBounds } from './take-bounds.js';

/** How long a stop waits for frames before its instant, ms. */
const STOP_WAIT_MS = 200;

export interface RecordingBranchDependencies {
  readonly run: number;
  readonly recordings: RecordingSession;
  readonly disk: DiskSpace;
  readonly clock: Clock;
  readonly options: PipelineOptions;
  readonly drops: DropReporter;
  readonly emit: (event: PipelineEvent) => void;
  readonly loadLevel: () => LoadLevel;
  /** A frame was written. */
  readonly onWritten: (timeMs: number) => void;
  /**
   * The recording ends before the stream. What is told of the stream now still counts for it. `afterEndMs`: how long
   * before the newest frame it ended.
   */
  readonly onEnding: (afterEndMs: number) => void;
  /** The recording is over. */
  readonly onEnded: () => void;
  /** The files are about to be committed: what was read so far belongs to the commit. */
  readonly onCommitDue: () => void;
  /** Pauses or resumes the source (`pauseSource` only). */
  readonly onPressure: (mustPause: boolean) => void;
}

/** Facts about the stream for a recording's header. */
export interface StreamFacts {
  readonly format: SourceFormat;
  /** Frames per second, measured or requested. */
  readonly fps: number;
  /** For info files. */
  readonly camera: RecordedCamera;
}

/** A run's recordings, one after another, and their events. */
export class RecordingBranch {
  #recorder: Recorder | null = null;
  /** Of the present recorder. */
  #bounds = new TakeBounds(0n, 1);
  /** A stop that waits for frames before its instant. */
  #stop: { readonly reason: StopReason; readonly cancelLimit: () => void } | null = null;
  /** Resolves when the last events of the present recorder were sent. */
  #ended: Promise<void> = Promise.resolve();
  #trial = 0;
  #wasStopped = false;
  #lossError: ErrorData | null = null;

  constructor(private readonly dependencies: RecordingBranchDependencies) {}

  offer(frame: Frame, frameNumber: number, timeMs: number): void {
    if (this.#recorder === null) return;
    if (this.#bounds.isOpen || this.#isWithin(frame)) this.#recorder.offer(frame, frameNumber, timeMs);
  }

  /** The camera lost frames before this one. Returns whether they are missing in a recording. */
  miss(frames: number, frameNumber: number): boolean {
    return this.#recorder?.miss(frames, frameNumber) ?? false;
  }

  /** The timestamp of the frame offered last is out of order. */
  noteDisorder(): void {
    if (this.#bounds.hasBegun) this.#recorder?.noteDisorder();
  }

  figures(): Pick<PipelineFigures, 'bufferedFrames' | 'bufferedBytes' | 'bufferFill' | 'recording'> {
    const recorder = this.#recorder;
    if (recorder === null) return { bufferedFrames: 0, bufferedBytes: 0, bufferFill: 0, recording: null };
    const { frames, bytes, fill } = recorder.ring;
    return {
      bufferedFrames: frames,
      bufferedBytes: bytes,
      bufferFill: Math.min(1, fill),
      recording: recorder.figures(),
    };
  }

  /** Begins a recording with the first frame of its bounds. Throws while another recording is not over. */
  start(order: RecordingOrder, facts: StreamFacts): void {
    if (this.#recorder !== null) throw new Error('The previous recording has not ended yet.');
    this.#begin(order, facts);
  }

  /**
   * Ends the recording at `stopNs`: with the first frame at or after it, or `STOP_WAIT_MS` from now. `null`: after the frames
   * offered so far. Does nothing if its end was already reported.
   */
  stop(reason: StopReason, stopNs: bigint | null): void {
    this.#wasStopped = true;
    const mayWait = stopNs !== null && this.#recorder?.isAccepting === true;
    if (!mayWait || !this.#bounds.endAt(stopNs)) {
      this.#finish(reason, 0);
      return;
    }
    if (this.#stop !== null) return;
    const cancelLimit = afterReads(this.dependencies.clock, STOP_WAIT_MS, () => {
      this.#finish(reason, 0);
    });
    this.#stop = { reason, cancelLimit };
  }

  /**
   * Ends the recording together with the run. Resolves when its events were sent. `loss`: the error that ended
   * the run, or null. It is the error of a recording that never began, unless that has one of its own.
   */
  async end(reason: StopReason, loss: ErrorData | null): Promise<void> {
    this.#lossError = loss;
    this.#recorder?.finish(this.#endStop() ?? reason);
    await this.#ended;
  }

  /** Sends the recording's events at `untilNs` at the latest, even if the disk is stuck. */
  giveUpAt(untilNs: bigint): void {
    this.#recorder?.giveUpAt(untilNs);
  }

  /** Whether the frame belongs to the recording. One after it ends it. */
  #isWithin(frame: Frame): boolean {
    const hadBegun = this.#bounds.hasBegun;
    const place = this.#bounds.place(frame);
    // What goes wrong before the first frame is not the trial's.
    if (!hadBegun && place === 'within') this.dependencies.drops.trial = this.#trial;
    if (place === 'after' && this.#stop !== null)
      this.#finish(this.#stop.reason, this.#bounds.msAfterStop(frame.timelineNs));
    return place === 'within';
  }

  /** Ends the recording now. A stop that waits comes first with its reason. */
  #finish(reason: StopReason, afterEndMs: number): void {
    if (this.#recorder === null) return;
    this.dependencies.onEnding(afterEndMs);
    this.#recorder.finish(this.#endStop() ?? reason);
  }

  /** Ends the wait of a stop. Returns its reason, or `null` if none waits. */
  #endStop(): StopReason | null {
    const stop = this.#stop;
    this.#stop = null;
    stop?.cancelLimit();
    return stop?.reason ?? null;
  }

  #begin(order: RecordingOrder, facts: StreamFacts): void {
    const recording = this.#beginRecording(order, facts);
    if (recording === null) return;
    const { options, clock, disk, loadLevel } = this.dependencies;
    const recorder = new Recorder({
      recording,
      buffer: options.buffer,
      gate: new FpsGate(options.recordFps),
      clock,
      commitIntervalMs: options.commitIntervalMs,
      disk,
      sessionDir: order.sessionDir,
      minFreeBytes: options.minFreeBytes,
      camera: facts.camera,
      loadLevel,
      listener: this.#listener(order.trialNumber),
    });
    this.#recorder = recorder;
    this.#trial = order.trialNumber;
    this.#bounds = new TakeBounds(order.startNs, facts.fps);
    this.#wasStopped = false;
    this.#ended = this.#answerFor(recorder, order);
    recorder.start();
  }

  #beginRecording(order: RecordingOrder, { format, fps }: StreamFacts): Recording | null {
    try {
      const { width, height } = format;
      const { recordFps, writesMetadata = false, makesChecksums = false } = this.dependencies.options;
      const rate = recordedFps(recordFps, fps);
      const more = { ...(writesMetadata ? { writesMetadata } : {}), ...(makesChecksums ? { makesChecksums } : {}) };
      const request = { ...order, width, height, fps: rate, ...more };
      return this.dependencies.recordings.begin(request, (ended, paths) => {
        this.#recorder?.continueAfter(ended);
        this.#emit({ type: 'recordingContinued', run: this.dependencies.run, ended, paths });
      });
    } catch (thrown) {
      this.#emitFailed(inContext(errorDataOf(thrown, 'io_error'), order), false);
      return null;
    }
  }

  async #answerFor(recorder: Recorder, order: RecordingOrder): Promise<void> {
    const outcome = await recorder.outcome;
    this.#recorder = null;
    this.dependencies.drops.trial = null;
    this.dependencies.onEnded();
    this.#emitOutcome(outcome, order);
  }

  /**
   * Sends the one event that ends a recording: `recordingFailed` if it never began, and was neither stopped nor given up, else
   * `recordingStopped`, with the counts of its frames.
   */
  #emitOutcome({ summary, hasStarted }: RecorderOutcome, order: RecordingOrder): void {
    const failure = summary.error ?? (hasStarted ? null : this.#lossError);
    const error = failure === null ? null : inContext(failure, order);
    if (error === null || hasStarted || this.#wasStopped || summary.isGivenUp) this.#emitStopped({ ...summary, error });
    else this.#emitFailed(error, summary.error === null);
  }

  #listener(trial: number): RecorderListener {
    const { run, drops, onEnding, onWritten, onPressure, onCommitDue } = this.dependencies;
    return {
      onStarted: (paths, firstFrameNs) => {
        this.#emit({ type: 'recordingStarted', run, paths, firstFrameNs });
      },
      onEnding: () => {
        onEnding(0);
        const stop = this.#endStop();
        if (stop === null) this.#emit({ type: 'recordingEnding', run });
        else this.#recorder?.finish(stop); // it was stopped before the disk failed
      },
      onDropped: (reason, frameNumber, monoNs, count) => {
        drops.report(reason, frameNumber, monoNs, count);
      },
      onSkipped: (frameNumber, monoNs) => {
        drops.report('gate_skip', frameNumber, monoNs);
      },
      onRemark: (message, error) => {
        // The error's operation, path and errno become top-level fields, as in every other log line.
        const told = error && { code: error.code, error: error.message, ...error.context };
        const context = { device: this.dependencies.options.deviceId, trial, ...told };
        this.#emit({ type: 'log', level: error === null ? 'warn' : 'error', message, context });
      },
      warn: (code, message) => {
        this.#emit({ type: 'warning', run, code, message });
      },
      onWritten,
      onPressure,
      onCommitDue,
    };
  }

  #emitStopped(summary: RecordingSummary): void {
    this.#emit({ type: 'recordingStopped', run: this.dependencies.run, summary });
  }

  #emitFailed(error: ErrorData, isCameraLost: boolean): void {
    this.#emit({ type: 'recordingFailed', run: this.dependencies.run, error, isCameraLost });
  }

  #emit(event: PipelineEvent): void {
    this.dependencies.emit(event);
  }
}

/** Adds the device and the trial to the error's context, for the log. */
function inContext(error: ErrorData, { deviceId, trialNumber }: RecordingOrder): ErrorData {
  return { ...error, context: { device: deviceId, trial: trialNumber, ...error.context } };
}

/** The rate that the gate passes, frames per second. */
function recordedFps(gateFps: number, sourceFps: number): number {
  return gateFps > 0 ? Math.min(gateFps, sourceFps) : sourceFps;
}
