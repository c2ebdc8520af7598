import type { ErrorData } from '../../core/errors.js';
import { roundedFps, roundedMs, roundedS, roundedShare } from '../../core/figures.js';
import type { PipelineFigures, SourceFormat } from '../../pipeline/pipeline-messages.js';
import type { CameraStatus } from '../../protocol/statuses.js';
import { modeOf } from '../reports.js';
import type { CameraSettings } from './camera-settings.js';
import { nextTake } from './camera-state.js';
import type { CameraState } from './state-types.js';

interface CameraView {
  readonly settings: CameraSettings;
  readonly state: CameraState;
  /** The last figures. Null before the first ones. */
  readonly figures: PipelineFigures | null;
  readonly isPreviewEnabled: boolean;
  readonly lastError: ErrorData | null;
}

/** A camera as part of `status()`. It uses the last figures and waits for nothing. */
export function describeCamera({ settings, state, figures, isPreviewEnabled, lastError }: CameraView): CameraStatus {
  const { width, height, fps } = settings.request.settings;
  const isStreaming = state.kind === 'streaming';
  const live = isStreaming ? figures : null;
  return {
    device_id: settings.deviceId,
    display_name: settings.displayName,
    state: isStreaming && state.recording.kind !== 'off' ? 'recording' : state.kind,
    model: isStreaming ? state.format.model : '',
    requested: { width, height, fps: roundedFps(fps) },
    given: isStreaming ? { ...sizeOf(state.format), fps: roundedFps(state.fps), mode: modeOf(state.format) } : null,
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
    attempts: state.kind === 'waiting' || state.kind === 'opening' ? state.attempt : 0,
    pending_trial_number: nextTake(state, settings.resumesAfterReconnect)?.trialNumber ?? null,
    recording: describeRecording(state, figures),
  };
}

function sizeOf({ width, height }: SourceFormat): Pick<SourceFormat, 'width' | 'height'> {
  return { width, height };
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
