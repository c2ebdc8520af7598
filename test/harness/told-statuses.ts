import type { CameraStatus, Report, StatusMessage, StatusReport } from '../../src/protocol/statuses.js';

/** Statuses as a module would give them, for tests of what the monitor makes of them. */

export const MS = 1_000_000n;

export function camera(changes: Partial<CameraStatus> = {}): CameraStatus {
  return {
    device_id: 'picam:0',
    display_name: '',
    state: 'streaming',
    model: 'imx296',
    requested: { width: 1456, height: 1088, fps: 60 },
    given: null,
    sync: null,
    focus: null,
    capture_fps: 60,
    record_fps: 60,
    preview_fps: 0,
    preview_enabled: true,
    frames: 0,
    drops: {},
    buffer: { frames: 0, bytes: 0, fill: 0 },
    jitter_ms: 0,
    latency_ms: { median: 0, max: 0 },
    error: null,
    attempts: 0,
    retry_in_ms: null,
    figures_age_ms: 0,
    pending_trial_number: null,
    recording: null,
    ...changes,
  };
}

/** A camera with a take in its file. */
export function recording(changes: Partial<NonNullable<CameraStatus['recording']>> = {}): CameraStatus {
  return camera({ state: 'recording', recording: { ...TAKE, ...changes } });
}

const TAKE: NonNullable<CameraStatus['recording']> = {
  trial_number: 3,
  trial_label: '',
  take: 1,
  video_path: '/data/trial003_take01.avi',
  timing_path: null,
  frames: 1,
  delivered: 1,
  dropped: 0,
  skipped: 0,
  source_gaps: 0,
  bytes: 0,
  duration_s: 0,
};

export function report(...cameras: readonly CameraStatus[]): StatusReport {
  return {
    module: 'CSICameras',
    version: '0.1.0',
    pid: 1,
    state: 'running',
    uptime_s: 1,
    session_dir: '/data',
    simulate: true,
    load_level: 'normal',
    load: { event_loop_delay_ms: 0, buffer_fill: 0, write_delay_ms: 0, temperature_c: null, under_voltage: null },
    disk: null,
    commands_waiting: 0,
    log_lines_lost: { application: 0, commands: 0, drops: 0 },
    cameras: [...cameras],
  };
}

export function told(report_: Report, replyTo?: string): StatusMessage {
  const reply = replyTo === undefined ? {} : { command_id: replyTo, in_reply_to: replyTo };
  return { type: 'status', ...report_, timestamp: '2026-01-06T14:30:52.123Z', ...reply };
}

export function started(take = 1, trial = 3): StatusMessage {
  return told({
    status: 'recording_started',
    data: {
      device_id: 'picam:0',
      camera_id: 'picam:0',
      trial_number: trial,
      trial_label: '',
      take,
      video_path: '/data/trial003_take01.avi',
      timing_path: '/data/timing.csv',
      start_mono_ns: '0',
      offset_ns: '0',
    },
  });
}

type Stopped = Extract<Report, { status: 'recording_stopped' }>['data'];

/** No frame told anything of the settings. */
export const NOTHING_GIVEN: Stopped['given'] = {
  exposure_time_us: null,
  gain: null,
  colour_temperature_k: null,
  lens_position_dioptres: null,
  lux: null,
};

export function stopped(changes: Partial<Stopped> = {}): StatusMessage {
  return told({
    status: 'recording_stopped',
    data: {
      device_id: 'picam:0',
      camera_id: 'picam:0',
      trial_number: 3,
      take: 1,
      video_path: '/data/trial003_take01.avi',
      timing_path: null,
      info_path: null,
      frames: 12_340,
      duration_s: 205.7,
      delivered: 12_340,
      dropped: 0,
      skipped: 0,
      source_gaps: 0,
      timestamps_disordered: 0,
      bytes: 1_000,
      reason: 'command',
      given: NOTHING_GIVEN,
      ...changes,
    },
  });
}

export function recordingError(
  code: 'disk_full' | 'invalid_session_dir' | 'camera_disconnected' | 'no_device',
  deviceId: string | null = 'picam:0',
  replyTo?: string,
): StatusMessage {
  return told({ status: 'recording_error', data: { device_id: deviceId, code, error: `${code} happened.` } }, replyTo);
}

export function ready(more: { reconnected?: true; attempts?: number; downtime_ms?: number } = {}): StatusMessage {
  const format = { model: 'imx296', width: 1456, height: 1088, fps: 60, mode: null, view: '1456x1088' };
  return told({ status: 'device_ready', data: { device_id: 'picam:0', camera_id: 'picam:0', ...format, ...more } });
}

/** `retryInMs`: null where the camera is given up. */
export function lost(
  retryInMs: number | null = 500,
  code: 'camera_disconnected' | 'frame_timeout' = 'camera_disconnected',
): StatusMessage {
  const retry = retryInMs === null ? {} : { retry_in_ms: retryInMs };
  const data = { device_id: 'picam:0', code, error: 'The cable is out.', recoverable: true, ...retry };
  return told({ status: 'device_error', data });
}
