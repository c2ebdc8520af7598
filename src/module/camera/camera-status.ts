import { syncRoleOf } from '../../core/camera-settings.js';
import type { ErrorData } from '../../core/errors.js';
import { roundedFps, roundedGain, roundedMs, roundedS, roundedShare } from '../../core/figures.js';
import type { CaptureRequest, PipelineFigures } from '../../pipeline/pipeline-messages.js';
import type { CameraStatus } from '../../protocol/statuses.js';
import { modeOf, orNull } from '../reports.js';
import type { CameraDescription } from './camera-description.js';
import { isBeforeFrames, nextTake } from './state-queries.js';
import type { CameraState } from './state-types.js';

interface CameraView {
  readonly settings: CameraDescription;
  readonly state: CameraState;
  /** What the camera is asked for. */
  readonly request: CaptureRequest;
  /** The last figures. Null before the first ones. */
  readonly figures: PipelineFigures | null;
  readonly isPreviewEnabled: boolean;
  readonly lastError: ErrorData | null;
  /** Until the next attempt to open the camera. Null: none is due. */
  readonly retryInMs: number | null;
  /** Since `figures` came. Null before the first ones. */
  readonly figuresAgeMs: number | null;
}

/** A camera as part of `status()`. It uses the last figures and waits for nothing. */
export function describeCamera(view: CameraView): CameraStatus {
  const { settings, state, request, figures, isPreviewEnabled, lastError, retryInMs, figuresAgeMs } = view;
  const { width, height, fps } = request.settings;
  const isStreaming = state.kind === 'streaming';
  const live = isStreaming ? figures : null;
  return {
    device_id: settings.deviceId,
    display_name: settings.displayName,
    state: stateOf(state),
    model: isStreaming ? state.format.model : '',
    requested: { width, height, fps: roundedFps(fps) },
    given: givenOf(state, live),
    sync: syncOf(request, live),
    focus: focusOf(live),
    capture_fps: roundedFps(live?.captureFps ?? 0),
    record_fps: roundedFps(live?.recordFps ?? 0),
    preview_fps: roundedFps(live?.previewFps ?? 0),
    preview_enabled: isPreviewEnabled,
    frames: figures?.framesDelivered ?? 0,
    drops: { ...figures?.drops },
    buffer: {
      frames: live?.bufferedFrames ?? 0,
      bytes: live?.bufferedBytes ?? 0,
      fill: roundedShare(live?.bufferFill ?? 0),
    },
    jitter_ms: roundedMs(live?.jitterMs ?? 0),
    latency_ms: { median: roundedMs(live?.latencyMs.median ?? 0), max: roundedMs(live?.latencyMs.max ?? 0) },
    error: lastError === null ? null : { code: lastError.code, error: lastError.message },
    attempts: attemptsOf(state),
    retry_in_ms: retryInMs,
    figures_age_ms: figuresAgeMs,
    pending_trial_number: nextTake(state, settings.resumesAfterReconnect)?.trialNumber ?? null,
    recording: describeRecording(state, figures),
  };
}

/** To a host a camera that is restarted is one that is being opened. */
function stateOf(state: CameraState): CameraStatus['state'] {
  if (state.kind === 'streaming') return state.recording.kind === 'off' ? 'streaming' : 'recording';
  return state.kind === 'restarting' ? 'opening' : state.kind;
}

function attemptsOf(state: CameraState): number {
  if (isBeforeFrames(state)) return state.attempt;
  return state.kind === 'closed' ? (state.attempts ?? 0) : 0;
}

function givenOf(state: CameraState, live: PipelineFigures | null): CameraStatus['given'] {
  if (state.kind !== 'streaming') return null;
  const { format, fps } = state;
  return {
    width: format.width,
    height: format.height,
    fps: roundedFps(fps),
    mode: modeOf(format),
    exposure_time_us: orNull(live?.given?.exposureTimeUs ?? null, Math.round),
    gain: orNull(live?.given?.gain ?? null, roundedGain),
  };
}

function syncOf(request: CaptureRequest, live: PipelineFigures | null): CameraStatus['sync'] {
  const role = syncRoleOf(request.settings);
  return role === null ? null : { role, timer_us: live?.sync?.timerUs ?? null };
}

function focusOf(live: PipelineFigures | null): CameraStatus['focus'] {
  const focus = live?.focus ?? null;
  return focus === null ? null : { value: Math.round(focus.value), kind: focus.kind };
}

function describeRecording(state: CameraState, figures: PipelineFigures | null): CameraStatus['recording'] {
  if (state.kind !== 'streaming' || state.recording.kind === 'off') return null;
  const { order } = state.recording;
  const made = state.recording.kind === 'starting' ? null : state.recording.paths;
  const live = figures?.recording ?? null;
  const found = live?.foundPaths ?? null;
  // What was found of an older part says nothing of this one.
  const paths = found !== null && found.take === made?.take ? found : made;
  return {
    trial_number: order.trialNumber,
    trial_label: order.trialLabel,
    take: paths?.take ?? 0,
    video_path: paths?.videoPath ?? null,
    timing_path: paths?.timingPath ?? null,
    frames: live?.counts.recorded ?? 0,
    delivered: live?.counts.delivered ?? 0,
    dropped: live?.counts.dropped ?? 0,
    skipped: live?.counts.skipped ?? 0,
    source_gaps: live?.counts.missingAtSource ?? 0,
    bytes: live?.bytes ?? 0,
    duration_s: roundedS(live?.durationS ?? 0),
  };
}
