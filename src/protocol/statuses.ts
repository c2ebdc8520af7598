import * as v from 'valibot';
import { roundedC } from '../core/figures.js';
import { LOAD_LEVELS } from '../core/load-level.js';
import { STOP_REASONS } from '../core/stop-reason.js';
import {
  cameraSettings,
  code,
  count,
  figure,
  fps,
  gain,
  givenExtents,
  ms,
  nanoseconds,
  path,
  seconds,
  sensorMode,
  share,
  whole,
} from './status-values.js';

/** The statuses that a host gets: names and data. The types, the documentation and the tests all use this table. */

const camera = { device_id: v.string(), camera_id: v.string() };

const recordingStatus = v.object({
  trial_number: count,
  trial_label: v.string(),
  take: count,
  video_path: path,
  timing_path: path,
  frames: count,
  delivered: count,
  dropped: count,
  skipped: count,
  source_gaps: count,
  bytes: count,
  duration_s: seconds,
});

const recordingPart = v.object({
  take: count,
  video_path: path,
  timing_path: path,
  /** Only with `recording.frameMetadata`. */
  metadata_path: v.optional(path),
  info_path: path,
  frames: count,
});

const cameraStatus = v.object({
  device_id: v.string(),
  display_name: v.string(),
  state: v.picklist(['closed', 'opening', 'streaming', 'recording', 'waiting', 'closing']),
  model: v.string(),
  /** The requested format. 0 x 0: the widest view that keeps the rate. */
  requested: v.object({ width: count, height: count, fps }),
  /** The format of the stream. Null until the first frame. */
  given: v.nullable(
    v.object({
      width: count,
      height: count,
      fps,
      mode: sensorMode,
      exposure_time_us: v.nullable(count),
      gain: v.nullable(gain),
    }),
  ),
  /** Null where `sync` is off or not set. `timer_us`: null until a frame tells it. */
  sync: v.nullable(v.object({ role: v.picklist(['server', 'client']), timer_us: v.nullable(whole) })),
  focus: v.nullable(v.object({ value: count, kind: v.picklist(['FocusFoM', 'frame_bytes']) })),
  capture_fps: fps,
  record_fps: fps,
  preview_fps: fps,
  preview_enabled: v.boolean(),
  frames: count,
  drops: v.record(v.string(), count),
  buffer: v.object({ frames: count, bytes: count, fill: share }),
  jitter_ms: ms,
  latency_ms: v.object({ median: ms, max: ms }),
  error: v.nullable(v.object({ code, error: v.string() })),
  /** Attempts to reconnect since the camera was lost. */
  attempts: count,
  /** Until the next attempt to open it. Null where none is due. */
  retry_in_ms: v.nullable(count),
  /** Since its figures came (frames, rates, buffer). Null before the first ones. */
  figures_age_ms: v.nullable(count),
  /** The trial that begins by itself: with the first frame, or when the present take has ended. Null if none does. */
  pending_trial_number: v.nullable(count),
  recording: v.nullable(recordingStatus),
});

/** The state of the module, as `status()`, `status_report` and `heartbeat` give it. */
export const statusReport = v.object({
  module: v.literal('CSICameras'),
  version: v.string(),
  pid: count,
  state: v.picklist(['stopped', 'running', 'stopping']),
  uptime_s: seconds,
  session_dir: path,
  simulate: v.boolean(),
  load_level: v.picklist(LOAD_LEVELS),
  /** The figures of the last second that decide the load level. */
  load: v.object({
    event_loop_delay_ms: ms,
    buffer_fill: share,
    write_delay_ms: ms,
    temperature_c: v.nullable(figure(roundedC)),
    under_voltage: v.nullable(v.boolean()),
  }),
  /** The disk of the session directory, else of the data directory. Null where there is none, or no answer yet. */
  disk: v.nullable(
    v.object({
      free_bytes: count,
      /** `recording.minFreeBytes`. */
      reserve_bytes: count,
      /**
       * Until the reserve is reached, at the rate that the recordings in progress write or the disk fills, whichever is higher. Null
       * where nothing is recorded or that rate is not known yet.
       */
      seconds_left: v.nullable(count),
      /** Since the disk told it. */
      age_ms: count,
    }),
  ),
  commands_waiting: count,
  log_lines_lost: v.object({ application: count, commands: count, drops: count }),
  cameras: v.array(cameraStatus),
});

