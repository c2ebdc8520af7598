import { ERROR_ADVICE, type ErrorCode, type ErrorData, errorWithAdvice } from '../core/errors.js';
import { type CameraSettings, type PartialSettings, SETTING_NAMES } from '../core/camera-settings.js';
import { roundedDioptres, roundedFps, roundedGain, roundedPart, roundedS } from '../core/figures.js';
import { type GivenSettings, toldExtents } from '../core/given-settings.js';
import {
  type RecordingOrder,
  type RecordingPart,
  type RecordingPaths,
  type RecordingSummary,
  type SourceFormat,
  emptySummary,
} from '../pipeline/pipeline-messages.js';
import type { RecordingPartData, Report, StatusData } from '../protocol/statuses.js';

/** Builds the statuses of a camera. The field names are those of the host protocol. */

export function deviceReady(
  deviceId: string,
  format: SourceFormat,
  fps: number,
  reconnection?: { readonly attempts: number; readonly downtimeMs: number },
): Report {
  return {
    status: 'device_ready',
    data: {
      device_id: deviceId,
      camera_id: deviceId,
      model: format.model,
      width: format.width,
      height: format.height,
      fps: roundedFps(fps),
      mode: modeOf(format),
      view: format.view ?? `${format.width}x${format.height}`,
      ...(reconnection === undefined
        ? {}
        : { reconnected: true, attempts: reconnection.attempts, downtime_ms: reconnection.downtimeMs }),
    },
  };
}

/** The sensor mode of a stream, as statuses give it. */
export function modeOf({ mode }: SourceFormat): StatusData<'device_ready'>['mode'] {
  if (mode === undefined || mode === null) return null;
  return { width: mode.width, height: mode.height, max_fps: mode.maxFps, crop: [...mode.crop] };
}

export function deviceError(deviceId: string, error: ErrorData, recoverable: boolean, retryInMs?: number): Report {
  return {
    status: 'device_error',
    data: {
      device_id: deviceId,
      code: error.code,
      error: error.message,
      recoverable,
      ...(retryInMs === undefined ? {} : { retry_in_ms: retryInMs }),
    },
  };
}

export function deviceUnassigned(deviceId: string | null, portReleased: boolean): Report {
  return { status: 'device_unassigned', data: { device_id: deviceId, port_released: portReleased } };
}

/** `firstFrameNs`: time of the first frame in the file, on the clock of the order's instant. */
export function recordingStarted(order: RecordingOrder, paths: RecordingPaths, firstFrameNs: bigint): Report {
  return {
    status: 'recording_started',
    data: {
      device_id: order.deviceId,
      camera_id: order.deviceId,
      trial_number: order.trialNumber,
      trial_label: order.trialLabel,
      take: paths.take,
      video_path: paths.videoPath,
      timing_path: paths.timingPath,
      ...(paths.metadataPath === undefined ? {} : { metadata_path: paths.metadataPath }),
      start_mono_ns: String(order.startNs),
      offset_ns: String(firstFrameNs - order.startNs),
    },
  };
}

export function recordingContinued(
  order: RecordingOrder,
  { ended, paths }: { readonly ended: RecordingPart; readonly paths: RecordingPaths },
): Report {
  const video = ended.paths.videoPath ?? `take ${ended.paths.take}`;
  const why =
    ended.endedBy === 'fileSize'
      ? `${video} has the largest size that the file system or the process allows.`
      : `The index of ${video} is full.`;
  const message = `${why} The recording continues in take ${paths.take}, ${paths.videoPath}.`;
  return { status: 'warning', data: { code: 'recording_continues', message, device_id: order.deviceId } };
}

