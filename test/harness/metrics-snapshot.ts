import type { CameraStatus, StatusReport } from '../../src/protocol/statuses.js';
import type { CameraTotals, CameraView, MonitorSnapshot } from '../../src/monitor/view.js';

/** Snapshots of the monitor as metrics are made of them: two cameras of which the first records. */

const MADE_WALL_MS = 1_767_690_000_500;
export const STARTED_WALL_MS = MADE_WALL_MS - 60_250;

export const recordingOf = (
  changes: Partial<NonNullable<CameraStatus['recording']>> = {},
): NonNullable<CameraStatus['recording']> => ({
  trial_number: 3,
  trial_label: 'a label of the trial',
  take: 2,
  video_path: '/data/session_x/take2.avi',
  timing_path: '/data/session_x/take2_timing.csv',
  frames: 1_200,
  delivered: 1_212,
  dropped: 12,
  skipped: 0,
  source_gaps: 4,
  bytes: 480_000_000,
  duration_s: 20.005,
  ...changes,
});

export const cameraOf = (changes: Partial<CameraStatus> = {}): CameraStatus => ({
  device_id: 'picam:0',
  display_name: 'Left',
  state: 'recording',
  model: 'imx296',
  requested: { width: 0, height: 0, fps: 60 },
  given: { width: 1456, height: 1088, fps: 60, mode: null, exposure_time_us: 5000, gain: 2.5 },
  sync: null,
  focus: null,
  capture_fps: 60.01,
  record_fps: 59.5,
  preview_fps: 5,
  preview_enabled: true,
  frames: 2_400,
  drops: { buffer_full: 12 },
  buffer: { frames: 30, bytes: 12_000_000, fill: 0.179 },
  jitter_ms: 0.2,
  latency_ms: { median: 21.5, max: 90 },
  error: null,
  attempts: 0,
  retry_in_ms: null,
  figures_age_ms: 250,
  pending_trial_number: null,
  recording: recordingOf(),
  ...changes,
});

export const waitingCamera = (changes: Partial<CameraStatus> = {}): CameraStatus =>
  cameraOf({
    device_id: 'picam:1',
    display_name: 'Right',
    state: 'waiting',
    model: '',
    given: null,
    capture_fps: 0,
    record_fps: 0,
    buffer: { frames: 0, bytes: 0, fill: 0 },
    jitter_ms: 0,
    latency_ms: { median: 0, max: 0 },
    error: { code: 'camera_disconnected', error: 'The camera stopped answering.' },
    attempts: 3,
    retry_in_ms: 8_000,
    figures_age_ms: 60_000,
    recording: null,
    ...changes,
  });

export const statusOf = (changes: Partial<StatusReport> = {}): StatusReport => ({
  module: 'CSICameras',
  version: '0.1.0',
  pid: 4711,
  state: 'running',
  uptime_s: 60.25,
  session_dir: '/data/session_x',
  simulate: false,
  load_level: 'normal',
  load: {
    event_loop_delay_ms: 1.5,
    buffer_fill: 0.179,
    write_delay_ms: 0,
    temperature_c: 61.5,
    under_voltage: false,
  },
  disk: { free_bytes: 900_000_000, reserve_bytes: 268_435_456, seconds_left: 26, age_ms: 1_200 },
  commands_waiting: 1,
  log_lines_lost: { application: 0, commands: 2, drops: 0 },
  cameras: [cameraOf(), waitingCamera()],
  ...changes,
});

const totalsOf = (changes: Partial<CameraTotals> = {}): CameraTotals => ({
  framesReceived: 10_000,
  framesMissing: 4,
  framesSkipped: 0,
  framesDropped: { buffer_full: 12, source_gap: 4, gate_skip: 0 },
  recordingsEnded: { command: 3, device_error: 1 },
  losses: { camera_disconnected: 1 },
  ...changes,
});

/** `grownMsAgo`: of every camera with a take. */
export function snapshotOf(status: StatusReport = statusOf(), grownMsAgo: number | null = 400): MonitorSnapshot {
  const cameras = status.cameras.map(({ device_id, recording }): CameraView => ({
    device_id,
    grown_ms_ago: (recording?.take ?? 0) > 0 ? grownMsAgo : null,
    last_end: null,
  }));
  const totals = status.cameras.map(({ device_id }) => [device_id, totalsOf()] as const);
  return {
    view: { status, cameras, events: [] },
    totals: { cameras: Object.fromEntries(totals), warnings: { under_voltage: 2 } },
    madeNs: 60_250_000_000n,
    madeWallMs: MADE_WALL_MS,
    startedWallMs: STARTED_WALL_MS,
  };
}

export const TRAFFIC = { connections: 2, requests: { 200: 41, 404: 1 }, previewBytes: 123_456 };
