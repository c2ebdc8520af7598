import type { StatusReport } from '../protocol/statuses.js';

/**
 * What the monitor knows, as plain data: it crosses to the monitor's thread twice a second, and `/api/status` answers with it.
 * Times are durations before the view was made, because a browser's clock is not the recorder's.
 */
export interface MonitorView {
  readonly status: StatusReport;
  /** One for each camera of `status.cameras`, in that order. */
  readonly cameras: readonly CameraView[];
  /** The last 50, the newest first. */
  readonly events: readonly MonitorEvent[];
}

export interface CameraView {
  readonly device_id: string;
  /** How long ago the take in progress last grew by a frame, ms. Null while no take is in a file. */
  readonly grown_ms_ago: number | null;
  /** How the last recording of this camera ended. Null until one did, and again once a take has begun. */
  readonly last_end: LastEnd | null;
}

export interface LastEnd {
  /** `reason` of `recording_stopped`; `not_started` where a start failed before a file was made. */
  readonly reason: string;
  /** Why it ended before it was asked to, with the advice for the operator. Null where it ended as ordered. */
  readonly error: { readonly code: string; readonly error: string } | null;
  readonly ago_ms: number;
  readonly trial_number: number | null;
  readonly take: number | null;
  readonly frames: number;
  readonly dropped: number;
  readonly video_path: string | null;
}

export interface MonitorEvent {
  readonly ago_ms: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly device_id: string | null;
  /** A sentence for people. It holds texts of hosts and tools: show it as text, never as markup. */
  readonly text: string;
}

/** The answer of `GET /api/status`. */
export interface MonitorAnswer extends MonitorView {
  /** Age of the view when it was sent, ms. All its durations are as old as the view. */
  readonly status_age_ms: number;
  /** Whether the page may change settings and take snapshots (`monitor.control`). */
  readonly control: boolean;
}

/** Totals since the module was started. They never fall, across assignments and lost cameras. */
export interface MonitorTotals {
  /** By device id. A camera that was unassigned stays. */
  readonly cameras: Readonly<Record<string, CameraTotals>>;
  /** Warnings by code. */
  readonly warnings: Readonly<Record<string, number>>;
}

export interface CameraTotals {
  readonly framesReceived: number;
  /** Lost before they reached the module, by the sensor's timestamps. */
  readonly framesMissing: number;
  /** Left out by `recording.fps`. */
  readonly framesSkipped: number;
  /** By reason of `frame_drops.jsonl`. */
  readonly framesDropped: Readonly<Record<string, number>>;
  /** By `reason` of `recording_stopped`. */
  readonly recordingsEnded: Readonly<Record<string, number>>;
  /** By error code. */
  readonly losses: Readonly<Record<string, number>>;
}

/** What goes to the monitor's thread twice a second. */
export interface MonitorSnapshot {
  readonly view: MonitorView;
  readonly totals: MonitorTotals;
  /** When it was made: monotonic clock (`process.hrtime.bigint()` in any thread), nanoseconds. */
  readonly madeNs: bigint;
  /** The same moment, ms since 1970. */
  readonly madeWallMs: number;
  /** When the module was started, ms since 1970. */
  readonly startedWallMs: number;
}