/** `order`: the camera and the trial of the recording. Each is `null` if it is not known or nothing was recorded. */
export function recordingStopped(
  order: { readonly deviceId: string | null; readonly trialNumber: number | null },
  summary: RecordingSummary,
): Report {
  return {
    status: 'recording_stopped',
    data: {
      device_id: order.deviceId,
      camera_id: order.deviceId,
      trial_number: order.trialNumber,
      take: summary.paths?.take ?? null,
      video_path: summary.paths?.videoPath ?? null,
      timing_path: summary.paths?.timingPath ?? null,
      ...(summary.paths?.metadataPath === undefined ? {} : { metadata_path: summary.paths.metadataPath }),
      info_path: summary.infoPath ?? null,
      frames: summary.frames,
      duration_s: roundedS(summary.durationS),
      delivered: summary.counts.delivered,
      dropped: summary.counts.dropped,
      skipped: summary.counts.skipped,
      source_gaps: summary.counts.missingAtSource,
      timestamps_disordered: summary.counts.disordered,
      bytes: summary.bytes,
      reason: summary.reason,
      given: toldExtents(summary.given),
      ...(summary.parts === undefined ? {} : { parts: summary.parts.map(partOf) }),
    },
  };
}

function partOf({ paths, frames, infoPath = null }: RecordingPart): RecordingPartData {
  return {
    take: paths.take,
    video_path: paths.videoPath,
    timing_path: paths.timingPath,
    ...(paths.metadataPath === undefined ? {} : { metadata_path: paths.metadataPath }),
    info_path: infoPath,
    frames,
  };
}

/** The answer to a stop while nothing is being recorded. */
export function nothingRecorded(deviceId: string | null): Report {
  return recordingStopped({ deviceId, trialNumber: null }, emptySummary('command'));
}

export function recordingError(deviceId: string | null, error: Pick<ErrorData, 'code' | 'message'>): Report {
  return { status: 'recording_error', data: { device_id: deviceId, code: error.code, error: error.message } };
}

/** The answer to a start for a camera that is released or about to be. */
export function notAssigned(deviceId: string, state: 'closed' | 'closing'): Report {
  const what = state === 'closed' ? 'is not assigned' : 'is being released';
  return recordingError(deviceId, errorWithAdvice('no_device', `${deviceId} ${what}.`));
}

/** What a camera is asked for, what it gives and what is kept. `given`: `null` while it gives no frames. */
export function settings(
  status: 'settings_changed' | 'settings',
  deviceId: string,
  { asked, given, kept }: { asked: CameraSettings; given: GivenSettings | null; kept: PartialSettings },
): Report {
  return {
    status,
    data: { device_id: deviceId, asked: everySetting(asked), given: givenOf(given), kept: { ...kept } },
  };
}

function everySetting(asked: CameraSettings): StatusData<'settings'>['asked'] {
  const entries = SETTING_NAMES.map((name) => [name, asked[name] ?? null]);
  return Object.fromEntries(entries) as StatusData<'settings'>['asked']; // one entry for each name
}

function givenOf(given: GivenSettings | null): StatusData<'settings'>['given'] {
  if (given === null) return null;
  const { colourGains: gains, regionOfInterest: region } = given;
  return {
    exposureTimeUs: orNull(given.exposureTimeUs, Math.round),
    gain: orNull(given.gain, roundedGain),
    colourGains: gains === null ? null : [roundedGain(gains[0]), roundedGain(gains[1])],
    lensPositionDioptres: orNull(given.lensPositionDioptres, roundedDioptres),
    regionOfInterest:
      region === null
        ? null
        : [roundedPart(region[0]), roundedPart(region[1]), roundedPart(region[2]), roundedPart(region[3])],
    fps: orNull(given.fps, roundedFps),
    width: given.width,
    height: given.height,
  };
}

/** A figure as statuses give it, or `null` if nothing is told. */
export function orNull(value: number | null, rounded: (value: number) => number): number | null {
  return value === null ? null : rounded(value);
}

export function commandNack(code: ErrorCode, error: string): Report {
  return { status: 'command_nack', data: { success: false, code, error } };
}

/** The answer to a command that comes, or has its turn, when the module does not run. */
export function shuttingDown(): Report {
  return commandNack('shutting_down', ERROR_ADVICE.shutting_down);
}
