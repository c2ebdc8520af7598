import type { CameraSource } from '../capture/camera-source.js';
import { RpicamSource } from '../capture/rpicam-source.js';
import type { Clock } from '../core/clock.js';
import { FileDiskSpace } from '../core/disk-space.js';
import type { FileSystem } from '../core/file-system.js';
import { FileRecordingSession } from '../recording/file-recording-session.js';
import type { RecordingSession } from '../recording/recording-session.js';
import { SnapshotFiles } from '../recording/snapshot-file.js';
import type { PipelineOptions } from './camera-pipeline.js';
import type { LocalPipelineDependencies, PipelineListeners } from './local-pipeline.js';

export interface Replacements {
  readonly clock: Clock;
  readonly fileSystem: FileSystem;
  readonly source?: CameraSource | undefined;
  readonly recordings?: RecordingSession | undefined;
}

/** The default dependencies of a camera's pipeline, in any thread. They are listed only here. */
export function defaultDependencies(
  options: PipelineOptions,
  listeners: PipelineListeners,
  { clock, fileSystem, source, recordings }: Replacements,
): LocalPipelineDependencies {
  const log = (level: 'error' | 'warn' | 'info' | 'debug', message: string, context = {}): void => {
    listeners.onEvent({ type: 'log', level, message, context });
  };
  const onFiles = (videoPath: string, isOpen: boolean): void => {
    listeners.onOwnerEvent?.({ type: 'takeFiles', videoPath, isOpen });
  };
  return {
    // Made for each pipeline, because the capture tool is one of its options.
    source: source ?? new RpicamSource({ captureTool: options.captureTool, clock, log }),
    recordings: recordings ?? new FileRecordingSession({ fileSystem, clock, log, onFiles }),
    disk: new FileDiskSpace(fileSystem),
    snapshotWriter: new SnapshotFiles(fileSystem, clock),
    clock,
    options,
    ...listeners,
  };
}
