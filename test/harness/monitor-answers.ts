import type { CameraView, LastEnd, MonitorAnswer } from '../../src/monitor/view.js';
import type { CameraStatus } from '../../src/protocol/statuses.js';

/** Answers of the monitor, as a module with cameras would give them. */

/** A camera that streams at 60 frames a second, and does not record. */
export function streaming(changes: Partial<CameraStatus> = {}): CameraStatus {
  return {
    device_id: 'picam:0',
    display_name: 'Front',
    state: 'streaming',
    model: 'imx296',
    requested: { width: 0, height: 0, fps: 60 },
    given: { width: 1456, height: 1088, fps: 60, mode: null, exposure_time_us: 5000, gain: 2 },
    sync: null,
    focus: { value: 812, kind: 'FocusFoM' },
    capture_fps: 60,
    record_fps: 0,
    preview_fps: 5,
    preview_enabled: true,
    frames: 20_000,
    drops: {},
    buffer: { frames: 3, bytes: 300_000, fill: 0.01 },
    jitter_ms: 0.1,
    latency_ms: { median: 2, max: 9 },
    error: null,
    attempts: 0,
    retry_in_ms: null,
    figures_age_ms: 400,
    pending_trial_number: null,
    recording: null,
    ...changes,
  };
}

type Take = NonNullable<CameraStatus['recording']>;

/** The same camera, with a take in progress. */
export function recording(take: Partial<Take> = {}, changes: Partial<CameraStatus> = {}): CameraStatus {
  return streaming({
    state: 'recording',
    record_fps: 60,
    recording: {
      trial_number: 3,
      trial_label: '',
      take: 1,
      video_path: '/data/s1/trial003.avi',
      timing_path: '/data/s1/trial003.csv',
      frames: 12_340,
      delivered: 12_340,
      dropped: 0,
      skipped: 0,
      source_gaps: 0,
      bytes: 1_600_000_000,
      duration_s: 205,
      ...take,
    },
    ...changes,
  });
}

/** Lost: the third attempt follows in eight seconds. */
export function lost(changes: Partial<CameraStatus> = {}): CameraStatus {
  return streaming({
    state: 'waiting',
    given: null,
    model: '',
    capture_fps: 0,
    error: {
      code: 'camera_disconnected',
      error: 'The capture tool ended. The camera stopped answering: check the ribbon cable and the power supply.',
    },
    attempts: 3,
    retry_in_ms: 8_400,
    figures_age_ms: 2_000,
    ...changes,
  });
}

export function lastEnd(changes: Partial<LastEnd> = {}): LastEnd {
  return {
    reason: 'io_error',
    error: {
      code: 'io_error',
      error: 'Writing failed for /data/s1/trial003.avi (EIO). The disk failed: check the card.',
    },
    ago_ms: 60_000,
    trial_number: 3,
    take: 1,
    frames: 8_412,
    dropped: 0,
    video_path: '/data/s1/trial003.avi',
    ...changes,
  };
}

interface Parts {
  readonly cameras?: readonly CameraStatus[];
  /** By place in `cameras`. Where a view is left out, a take that is recorded grew 300 ms ago. */
  readonly views?: readonly Partial<CameraView>[];
  readonly status?: Partial<MonitorAnswer['status']>;
  readonly answer?: Partial<MonitorAnswer>;
}

export function answerOf({ cameras = [], views = [], status = {}, answer = {} }: Parts = {}): MonitorAnswer {
  return {
    status: {
      module: 'CSICameras',
      version: '0.2.0',
      pid: 4711,
      state: 'running',
      uptime_s: 300,
      session_dir: '/data/s1',
      simulate: false,
      load_level: 'normal',
      load: { event_loop_delay_ms: 1, buffer_fill: 0.01, write_delay_ms: 2, temperature_c: 55, under_voltage: false },
      disk: { free_bytes: 112_000_000_000, reserve_bytes: 268_435_456, seconds_left: null, age_ms: 700 },
      commands_waiting: 0,
      log_lines_lost: { application: 0, commands: 0, drops: 0 },
      cameras: [...cameras],
      ...status,
    },
    cameras: cameras.map((camera, index) => ({
      device_id: camera.device_id,
      grown_ms_ago: camera.recording === null || camera.recording.take === 0 ? null : 300,
      last_end: null,
      ...views[index],
    })),
    events: [],
    status_age_ms: 200,
    control: false,
    ...answer,
  };
}
