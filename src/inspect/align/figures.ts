import type { AlignedCamera, Alignment } from './alignment.js';
import type { CameraRun } from './camera-run.js';
import type { Alone } from './matching.js';

/** The figures of an alignment, as `--json` prints them. Times of 64 bits are text. */

export interface AlignFigures {
  readonly trial: number;
  readonly origin_sensor_timestamp_ns: string;
  readonly reference: CameraFigures;
  readonly cameras: readonly MatchFigures[];
  readonly warnings: readonly string[];
}

export interface CameraFigures {
  readonly device_id: string;
  readonly takes: readonly { readonly take: number; readonly video: string; readonly frames: number }[];
  readonly frames: number;
  /** Frames that cannot be matched. */
  readonly frames_without_time: number;
  readonly frames_disordered: number;
  /** Mean rate of its own clock, lost frames counted, Hz; `null` for a single frame. */
  readonly fps: number | null;
  /** Frames missing between its first and its last, by its own times. */
  readonly missing: number;
}

export interface MatchFigures extends CameraFigures {
  readonly matched: number;
  readonly tolerance_us: number;
  /** Positive: later than the reference. `null` without a pair. */
  readonly offset_us: {
    readonly median: number;
    readonly p5: number;
    readonly p95: number;
    readonly least: number;
    readonly most: number;
  } | null;
  /** Positive: faster than the reference. */
  readonly rate_differs_ppm: number | null;
  /** Seconds until the difference is one frame; `null` where there is none. */
  readonly one_frame_every_s: number | null;
  readonly slips: number | null;
  /** Frames of this camera without a partner, and of the reference. */
  readonly alone: Alone;
  readonly reference_alone: Alone;
}

export function figuresOf({ trial, originNs, reference, others, warnings }: Alignment): AlignFigures {
  return {
    trial,
    origin_sensor_timestamp_ns: String(originNs),
    reference: cameraFigures(reference),
    cameras: others.map((camera) => matchFigures(reference, camera)),
    warnings,
  };
}

const SECOND_NS = 1e9;

function cameraFigures({ deviceId, takes, frames, withoutTime, disordered, period }: CameraRun): CameraFigures {
  return {
    device_id: deviceId,
    takes: takes.map(({ take, files, sensorNs }) => ({ take, video: `${files.stem}.avi`, frames: sensorNs.length })),
    frames,
    frames_without_time: withoutTime,
    frames_disordered: disordered,
    fps: finite(rounded(SECOND_NS / period.meanNs, 6)),
    missing: period.missing,
  };
}

function matchFigures(reference: CameraRun, { run, matching, toleranceNs }: AlignedCamera): MatchFigures {
  const ppm = (reference.period.meanNs / run.period.meanNs - 1) * 1e6;
  const everyS = Math.abs((run.period.meanNs / SECOND_NS / ppm) * 1e6);
  const { pairs, offsetsNs, slips, alone } = matching;
  const at = (share: number): number => rounded((offsetsNs[Math.round(share * (pairs - 1))] ?? 0) / 1000, 3);
  return {
    ...cameraFigures(run),
    matched: pairs,
    tolerance_us: rounded(toleranceNs / 1000, 3),
    offset_us: pairs === 0 ? null : { median: at(0.5), p5: at(0.05), p95: at(0.95), least: at(0), most: at(1) },
    rate_differs_ppm: finite(rounded(ppm, 2)),
    one_frame_every_s: finite(rounded(everyS, 1)),
    slips,
    alone: alone.other,
    reference_alone: alone.reference,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
