import { backoffDelayMs } from './backoff.js';
import type { CaptureRequest } from '../../pipeline/pipeline-messages.js';
import type { CommandParameters } from '../../protocol/commands.js';
import type { Config } from '../../protocol/config.js';
import type { Report } from '../../protocol/statuses.js';
import { captureToolOf } from '../capture-tool.js';
import type { SettingsDesks } from '../settings/desk-for.js';
import type { SettingsDesk } from '../settings/settings-desk.js';
import type { CameraDependencies } from './camera-description.js';
import { Camera } from './camera.js';

type Assignment = CommandParameters<'assign_device'>;
export type CameraIdentity = CaptureRequest['camera'];

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

/** The desk of the camera that an assignment names. Waits for the disk, for a second at most. Never rejects. */
export function deskOf(
  desks: SettingsDesks,
  { deviceId, identity }: { readonly deviceId: string; readonly identity: CameraIdentity },
  report: (report: Report) => void,
): Promise<SettingsDesk> {
  const { index, stableId, hardwareModel } = identity;
  // Where an id or a model says which camera it is, the index does not.
  const isByIndex = stableId === undefined && hardwareModel === undefined;
  return desks.deskFor({ deviceId, stableId, index: isByIndex ? index : undefined }, (code, message) => {
    report({ status: 'warning', data: { code, message, device_id: deviceId } });
  });
}

/** Makes the camera of an assignment without opening it. */
export function makeCamera(
  config: Config,
  dependencies: CameraDependencies,
  asked: Assignment,
  identity: CameraIdentity,
  desk: SettingsDesk,
): Camera {
  const { tool, bufferCount, frameTimeoutMs, firstFrameTimeoutMs, syncTimeoutMs } = config.camera;
  const { frameMetadata, checksums } = config.recording;
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
        syncTimeoutMs,
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
        ...(checksums ? { makesChecksums: true } : {}),
        minFreeBytes: config.recording.minFreeBytes,
        reportGateSkips: config.logs.gateSkips,
      },
      resumesAfterReconnect: config.recording.resumeAfterReconnect,
      isToolNamed: tool !== '',
      maxAttempts: config.reconnect.maxAttempts,
      delayMs: (attempt) => backoffDelayMs(config.reconnect, attempt, Math.random),
    },
    dependencies,
    desk,
  );
}
