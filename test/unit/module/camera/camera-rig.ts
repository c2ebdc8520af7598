import type { CameraDescription } from '../../../../src/module/camera/camera-description.js';
import { Camera } from '../../../../src/module/camera/camera.js';
import type { Report } from '../../../../src/protocol/statuses.js';
import { FakeDesk } from '../../../harness/fake-desk.js';
import { FakePipelines, healthy, type FakePipeline, type PipelineHabit } from '../../../harness/fake-pipeline.js';
import { ManualClock, settled } from '../../../harness/manual-clock.js';
import { MemoryLogSink } from '../../../harness/memory-log-sink.js';

export const SETTINGS: CameraDescription = {
  deviceId: 'picam:0',
  displayName: '',
  stableId: 'picam:0',
  identity: { index: 0 },
  capture: { bufferCount: 12, frameTimeoutMs: 2000, firstFrameTimeoutMs: 5000, syncTimeoutMs: 60_000 },
  pipeline: {
    deviceId: 'picam:0',
    captureTool: [],
    recordFps: 0,
    previewFps: 5,
    previewEnabled: true,
    buffer: { maxFrames: 600, maxBytes: 64 * 1024 * 1024, whenFull: 'dropOldest' },
    commitIntervalMs: 400,
    minFreeBytes: 0,
    reportGateSkips: false,
  },
  resumesAfterReconnect: false,
  isToolNamed: false,
  maxAttempts: 0,
  delayMs: (attempt) => attempt * 500,
};

/** What the configuration asks of the camera. */
export const ASKED = { width: 640, height: 480, fps: 50, jpegQuality: 85 };

export const ORDER = { sessionDir: '/data/session_1', trialNumber: 3, trialLabel: 'left', startNs: 999_000_000_000n };

/** What a camera reported besides final answers. */
export interface Reported {
  readonly report: Report;
  readonly replyTo: string | undefined;
}

export interface CameraRig {
  readonly camera: Camera;
  readonly pipeline: FakePipeline;
  readonly pipelines: FakePipelines;
  readonly clock: ManualClock;
  readonly logs: MemoryLogSink;
  readonly reported: Reported[];
  /** The names of what was reported. */
  readonly names: () => string[];
  readonly desk: FakeDesk;
  /** Called with each report, as a host is. */
  onReport: (reported: Reported) => void;
}

/** A camera with a pipeline in the test's hands. */
export function cameraRig(
  habit: PipelineHabit,
  wish: Partial<CameraDescription> = {},
  desk: FakeDesk = new FakeDesk(ASKED),
): CameraRig {
  const clock = new ManualClock();
  const logs = new MemoryLogSink();
  const pipelines = new FakePipelines(habit);
  const reported: Reported[] = [];
  const names = (): string[] => reported.map(({ report }) => report.status);
  const hear = (one: Reported): void => {
    reported.push(one);
    rig.onReport(one);
  };
  const camera = new Camera(
    { ...SETTINGS, ...wish },
    {
      clock,
      logs,
      pipelines: pipelines.factory,
      report: (report, replyTo) => {
        hear({ report, replyTo });
      },
    },
    desk,
  );
  const pipeline = pipelines.last;
  const rig: CameraRig = { camera, pipeline, pipelines, clock, logs, reported, names, desk, onReport: () => undefined };
  return rig;
}

/** The same, open and recording. */
export async function recordingRig(wish: Partial<CameraDescription> = {}): Promise<CameraRig> {
  const rig = cameraRig(healthy, wish);
  await rig.camera.open('a1');
  await rig.camera.startRecording(ORDER, 'r1');
  return rig;
}

/** Whether the promise has resolved, once everything that can happen has happened. */
export async function isAnswered(answer: Promise<Report>): Promise<boolean> {
  let isOver = false;
  void answer.then(() => {
    isOver = true;
  });
  await settled();
  return isOver;
}
