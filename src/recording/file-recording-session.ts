import { basename, dirname } from 'node:path';
import type { Clock } from '../core/clock.js';
import type { FileSystem } from '../core/file-system.js';
import type { Log } from '../core/log-level.js';
import type { SyncPolicy } from './avi/avi-file.js';
import { type AviGeometry, DEFAULT_GEOMETRY } from './avi/avi-layout.js';
import { ProcessOwners, type RecordingOwners } from './avi/recording-owner.js';
import { FileRecording, type FileRecordingDependencies } from './file-recording.js';
import type { OnNextPart, Recording, RecordingRequest, RecordingSession } from './recording-session.js';
import { LeftOpenTakes } from './recovery/left-open-takes.js';

export interface FileRecordingSessionDependencies {
  readonly fileSystem: FileSystem;
  /** Limits the time that the end of a recording spends on a full disk. */
  readonly clock: Clock;
  /** Default: `onCheckpoint`. Only that keeps the loss at a power cut below one second. */
  readonly sync?: SyncPolicy;
  /** Marks files with their writer, so that the next start can tell whether it is alive. Default: by /proc. */
  readonly owners?: RecordingOwners;
  /** Receives messages about files that a dead process left open, and about metadata that a row could not hold. */
  readonly log?: Log;
  /** Called for each video when its file exists, and when nothing more will be written to it. */
  readonly onFiles?: FileRecordingDependencies['onFiles'];
  /** Sizes of the video's layout. Tests change them because they cannot write gigabytes. */
  readonly geometry?: AviGeometry;
}

/**
 * Writes recordings as files: `{session}/CSICameras/{label}/..._trialNNN_{label}.avi` and its `_timing.csv`, where it is
 * wanted also `_metadata.csv`. During the first recording in a camera's folder, the recordings that a dead process left open there are closed. The new
 * recording never waits for that.
 */
export class FileRecordingSession implements RecordingSession {
  readonly #dependencies: Omit<FileRecordingDependencies, 'onNextPart'>;
  readonly #leftOpen: LeftOpenTakes;
  /** Folders that were searched or are being searched. */
  readonly #tidied = new Set<string>();

  constructor(dependencies: FileRecordingSessionDependencies) {
    const { fileSystem, clock, sync = 'onCheckpoint', geometry = DEFAULT_GEOMETRY } = dependencies;
    const { owners = new ProcessOwners(), log = () => {}, onFiles = () => {} } = dependencies;
    this.#leftOpen = new LeftOpenTakes({ fileSystem, owners, sync, log });
    const onFirstCommit: FileRecordingDependencies['onFirstCommit'] = (videoPath, isOver) => {
      void this.#tidy(videoPath, isOver); // never rejects
    };
    this.#dependencies = { fileSystem, clock, sync, geometry, owners, log, onFirstCommit, onFiles };
  }

  begin(request: RecordingRequest, onNextPart: OnNextPart = () => {}): Recording {
    return new FileRecording(request, { ...this.#dependencies, onNextPart });
  }

  async #tidy(videoPath: string, isOver: () => boolean): Promise<void> {
    const folder = dirname(videoPath);
    if (this.#tidied.has(folder)) return;
    this.#tidied.add(folder);
    const isDone = await this.#leftOpen.closeIn(folder, basename(videoPath), isOver);
    if (!isDone) this.#tidied.delete(folder);
  }
}
