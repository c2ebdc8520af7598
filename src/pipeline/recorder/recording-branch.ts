import type { SourceFormat } from '../../capture/camera-source.js';
import type { Clock } from '../../core/clock.js';
import type { DiskSpace } from '../../core/disk-space.js';
import { type ErrorData, errorDataOf } from '../../core/errors.js';
import type { Frame } from '../../core/frame.js';
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
import { Recorder } from './recorder.js';
import type { RecorderListener, RecorderOutcome } from './recorder.js';

export interface RecordingBranchDependencies {
  readonly run: number;
  readonly recordings: RecordingSession;
  readonly disk: DiskSpace;
  readonly clock: Clock;
  readonly options: PipelineOptions;
  readonly drops: DropReporter;
  readonly emit: (event: PipelineEvent) => void;
  /** A frame was written. */
  readonly onWritten: (timeMs: number) => void;
  /** The disk ends the recording. What is told of the stream now still counts for it. */
  readonly onEnding: () => void;
  /** The recording is over. */
  readonly onEnded: () => void;
  /** Pauses or resumes the source (`pauseSource` only). */
  readonly onPressure: (mustPause: boolean) => void;
}

/** Facts about the stream for a recording's header. */
export interface StreamFacts {
  readonly format: SourceFormat;
  /** Frames per second, measured or requested. */
  readonly fps: number;
}

/** A run's recordings, one after another, and their events. */
export class RecordingBranch {
  #recorder: Recorder | null = null;
  /** Resolves when the last events of the present recorder were sent. */
  #ended: Promise<void> = Promise.resolve();
  #wasStopped = false;
  #lossError: ErrorData | null = null;

  constructor(private readonly dependencies: RecordingBranchDependencies) {}

  offer(frame: Frame, frameNumber: number, timeMs: number): void {
    this.#recorder?.offer(frame, frameNumber, timeMs);
  }

  /** The camera lost frames before this one. Returns whether they are missing in a recording. */
  miss(frames: number, frameNumber: number): boolean {
    return this.#recorder?.miss(frames, frameNumber) ?? false;
  }

  /** The timestamp of the frame offered last is out of order. */
  noteDisorder(): void {
    this.#recorder?.noteDisorder();
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

  /** Begins a recording with the next frame. Throws while another recording is not over. */
  start(order: RecordingOrder, facts: StreamFacts): void {
    if (this.#recorder !== null) throw new Error('The previous recording has not ended yet.');
    this.#begin(order, facts);
  }

  /** Ends the recording after the frames offered so far. Does nothing if its end was already reported. */
  stop(reason: StopReason): void {
    this.#wasStopped = true;
    this.#recorder?.finish(reason);
  }

  /**
   * Ends the recording together with the run. Resolves when its events were sent. `loss`: the error that ended
   * the run, or null. It is the error of a recording that never began, unless that has one of its own.
   */
  async end(reason: StopReason, loss: ErrorData | null): Promise<void> {
    this.#lossError = loss;
    this.#recorder?.finish(reason);
    await this.#ended;
  }

  /** Sends the recording's events at `untilNs` at the latest, even if the disk is stuck. */
  giveUpAt(untilNs: bigint): void {
    this.#recorder?.giveUpAt(untilNs);
  }

  #begin(order: RecordingOrder, facts: StreamFacts): void {
    const recording = this.#beginRecording(order, facts);
    if (recording === null) return;
    const { options, clock, drops, disk } = this.dependencies;
    const recorder = new Recorder({
      recording,
      buffer: options.buffer,
      gate: new FpsGate(options.recordFps),
      clock,
      commitIntervalMs: options.commitIntervalMs,
      disk,
      sessionDir: order.sessionDir,
      minFreeBytes: options.minFreeBytes,
      listener: this.#listener(order.trialNumber),
    });
    this.#recorder = recorder;
    drops.trial = order.trialNumber;
    this.#wasStopped = false;
    this.#ended = this.#answerFor(recorder, order);
    recorder.start();
  }

  #beginRecording(order: RecordingOrder, { format, fps }: StreamFacts): Recording | null {
    try {
      const { width, height } = format;
      const { recordFps, writesMetadata = false } = this.dependencies.options;
      const rate = recordedFps(recordFps, fps);
      const request = { ...order, width, height, fps: rate, ...(writesMetadata ? { writesMetadata } : {}) };
      return this.dependencies.recordings.begin(request, (ended, paths) => {
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
    const { run, drops, onEnding, onWritten, onPressure } = this.dependencies;
    return {
      onStarted: (paths) => {
        this.#emit({ type: 'recordingStarted', run, paths });
      },
      onEnding: () => {
        onEnding();
        this.#emit({ type: 'recordingEnding', run });
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