export const STATUSES = {
  initializing: v.object({ version: v.string(), pid: count }),
  ready: v.object({ version: v.string(), pid: count }),
  device_ack: v.object({ device_id: v.string() }),
  device_ready: v.object({
    ...camera,
    model: v.string(),
    width: count,
    height: count,
    fps,
    mode: sensorMode,
    /** The view in words (`1456x1088, whole sensor`). */
    view: v.string(),
    reconnected: v.optional(v.boolean()),
    attempts: v.optional(count),
    downtime_ms: v.optional(count),
  }),
  device_error: v.object({
    device_id: v.string(),
    code,
    error: v.string(),
    recoverable: v.boolean(),
    retry_in_ms: v.optional(count),
  }),
  device_unassigned: v.object({ device_id: v.nullable(v.string()), port_released: v.boolean() }),
  recording_started: v.object({
    ...camera,
    trial_number: count,
    trial_label: v.string(),
    take: count,
    video_path: v.string(),
    timing_path: v.string(),
    /** Only with `recording.frameMetadata`. */
    metadata_path: v.optional(v.string()),
    /** The instant of the trial (CLOCK_MONOTONIC) and the take's first frame minus it. Digits: a double would round them. */
    start_mono_ns: nanoseconds,
    offset_ns: nanoseconds,
  }),
  recording_stopped: v.object({
    device_id: v.nullable(v.string()),
    camera_id: v.nullable(v.string()),
    trial_number: v.nullable(count),
    take: v.nullable(count),
    video_path: path,
    timing_path: path,
    /** Only with `recording.frameMetadata`, and if a frame was recorded. */
    metadata_path: v.optional(path),
    /** Written before this status. Null where it could not be written, or no frame was recorded. */
    info_path: path,
    frames: count,
    duration_s: seconds,
    delivered: count,
    dropped: count,
    skipped: count,
    source_gaps: count,
    timestamps_disordered: count,
    bytes: count,
    reason: v.picklist(STOP_REASONS),
    given: givenExtents,
    /** Only if one video could not hold the recording: all its videos, in order. `video_path` is the first. */
    parts: v.optional(v.array(recordingPart)),
  }),
  recording_error: v.object({ device_id: v.nullable(v.string()), code, error: v.string() }),
  settings_changed: cameraSettings,
  settings: cameraSettings,
  snapshot_taken: v.object({ device_id: v.string(), path: v.string(), bytes: count }),
  status_report: statusReport,
  heartbeat: statusReport,
  log_level_changed: v.object({ success: v.literal(true), level: v.string() }),
  preview_toggled: v.object({
    success: v.boolean(),
    enabled: v.boolean(),
    code: v.optional(code),
    error: v.optional(v.string()),
  }),
  command_ack: v.object({
    success: v.literal(true),
    supported: v.optional(v.boolean()),
    session_dir: v.optional(path),
    /** Why `show_window` showed nothing. */
    message: v.optional(v.string()),
  }),
  command_nack: v.object({ success: v.literal(false), code, error: v.string() }),
  warning: v.object({ code: v.string(), message: v.string(), device_id: v.optional(v.string()) }),
  /** The monitor listens. `url`: its page, without the token. `token_file`: the file with the token, null where it needs none. */
  monitor_started: v.object({ url: v.string(), port: count, token_file: path }),
  shutdown_started: v.object({ reason: v.string() }),
  quitting: v.object({ reason: v.string() }),
  shutdown_complete: v.object({ reason: v.string() }),
} as const;

export type StatusName = keyof typeof STATUSES;

export const STATUS_NAMES = Object.keys(STATUSES) as readonly StatusName[];

export type StatusData<N extends StatusName> = v.InferOutput<(typeof STATUSES)[N]>;

export type StatusReport = v.InferOutput<typeof statusReport>;
export type RecordingPartData = v.InferOutput<typeof recordingPart>;
export type CameraStatus = v.InferOutput<typeof cameraStatus>;

/** A status without its envelope (type, time and command id). */
export type Report = { [N in StatusName]: { readonly status: N; readonly data: StatusData<N> } }[StatusName];

/** A status with its envelope, as the host gets it. */
export type StatusMessage = Report & {
  readonly type: 'status';
  /** ISO 8601 with milliseconds, UTC. */
  readonly timestamp: string;
  /** The id of the command that caused it. It is sent twice because older hosts read `command_id`. */
  readonly command_id?: string;
  readonly in_reply_to?: string;
};
