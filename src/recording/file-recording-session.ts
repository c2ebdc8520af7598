import type { Clock } from '../core/clock.js';
import type { FileSystem } from '../core/file-system.js';
import type { SyncPolicy } from './avi-file.js';
import { type AviGeometry, DEFAULT_GEOMETRY } from './avi-layout.js';
import { FileRecording } from './file-recording.js';
import type { Recording, RecordingRequest, RecordingSession } from './recording-session.js';

export interface FileRecordingOptions {
  readonly fileSystem: FileSystem;
  /** Limits how long the end of a recording fights a full disk. */
  readonly clock: Clock;
  /** Default: `onCheckpoint`, which the promise of one second after a power cut needs. */
  readonly sync?: SyncPolicy;
  /** Sizes of the video's layout: for tests, which cannot write gigabytes. */
  readonly geometry?: AviGeometry;
}

/** Recordings as files: `{session}/CSICameras/{label}/..._trialNNN_{label}.avi` and its `_timing.csv`. */
export class FileRecordingSession implements RecordingSession {
  constructor(private readonly options: FileRecordingOptions) {}

  begin(request: RecordingRequest): Recording {
    const { fileSystem, clock, sync = 'onCheckpoint', geometry = DEFAULT_GEOMETRY } = this.options;
    return new FileRecording(request, { fileSystem, clock, sync, geometry });
  }
}
