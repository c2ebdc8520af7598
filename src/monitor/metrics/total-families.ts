import type { ErrorCode } from '../../core/errors.js';
import type { DropReason } from '../../core/frame-drop.js';
import { STOP_REASONS } from '../../core/stop-reason.js';
import { WARNING_CODES } from '../../protocol/warnings.js';
import type { CameraTotals } from '../view.js';
import { counted, type Family } from './family.js';
import type { Scene } from './scene.js';
import type { Sample } from './text-format.js';

/** Counters. Those of cameras count since the module was started, over lost and unassigned cameras. */

/** Frames that came and are in no video. Missing and skipped ones have counters of their own. */
const DROP_REASONS: readonly DropReason[] = ['buffer_full', 'timeout', 'corrupt', 'write_error'];
const COUNTED_ELSEWHERE: readonly string[] = ['source_gap', 'gate_skip'] satisfies readonly DropReason[];
/** Why a camera that worked can be lost. Other codes appear when they happen. */
const LOSS_CODES: readonly ErrorCode[] = ['camera_disconnected', 'frame_timeout', 'capture_failed'];
const HTTP_STATUSES: readonly string[] = ['200'];

export const TOTAL_FAMILIES: readonly Family[] = [
  ofTotals('csicameras_frames_received_total', 'Frames that came from the camera.', (totals) => totals.framesReceived),
  ofTotals(
    'csicameras_frames_missing_total',
    "Frames that were lost before they reached the module, by the sensor's timestamps.",
    (totals) => totals.framesMissing,
  ),
  ofTotals(
    'csicameras_frames_skipped_total',
    'Frames that recording.fps left out on purpose.',
    (totals) => totals.framesSkipped,
  ),
  {
    name: 'csicameras_frames_dropped_total',
    type: 'counter',
    help: 'Frames that came and are in no video, by the reasons of frame_drops.jsonl.',
    labels: ['camera', 'reason'],
    samples: ofEach(({ framesDropped }, camera) =>
      counted(framesDropped, DROP_REASONS, camera).filter(([, , reason = '']) => !COUNTED_ELSEWHERE.includes(reason)),
    ),
  },
  {
    name: 'csicameras_recordings_ended_total',
    type: 'counter',
    help: 'Recordings that ended, by the reason of recording_stopped. Each had a file.',
    labels: ['camera', 'reason'],
    samples: ofEach(({ recordingsEnded }, camera) => counted(recordingsEnded, STOP_REASONS, camera)),
  },
  {
    name: 'csicameras_camera_losses_total',
    type: 'counter',
    help: 'How often the camera was lost, by error code.',
    labels: ['camera', 'code'],
    samples: ofEach(({ losses }, camera) => counted(losses, LOSS_CODES, camera)),
  },
  {
    name: 'csicameras_log_lines_lost_total',
    type: 'counter',
    help: 'Lines that could not be written to a log.',
    labels: ['log'],
    samples: ({ status }) => counted(status.log_lines_lost, []),
  },
  {
    name: 'csicameras_warnings_total',
    type: 'counter',
    help: 'Warnings that the host was told, by code.',
    labels: ['code'],
    samples: ({ totals }) => counted(totals.warnings, Object.keys(WARNING_CODES)),
  },
  {
    name: 'csicameras_monitor_requests_total',
    type: 'counter',
    help: "Requests to the monitor, by HTTP status, since the monitor's thread began.",
    labels: ['status'],
    samples: ({ traffic }) => counted(traffic.requests, HTTP_STATUSES),
  },
  {
    name: 'csicameras_monitor_preview_bytes_total',
    type: 'counter',
    help: "Bytes of pictures that the monitor sent, since the monitor's thread began.",
    labels: [],
    samples: ({ traffic }) => [[traffic.previewBytes]],
  },
];

function ofTotals(name: string, help: string, read: (totals: CameraTotals) => number): Family {
  return {
    name,
    type: 'counter',
    help,
    labels: ['camera'],
    samples: ofEach((totals, camera) => [[read(totals), camera]]),
  };
}

/** The samples of every camera that was ever assigned. */
function ofEach(
  read: (totals: CameraTotals, camera: string) => readonly Sample[],
): (scene: Scene) => readonly Sample[] {
  return ({ totals }) => Object.entries(totals.cameras).flatMap(([camera, counts]) => read(counts, camera));
}
