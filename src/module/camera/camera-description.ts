import type { Clock } from '../../core/clock.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { PipelineFactory, PipelineOptions } from '../../pipeline/camera-pipeline.js';
import type { SettingName } from '../../core/camera-settings.js';
import type { CaptureRequest } from '../../pipeline/pipeline-messages.js';
import type { SettingsDesk } from '../settings/settings-desk.js';
import type { Report } from '../../protocol/statuses.js';

/** Plain data that describes a camera. */
export interface CameraDescription {
  readonly deviceId: string;
  /** Friendly name, part of the file names. Empty: the sensor's model is used. */
  readonly displayName: string;
  /** Its first 8 characters are part of the file names. */
  readonly stableId: string;
  /** Which camera it is. */
  readonly identity: CaptureRequest['camera'];
  /** What the configuration says of its capture process. Its settings come from the desk. */
  readonly capture: Omit<CaptureRequest['settings'], SettingName>;
  readonly pipeline: PipelineOptions;
  readonly resumesAfterReconnect: boolean;
  /** The configuration names the capture tool (`camera.tool`). */
  readonly isToolNamed: boolean;
  readonly maxAttempts: number;
  /** Delay before an attempt to reopen the camera, ms. Attempts count from 1. */
  readonly delayMs: (attempt: number) => number;
}

/** The objects that a camera talks to. */
export interface CameraDependencies {
  readonly pipelines: PipelineFactory;
  readonly clock: Clock;
  readonly logs: LogSink;
  /** Sends a status that is not a final answer. `replyTo` is the id of the command that caused it. */
  readonly report: (report: Report, replyTo: string | undefined) => void;
}

/** What the camera is asked for: its settings, and how they are changed and kept. */
export type CameraDesk = Pick<SettingsDesk, keyof SettingsDesk>;
