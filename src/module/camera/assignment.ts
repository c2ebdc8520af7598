import { backoffDelayMs } from '../../core/backoff.js';
import { settingsIn } from '../../core/camera-settings.js';
import type { CaptureRequest } from '../../pipeline/pipeline-messages.js';
import type { CommandParameters } from '../../protocol/commands.js';
import type { Config } from '../../protocol/config.js';
import { captureToolOf } from '../capture-tool.js';
import { SettingsDesk } from '../settings/settings-desk.js';
import type { CameraDependencies } from './camera-settings.js';
import { Camera } from './camera.js';

type Assignment = CommandParameters<'assign_device'>;
type CameraIdentity = CaptureRequest['camera'];

/** The camera that the assignment names, or `null` if it names none. */
export function identityOf(asked: Assignment): CameraIdentity | null {
  const numberAtEnd = /(?<!\d)(\d{1,2})$/.exec(asked.device_id)?.[1];
  const index = asked.camera_index ?? (numberAtEnd === undefined ? null : Number(numberAtEnd));
  // Hosts in the field repeat the device id here (`picam:0`). That is only an index: a libcamera id contains an `@`.
  const stableId = asked.camera_stable_id?.includes('@') === true ? asked.camera_stable_id : undefined;
  const hardwareModel = asked.camera_hw_model ?? undefined;
  if (index === null && stableId === undefined && hardwareModel === undefined) return null;
  return {
    index: index ?? 0,
    ...(stableId === undefined ? {} : { stableId }),
    ...(hardwareModel === undefined ? {} : { hardwareModel }),
  };
}

/** Makes the camera of an assignment without opening it. */
export function makeCamera(
  config: Config,
  dependencies: CameraDependencies,
  asked: Assignment,
  identity: CameraIdentity,
): Camera {
  const { tool, bufferCount, frameTimeoutMs, firstFrameTimeoutMs } = config.camera;
  const { frameMetadata } = config.recording;
  return new Camera(
    {
      deviceId: asked.device_id,
      displayName: asked.display_name ?? '',
      stableId: asked.camera_stable_id ?? asked.device_id,
      identity,
      capture: {
        bufferCount,
        frameTimeoutMs,
        firstFrameTimeoutMs,
        ...(frameMetadata ? { keepsMetadataText: true } : {}),
      },
      pipeline: {
        deviceId: asked.device_id,
        captureTool: captureToolOf(config),
        recordFps: config.recording.fps,
        previewFps: config.preview.fps,
        previewEnabled: config.preview.enabled,
        buffer: config.buffer,
        commitIntervalMs: config.recording.commitIntervalMs,
        ...(frameMetadata ? { writesMetadata: true } : {}),
        minFreeBytes: config.recording.minFreeBytes,
        reportGateSkips: config.logs.gateSkips,
      },
      resumesAfterReconnect: config.recording.resumeAfterReconnect,
      isToolNamed: tool !== '',
      maxAttempts: config.reconnect.maxAttempts,
      delayMs: (attempt) => backoffDelayMs(config.reconnect, attempt, Math.random),
    },
    dependencies,
    deskFor(config),
  );
}

/** What the camera is asked for, and what is kept for it. */
function deskFor(config: Config): SettingsDesk {
  return new SettingsDesk(settingsIn(config.camera));
}
