import { statusReport } from '../../protocol/statuses.js';
import { ofCamera, oneOf, secondsFromMs, type Family } from './family.js';
import type { CameraScene } from './scene.js';

/** Gauges of each assigned camera. What nobody can know at the moment has no sample. */

const STATES = statusReport.entries.cameras.item.entries.state.options;

export const CAMERA_FAMILIES: readonly Family[] = [
  {
    name: 'csicameras_camera_info',
    type: 'gauge',
    help: 'Always 1. The labels name the camera; the model is empty until it delivers frames.',
    labels: ['camera', 'display_name', 'model'],
    samples: ({ cameras }) =>
      cameras.map(({ status }) => [1, status.device_id, status.display_name, status.model] as const),
  },
  {
    name: 'csicameras_camera_state',
    type: 'gauge',
    help: '1 for the state of the camera, 0 for the others. "recording" means asked for; csicameras_recording means proven.',
    labels: ['camera', 'state'],
    samples: ({ cameras }) => cameras.flatMap(({ status }) => oneOf(STATES, status.state, status.device_id)),
  },
  ofCamera(
    'csicameras_recording',
    '1 only while a take is in a file and the file grows. Limit: 3 s (5.5 s under the highest load) or five frame times.',
    ({ isGrowing }) => Number(isGrowing),
  ),
  ofCamera(
    'csicameras_figures_age_seconds',
    "Age of the camera's figures. It grows when its thread is dead. Left out before the first ones.",
    ({ status }) => (status.figures_age_ms === null ? null : secondsFromMs(status.figures_age_ms)),
  ),
  ofCamera(
    'csicameras_requested_frames_per_second',
    'The rate that the camera is asked for.',
    ({ status }) => status.requested.fps,
  ),
  ofCamera(
    'csicameras_capture_frames_per_second',
    'Frames that come. 0 while the camera delivers none; left out if figures are older than 10 s.',
    (camera) => rateOf(camera, camera.status.capture_fps),
  ),
  ofCamera(
    'csicameras_record_frames_per_second',
    'Frames that are written. 0 while the camera delivers none; left out if figures are older than 10 s.',
    (camera) => rateOf(camera, camera.status.record_fps),
  ),
  ofCamera(
    'csicameras_take_number',
    'The take in progress; 0 until its first frame is in the file. Left out, as all of a take, while none is asked for.',
    ({ status }) => status.recording?.take ?? null,
  ),
  ofCamera('csicameras_take_frames', 'In the file of the take.', ({ status }) => status.recording?.frames ?? null),
  ofCamera('csicameras_take_bytes', 'In the file of the take.', ({ status }) => status.recording?.bytes ?? null),
  ofCamera(
    'csicameras_take_duration_seconds',
    'Playing time of the take so far.',
    ({ status }) => status.recording?.duration_s ?? null,
  ),
  ofCamera(
    'csicameras_take_last_growth_timestamp_seconds',
    'When the file last grew by a frame, since 1970 by the recorder. Left out until the first frame is in the file.',
    ({ grownWallMs }) => (grownWallMs === null ? null : secondsFromMs(grownWallMs)),
  ),
  ofCamera('csicameras_buffer_frames', 'Frames that wait for the disk.', (camera) =>
    rateOf(camera, camera.status.buffer.frames),
  ),
  ofCamera('csicameras_buffer_bytes', 'Bytes that wait for the disk.', (camera) =>
    rateOf(camera, camera.status.buffer.bytes),
  ),
  ofCamera(
    'csicameras_buffer_fill_ratio',
    'How full the buffer is, 0 to 1. At 1 the oldest frames are dropped.',
    (camera) => rateOf(camera, camera.status.buffer.fill),
  ),
  ofCamera(
    'csicameras_write_latency_median_seconds',
    "From the sensor's timestamp until the frame is written, of the last two seconds. Only while recording.",
    (camera) => latencyOf(camera, camera.status.latency_ms.median),
  ),
  ofCamera('csicameras_write_latency_max_seconds', 'The same: the longest.', (camera) =>
    latencyOf(camera, camera.status.latency_ms.max),
  ),
  ofCamera(
    'csicameras_frame_interval_deviation_seconds',
    'Standard deviation of the time between sensor timestamps. Only while frames come.',
    (camera) => (isLive(camera) ? secondsFromMs(camera.status.jitter_ms) : null),
  ),
  ofCamera(
    'csicameras_reconnect_attempts',
    'Attempts to open the camera since it was lost; 0 while it delivers frames.',
    ({ status }) => status.attempts,
  ),
  ofCamera('csicameras_exposure_seconds', 'Exposure time of the last frame. Only where frames tell it.', (camera) => {
    const exposureUs = isLive(camera) ? (camera.status.given?.exposure_time_us ?? null) : null;
    return exposureUs === null ? null : exposureUs / 1_000_000;
  }),
  ofCamera('csicameras_gain_ratio', 'Gain of the last frame, a factor. Only where frames tell it.', (camera) =>
    isLive(camera) ? (camera.status.given?.gain ?? null) : null,
  ),
];

function isLive({ isStreaming, isFresh }: CameraScene): boolean {
  return isStreaming && isFresh;
}

/** A camera that does not stream has none: the 0 of the status holds, whatever its figures' age. */
function rateOf({ isStreaming, isFresh }: CameraScene, value: number): number | null {
  return isStreaming && !isFresh ? null : value;
}

function latencyOf(camera: CameraScene, ms: number): number | null {
  return camera.isGrowing && isLive(camera) ? secondsFromMs(ms) : null;
}
