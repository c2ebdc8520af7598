import type { MessagePort } from 'node:worker_threads';
import { errorWithAdvice } from '../../src/core/errors.js';
import { NO_EXTENTS } from '../../src/core/given-settings.js';
import type { ErrorCode } from '../../src/core/errors.js';
import type { CameraPipeline, PipelineFactory, PipelineOptions } from '../../src/pipeline/camera-pipeline.js';
import type {
  PipelineCommand,
  PipelineEvent,
  PipelineFigures,
  RecordingOrder,
  RecordingPaths,
  RecordingSummary,
  SourceFormat,
} from '../../src/pipeline/pipeline-messages.js';
import { FAKE_FORMAT } from './fake-camera-source.js';

type CommandOf<T extends PipelineCommand['type']> = PipelineCommand & { readonly type: T };

export const NO_FIGURES: PipelineFigures = {
  captureFps: 0,
  recordFps: 0,
  previewFps: 0,
  bufferedFrames: 0,
  bufferedBytes: 0,
  bufferFill: 0,
  framesDelivered: 0,
  drops: { buffer_full: 0, timeout: 0, corrupt: 0, write_error: 0, source_gap: 0, gate_skip: 0 },
  jitterMs: 0,
  latencyMs: { median: 0, max: 0 },
  given: null,
  focus: null,
  sync: null,
  recording: null,
};

export function pathsFor(order: Pick<RecordingOrder, 'sessionDir' | 'trialNumber'>, take = 1): RecordingPaths {
  const stem = `${order.sessionDir}/trial${order.trialNumber}_take${take}`;
  return { take, videoPath: `${stem}.avi`, timingPath: `${stem}_timing.csv` };
}

/** What a recording of `frames` frames at 30 a second came to. */
export function summaryOf(frames: number, wish: Partial<RecordingSummary> = {}): RecordingSummary {
  return {
    paths: null,
    frames,
    durationS: frames / 30,
    bytes: frames * 1_000,
    counts: { delivered: frames, recorded: frames, dropped: 0, skipped: 0, missingAtSource: 0, disordered: 0 },
    reason: 'command',
    error: null,
    given: NO_EXTENTS,
    isGivenUp: false,
    ...wish,
  };
}

/** From the instant of a fake take to its first frame, ns. */
export const OFFSET_NS = 4_000_001n;

/** A pipeline that remembers what it was told; its events are the test's, or those of a `PipelineHabit`. */
export class FakePipeline implements CameraPipeline {
  readonly sent: PipelineCommand[] = [];
  /** Preview ports, in order. The test is their camera; `end` closes them. */
  readonly ports: MessagePort[] = [];
  /** Moments that `end` was called with. */
  readonly ends: bigint[] = [];
  /** What `end` gives. */
  closing: Promise<void> = Promise.resolve();
  /** The recording that began and has not ended, as far as events tell. */
  recording: { readonly order: RecordingOrder; readonly paths: RecordingPaths } | null = null;

  constructor(
    readonly options: PipelineOptions,
    private readonly onEvent: (event: PipelineEvent) => void,
    private readonly habit: () => PipelineHabit,
  ) {}

  send(command: PipelineCommand): void {
    this.sent.push(command);
    this.habit()(this, command);
  }

  connectPreview(port: MessagePort): void {
    this.ports.push(port);
  }

  async end(untilNs: bigint): Promise<void> {
    this.ends.push(untilNs);
    for (const port of this.ports) port.close();
    await this.closing;
  }

  /** Commands of one kind, in order. */
  told<T extends PipelineCommand['type']>(type: T): CommandOf<T>[] {
    return this.sent.filter((command): command is CommandOf<T> => command.type === type);
  }

  /** The present run: that of the last `open`. */
  get run(): number {
    return this.told('open').at(-1)?.run ?? 0;
  }

  emit(event: PipelineEvent): void {
    this.onEvent(event);
  }

  giveFirstFrame(format: SourceFormat = FAKE_FORMAT, fps = 30): void {
    this.emit({ type: 'firstFrame', run: this.run, format, fps });
  }

  /** The camera is lost: a recording is finished first, as the contract says. */
  lose(code: ErrorCode = 'camera_disconnected', frames = 1): void {
    this.finishRecording('device_error', frames);
    const error = errorWithAdvice(code, 'The test took the camera away.').toData();
    this.emit({ type: 'lost', run: this.run, error, portReleased: true });
  }

  beginRecording(order: RecordingOrder, take = 1): void {
    const paths = pathsFor(order, take);
    this.recording = { order, paths };
    this.emit({ type: 'recordingStarted', run: this.run, paths, firstFrameNs: order.startNs + OFFSET_NS });
  }

  finishRecording(reason: RecordingSummary['reason'], frames = 1): void {
    if (this.recording === null) return;
    const { paths } = this.recording;
    this.recording = null;
    this.emit({ type: 'recordingStopped', run: this.run, summary: summaryOf(frames, { paths, reason }) });
  }
}

/** How a pipeline answers what it is told. */
export type PipelineHabit = (pipeline: FakePipeline, command: PipelineCommand) => void;

/** Answers nothing: the test emits every event by hand. */
export const silent: PipelineHabit = () => undefined;

/** Answers at once, as a camera and a disk do where nothing fails. */
export const healthy: PipelineHabit = (pipeline, command) => {
  switch (command.type) {
    case 'open':
      pipeline.giveFirstFrame();
      return;
    case 'close':
      pipeline.finishRecording(command.reason);
      pipeline.emit({ type: 'closed', run: command.run, portReleased: true });
      return;
    case 'startRecording':
      pipeline.beginRecording(command.order);
      return;
    case 'stopRecording':
      if (pipeline.recording === null) {
        pipeline.emit({ type: 'recordingStopped', run: command.run, summary: summaryOf(0) });
      } else {
        pipeline.finishRecording(command.reason);
      }
      return;
    case 'takeSnapshot': {
      const path = `${command.sessionDir}/snapshot_${command.request}.jpg`;
      pipeline.emit({ type: 'snapshotTaken', run: command.run, request: command.request, path, bytes: 1_000 });
      return;
    }
    case 'setPreview':
    case 'setLoadLevel':
  }
};

/** Like `healthy`, but for what is named: that goes unanswered. */
export function healthyBut(...unanswered: readonly PipelineCommand['type'][]): PipelineHabit {
  return (pipeline, command) => {
    if (!unanswered.includes(command.type)) healthy(pipeline, command);
  };
}

/** A `PipelineFactory` whose pipelines a test holds in its hands. */
export class FakePipelines {
  readonly all: FakePipeline[] = [];

  constructor(public habit: PipelineHabit = silent) {}

  readonly factory: PipelineFactory = (options, onEvent) => {
    const pipeline = new FakePipeline(options, onEvent, () => this.habit);
    this.all.push(pipeline);
    return pipeline;
  };

  /** The pipeline made last. Throws where there is none. */
  get last(): FakePipeline {
    return this.#orThrow(this.all.at(-1));
  }

  /** The last pipeline of a device. Throws where there is none. */
  of(deviceId: string): FakePipeline {
    const theirs = this.all.filter((pipeline) => pipeline.options.deviceId === deviceId);
    return this.#orThrow(theirs.at(-1));
  }

  #orThrow(pipeline: FakePipeline | undefined): FakePipeline {
    if (pipeline === undefined) throw new Error('No such pipeline was made.');
    return pipeline;
  }
}
