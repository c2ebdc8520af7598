import type { MonitorSnapshot } from '../../src/monitor/view.js';
import type { CameraStatus, StatusReport } from '../../src/protocol/statuses.js';

/** What a monitor's server knows of a module with these cameras: each of them streams. */
export function snapshotOf(deviceIds: readonly string[], state: StatusReport['state'] = 'running'): MonitorSnapshot {
  return {
    view: {
      status: {
        module: 'CSICameras',
        version: '0.0.0',
        pid: 1,
        state,
        uptime_s: 1,
        session_dir: null,
        simulate: true,
        load_level: 'normal',
        load: { event_loop_delay_ms: 0, buffer_fill: 0, write_delay_ms: 0, temperature_c: null, under_voltage: null },
        disk: null,
        commands_waiting: 0,
        log_lines_lost: { application: 0, commands: 0, drops: 0 },
        cameras: deviceIds.map(streamingCamera),
      },
      cameras: deviceIds.map((device_id) => ({ device_id, grown_ms_ago: null, last_end: null })),
      events: [],
    },
    totals: { cameras: {}, warnings: {} },
    madeNs: process.hrtime.bigint(),
    madeWallMs: Date.now(),
    startedWallMs: Date.now(),
  };
}

function streamingCamera(device_id: string): CameraStatus {
  return {
    device_id,
    display_name: device_id,
    state: 'streaming',
    model: 'virtual',
    requested: { width: 0, height: 0, fps: 30 },
    given: null,
    sync: null,
    focus: null,
    capture_fps: 30,
    record_fps: 0,
    preview_fps: 5,
    preview_enabled: true,
    frames: 1,
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
  };
}
