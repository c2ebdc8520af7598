import type { MonitorAnswer } from '../../src/monitor/view.js';
import type { PageWords } from '../../src/monitor/wording/words.js';
import type { CameraStatus } from '../../src/protocol/statuses.js';

/** Answers of a monitor, as tests need them. */

type CameraOverrides = Partial<CameraStatus>;

/** A camera that records trial 3, take 1. */
export function recordingCamera(overrides: CameraOverrides = {}): CameraStatus {
  return {
    device_id: 'picam:0',
    display_name: 'Left eye',
    state: 'recording',
    model: 'imx296',
    requested: { width: 0, height: 0, fps: 60 },
    given: { width: 1456, height: 1088, fps: 60, mode: null, exposure_time_us: 5000, gain: 2 },
    sync: null,
    focus: { value: 1234, kind: 'FocusFoM' },
    capture_fps: 60,
    record_fps: 60,
    preview_fps: 5,
    preview_enabled: true,
    frames: 12_400,
    drops: {},
    buffer: { frames: 3, bytes: 300_000, fill: 0.02 },
    jitter_ms: 0.1,
    latency_ms: { median: 4, max: 9 },
    error: null,
    attempts: 0,
    retry_in_ms: null,
    figures_age_ms: 200,
    pending_trial_number: null,
    recording: {
      trial_number: 3,
      trial_label: '',
      take: 1,
      video_path: '/data/trial003.avi',
      timing_path: '/data/trial003_timing.csv',
      frames: 12_340,
      delivered: 12_340,
      dropped: 0,
      skipped: 0,
      source_gaps: 0,
      bytes: 1_234_000_000,
      duration_s: 205.6,
    },
    ...overrides,
  };
}

export function answerOf(
  cameras: readonly CameraStatus[],
  overrides: Partial<Pick<MonitorAnswer, 'events' | 'status_age_ms'>> = {},
): MonitorAnswer {
  return {
    status: {
      module: 'CSICameras',
      version: '0.1.0',
      pid: 4711,
      state: 'running',
      uptime_s: 300,
      session_dir: '/data',
      simulate: true,
      load_level: 'normal',
      load: {
        event_loop_delay_ms: 0.2,
        buffer_fill: 0.02,
        write_delay_ms: 4,
        temperature_c: null,
        under_voltage: null,
      },
      disk: { free_bytes: 50_000_000_000, reserve_bytes: 268_435_456, seconds_left: 8000, age_ms: 500 },
      commands_waiting: 0,
      log_lines_lost: { application: 0, commands: 0, drops: 0 },
      cameras: [...cameras],
    },
    cameras: cameras.map(({ device_id, state }) => ({
      device_id,
      grown_ms_ago: state === 'recording' ? 100 : null,
      last_end: null,
    })),
    events: [],
    status_age_ms: 50,
    control: false,
    ...overrides,
  };
}

/** Words of one camera that records, for tests of how words are shown. */
export function recordingWords(overrides: Partial<PageWords['cameras'][number]> = {}): PageWords['cameras'][number] {
  return {
    deviceId: 'picam:0',
    name: 'Left eye',
    face: 'recording',
    badge: { shape: 'dot', word: 'REC', tone: 'recording' },
    sentence: 'Recording trial 3, take 1: 12 340 frames, 0 dropped.',
    advice: '',
    remarks: [],
    severity: 0,
    ...overrides,
  };
}

export function wordsOf(
  cameras: PageWords['cameras'],
  overrides: Partial<Pick<PageWords, 'banner' | 'summary'>> = {},
): PageWords {
  return {
    banner: null,
    title: '',
    summary: [`${cameras.length} of ${cameras.length} cameras recording.`],
    cameras,
    ...overrides,
  };
}
