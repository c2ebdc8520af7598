import { join } from 'node:path';
import type { Clock } from '../core/clock.js';
import { fileError } from '../core/errors.js';
import type { FileSystem } from '../core/file-system.js';
import type { Frame } from '../core/frame.js';
import { type CameraFolder, makeCameraFolder } from './takes/camera-folder.js';
import { createNewFile } from './takes/new-file.js';
import { safeCameraLabel, sessionToken } from './takes/take-paths.js';

export interface SnapshotPlace {
  /** Absolute path. */
  readonly sessionDir: string;
  readonly cameraLabel: string;
}

/** Writes single frames as JPEG files beside the recordings. */
export class SnapshotFiles {
  constructor(
    private readonly fileSystem: FileSystem,
    private readonly clock: Clock,
  ) {}

  /**
   * Writes the frame to `{session_dir}/CSICameras/{label}/{token}_CSI_snapshot_{YYYYMMDD}T{HHMMSSmmm}Z_{label}.jpg`
   * (UTC), with `_2`, `_3`, ... if that name is in use. The frame's bytes must not change until the promise
   * settles. Rejects with `invalid_session_dir`, `disk_full` or `io_error`, and then removes what it made.
   */
  async write({ sessionDir, cameraLabel }: SnapshotPlace, frame: Frame): Promise<{ path: string; bytes: number }> {
    const folder = await makeCameraFolder(this.fileSystem, sessionDir, cameraLabel);
    const moment = new Date(this.clock.wallMs()).toISOString().replaceAll(/[-:.]/g, '');
    const stem = `${sessionToken(sessionDir)}_CSI_snapshot_${moment}_${safeCameraLabel(cameraLabel)}`;
    try {
      for (let copy = 1; ; copy += 1) {
        const path = join(folder.path, `${stem}${copy === 1 ? '' : `_${copy}`}.jpg`);
        if (await this.#writeNew(path, folder, frame)) return { path, bytes: frame.byteLength };
      }
    } catch (failure) {
      await folder.removeIfEmpty();
      throw failure;
    }
  }

  /** Resolves with `false` if the name is in use. */
  async #writeNew(path: string, folder: CameraFolder, frame: Frame): Promise<boolean> {
    const file = await createNewFile(this.fileSystem, folder, path);
    if (file === undefined) return false;
    try {
      for (const piece of frame.bytes) await file.writeFile(piece);
      await file.close();
      return true;
    } catch (failure) {
      // Half a picture is useless, so it is removed. Later failures are ignored; only the first one is reported.
      await file.close().catch(() => undefined);
      await this.fileSystem.rm(path, { force: true }).catch(() => undefined);
      throw fileError('write', path, failure);
    }
  }
}
