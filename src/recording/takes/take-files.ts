import type { FileHandle } from 'node:fs/promises';
import { fileError } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import type { FoundPaths, RecordingPaths, RecordingRequest } from '../recording-session.js';
import { type CameraFolder, makeCameraFolder } from './camera-folder.js';
import { createNewFile, discardNewFile } from './new-file.js';
import { filesOf, metadataPathOf, takePaths } from './take-paths.js';
import type { TakeHandles } from './whereabouts.js';

/** The new files of a take, open for writing. */
interface TakeFiles {
  readonly paths: RecordingPaths;
  readonly folder: CameraFolder;
  readonly handles: TakeHandles;
}

/**
 * Makes the files of the first free take, exclusively: if two processes race for a name, one gets it and the other
 * gets the next take. Rejects with `invalid_session_dir`, `disk_full` or `io_error`, and then removes what it made.
 */
export async function createTakeFiles(fileSystem: FileSystem, request: RecordingRequest): Promise<TakeFiles> {
  const { sessionDir, cameraLabel, trialNumber, writesMetadata = false } = request;
  const folder = await makeCameraFolder(fileSystem, sessionDir, cameraLabel);
  try {
    for (let take = 1; ; take += 1) {
      const usual = takePaths(folder.path, sessionDir, cameraLabel, trialNumber, take);
      const paths = writesMetadata ? { ...usual, metadataPath: metadataPathOf(usual.videoPath) } : usual;
      const handles = await createAll(fileSystem, folder, paths);
      if (handles !== undefined) return { paths, folder, handles };
    }
  } catch (failure) {
    await folder.removeIfEmpty();
    throw failure;
  }
}

/** Removes the files of a take without frames, and the folders made for them. Rejects with `io_error`. */
export async function removeTakeFiles(fileSystem: FileSystem, paths: FoundPaths, folder: CameraFolder): Promise<void> {
  for (const path of filesOf(paths).toReversed()) {
    if (path === null) continue; // nothing leads to it
    try {
      await fileSystem.rm(path, { force: true });
    } catch (failure) {
      throw fileError('rm', path, failure);
    }
  }
  await folder.removeIfEmpty();
}

/** Resolves with `undefined` if one of the names is in use. Leaves no file unless it made all of them. */
async function createAll(
  fileSystem: FileSystem,
  folder: CameraFolder,
  { videoPath, timingPath, metadataPath }: RecordingPaths,
): Promise<TakeHandles | undefined> {
  const made: [path: string, file: FileHandle][] = [];
  const create = async (path: string): Promise<FileHandle | undefined> => {
    const file = await createNewFile(fileSystem, folder, path);
    if (file !== undefined) made.push([path, file]);
    return file;
  };
  const discardAll = async (): Promise<void> => {
    for (const [path, file] of made) await discardNewFile(fileSystem, path, file);
  };
  try {
    const video = await create(videoPath);
    const timing = video && (await create(timingPath));
    const metadata = timing && metadataPath !== undefined ? await create(metadataPath) : undefined;
    if (video && timing && metadata) return { video, timing, metadata };
    if (video && timing && metadataPath === undefined) return { video, timing };
  } catch (failure) {
    await discardAll();
    throw failure;
  }
  await discardAll();
  return undefined;
}
