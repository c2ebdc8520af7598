import type { CaptureRequest } from '../../../src/capture/camera-source.js';
import { fromNow } from '../../../src/core/deadline.js';
import type { Frame } from '../../../src/core/frame.js';
import type { PipelineOptions } from '../../../src/pipeline/camera-pipeline.js';
import { LocalPipeline } from '../../../src/pipeline/local-pipeline.js';
import type { PipelineCommand, PipelineEvent, RecordingOrder } from '../../../src/pipeline/pipeline-messages.js';
import type { SnapshotOrder, SnapshotWriter } from '../../../src/pipeline/snapshot-branch.js';
import { FakeCameraSource, numberOf } from '../../harness/fake-camera-source.js';
import type { FakeCameraStream } from '../../harness/fake-camera-source.js';
import { FakeDiskSpace } from '../../harness/fake-disk-space.js';
import { Barrier, FakeRecordingSession } from '../../harness/fake-recording-session.js';
import { ManualClock, settled } from '../../harness/manual-clock.js';

/** Frames so far apart that each is written at once. */
export const SLOW_FPS = 5;

export const REQUEST: CaptureRequest = {
  camera: { index: 0 },
  settings: {
    width: 1456,
    height: 1088,
    fps: 30,
    jpegQuality: 85,
    bufferCount: 12,
    frameTimeoutMs: 2_000,
    firstFrameTimeoutMs: 5_333,
    syncTimeoutMs: 60_000,
  },
};

export const ORDER: RecordingOrder = {
  sessionDir: '/data/session_1',
  deviceId: 'picam:0',
  cameraLabel: 'IMX296_picam:0',
  trialNumber: 7,
  trialLabel: 'baseline',
  startNs: 0n, // long ago: the take begins with the next frame
};

export const OPTIONS: PipelineOptions = {
  deviceId: 'picam:0',
  captureTool: [],
  recordFps: 0,
  previewFps: 5,
  previewEnabled: false,
  buffer: { maxFrames: 64, maxBytes: 1_000_000, whenFull: 'dropOldest' },
  commitIntervalMs: 400,
  minFreeBytes: 0,
  reportGateSkips: false,
};

export class FakeSnapshotWriter implements SnapshotWriter {
  readonly barrier = new Barrier();
  readonly frames: number[] = [];
  error: Error | null = null;

  async write(place: Pick<SnapshotOrder, 'sessionDir'>, frame: Frame): Promise<{ path: string; bytes: number }> {
    await this.barrier.pass();
    if (this.error !== null) throw this.error;
    this.frames.push(numberOf(frame));
    return { path: `${place.sessionDir}/snapshot_${this.frames.length}.jpg`, bytes: frame.byteLength };
  }
}

type EventOf<Type extends PipelineEvent['type']> = Extract<PipelineEvent, { type: Type }>;

/** A pipeline between a camera and a disk that the test plays. Every word that crosses is cloned, as between threads. */
export class PipelineRig {
  readonly source = new FakeCameraSource();
  readonly session = new FakeRecordingSession();
  readonly clock = new ManualClock();
  readonly disk = new FakeDiskSpace();
  readonly snapshotWriter = new FakeSnapshotWriter();
  readonly events: PipelineEvent[] = [];
  readonly pipeline: LocalPipeline;
  /** Called with each event, after it was noted. */
  onEvent: (event: PipelineEvent) => void = () => undefined;

  constructor(options: Partial<PipelineOptions> = {}) {
    this.pipeline = new LocalPipeline({
      source: this.source,
      recordings: this.session,
      disk: this.disk,
      snapshotWriter: this.snapshotWriter,
      clock: this.clock,
      options: { ...OPTIONS, ...options },
      onEvent: (event) => {
        this.events.push(structuredClone(event));
        this.onEvent(event);
      },
    });
  }

  get stream(): FakeCameraStream {
    return this.source.stream;
  }

  /** What was said, without figures. */
  get said(): string[] {
    return this.events.filter((event) => event.type !== 'figures').map((event) => event.type);
  }

  send(command: PipelineCommand): void {
    this.pipeline.send(structuredClone(command));
  }

  all<Type extends PipelineEvent['type']>(type: Type): EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.type === type);
  }

  /** The last event of this type. Throws where there is none. */
  last<Type extends PipelineEvent['type']>(type: Type): EventOf<Type> {
    const event = this.all(type).at(-1);
    if (event === undefined) throw new Error(`No ${type} among: ${this.said.join(', ')}.`);
    return event;
  }

  /** Opens a run and lets its first frame come. */
  async openStream(run = 1): Promise<void> {
    this.send({ type: 'open', run, request: REQUEST });
    await settled();
    this.stream.giveFormat();
    this.stream.giveFrames(1);
    await settled();
  }

  async startRecording(run = 1, order: Partial<RecordingOrder> = {}): Promise<void> {
    this.send({ type: 'startRecording', run, order: { ...ORDER, ...order } });
    await settled();
  }

  async stopRecording(run = 1): Promise<void> {
    this.send({ type: 'stopRecording', run, reason: 'command', stopNs: null });
    await settled();
  }

  async frames(count: number, fps?: number): Promise<void> {
    this.stream.giveFrames(count, fps);
    await settled();
  }

  snapshot(request: number, run = 1): void {
    const { sessionDir, cameraLabel } = ORDER;
    this.send({ type: 'takeSnapshot', run, request, sessionDir, cameraLabel });
  }

  async closeRun(run = 1, limitMs = 2_000): Promise<void> {
    this.send({ type: 'close', run, reason: 'shutdown', untilNs: fromNow(this.clock, limitMs) });
    await settled();
  }
}
