import type { Clock } from '../../core/clock.js';
import type { LogSink } from '../../logging/log-sink.js';
import type { PipelineFactory, PipelineOptions } from '../../pipeline/camera-pipeline.js';
import type { CaptureRequest } from '../../pipeline/pipeline-messages.js';
import type { Report } from '../../protocol/statuses.js';

/** What a camera is made from: plain data, and what it talks to. */

export interface CameraSettings {
  readonly deviceId: string;
  readonly displayName: string;
  /** Names the files: `{friendly name}_{first 8 characters of the stable id}`; `null`: made from the sensor's model. */
  readonly stableId: string;
  readonly request: CaptureRequest;
  readonly pipeline: PipelineOptions;
  readonly resumesAfterReconnect: boolean;
  readonly maxAttempts: number;
  /** Delay before an attempt (from 1) to reopen, ms. */
  readonly delayMs: (attempt: number) => number;
}

export interface CameraDependencies {
  readonly pipelines: PipelineFactory;
  readonly clock: Clock;
  readonly logs: LogSink;
  /** Sends a status that is no command's final answer; `replyTo` is the command that caused it. */
  readonly report: (report: Report, replyTo: string | undefined) => void;
}
