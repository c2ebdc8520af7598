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

export interface FileRecordingOptions {
  readonly fileSystem: FileSystem;
  /** Limits how long the end of a recording fights a full disk. */
  readonly clock: Clock;
  /** Default: `onCheckpoint`, which the promise of one second after a power cut needs. */
  readonly sync?: SyncPolicy;
  /** Who writes a file; a mark in it tells the next start. Default: by /proc. */
  readonly owners?: RecordingOwners;
  /** Hears of the files that a dead process left open. */
  readonly log?: Log;
  /** Hears of each video when its file exists, and when nothing more will be written to it. */
  readonly onFiles?: FileRecordingDependencies['onFiles'];
  /** Sizes of the video's layout: for tests, which cannot write gigabytes. */
  readonly geometry?: AviGeometry;
}

/**
 * Recordings as files: `{session}/CSICameras/{label}/..._trialNNN_{label}.avi` and its `_timing.csv`. The first recording in a
 * camera's folder has those closed that a dead process left open there: beside it, never before it.
 */
export class FileRecordingSession implements RecordingSession {
  readonly #dependencies: Omit<FileRecordingDependencies, 'onNextPart'>;
  readonly #leftOpen: LeftOpenTakes;
  /** Folders that were, or are being, looked through. */
  readonly #tidied = new Set<string>();

  constructor(options: FileRecordingOptions) {
    const { fileSystem, clock, sync = 'onCheckpoint', geometry = DEFAULT_GEOMETRY } = options;
    const { owners = new ProcessOwners(), log = () => {}, onFiles = () => {} } = options;
    this.#leftOpen = new LeftOpenTakes({ fileSystem, owners, sync, log });
    const onFirstCommit: FileRecordingDependencies['onFirstCommit'] = (videoPath, isOver) => {
      void this.#tidy(videoPath, isOver); // never rejects
    };
    this.#dependencies = { fileSystem, clock, sync, geometry, owners, onFirstCommit, onFiles };
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
