/** Everything that a host imports. Loading it only adds the Reflect metadata API, which tsyringe needs. */
export {
  CAMERA_SOURCE,
  CLOCK,
  createCsiCamerasModule,
  FILE_SYSTEM,
  LOAD_SIGNALS,
  LOG_SINK,
  PIPELINE_FACTORY,
  RECORDING_SESSION,
  registerDefaults,
  SystemLoadSignals,
  type ModuleDependencies,
} from './module/container.js';
export { CsiCamerasModule } from './module/csi-cameras-module.js';
export { CsiCamerasError, ERROR_ADVICE, ERROR_CODES, type ErrorCode, type ErrorData } from './core/errors.js';
export { Frame, type FrameMemory, type FrameMetadata, type FrameTimes } from './core/frame.js';
export type { Clock } from './core/clock.js';
export type { FileSystem } from './core/file-system.js';
export type { FrameDrop } from './core/frame-drop.js';
export type {
  CameraIdentity,
  CameraInfo,
  CameraMode,
  CameraSource,
  CameraStream,
  CaptureRequest,
  CaptureSettings,
  SourceFormat,
  SourceListener,
} from './capture/camera-source.js';
export type {
  Recording,
  RecordingPaths,
  RecordingRequest,
  RecordingResult,
  RecordingSession,
  Whereabouts,
} from './recording/recording-session.js';
export type { CommandLogLine, LogLosses, LogSink } from './logging/log-sink.js';
export type { LoadLevel } from './core/load-level.js';
export type { LogLevel } from './core/log-level.js';
export type { CameraPipeline, PipelineFactory, PipelineOptions } from './pipeline/camera-pipeline.js';
export type { PipelineCommand, PipelineEvent } from './pipeline/pipeline-messages.js';
export type { ReceivedCommand } from './module/commands/command-life.js';
export type { PreviewFrame, PreviewListener } from './module/preview/preview-listening.js';
export type { LoadSignals, MachineFigures } from './module/load/load-signals.js';
export type { HostContext, HostModule } from './protocol/host.js';
export type { Config } from './protocol/config.js';
export type { StatusMessage, StatusName, StatusReport } from './protocol/statuses.js';
