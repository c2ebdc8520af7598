import type { FileHandle } from 'node:fs/promises';
import { fileError } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import type { FoundPaths, RecordingPaths, RecordingRequest } from '../recording-session.js';
import { type CameraFolder, makeCameraFolder } from './camera-folder.js';
import { createNewFile, discardNewFile } from './new-file.js';
import { takePaths } from './take-paths.js';

/** The two new files of a take, open for writing. */
export interface TakeFiles {
  readonly paths: RecordingPaths;
  readonly folder: CameraFolder;
  readonly video: FileHandle;
  readonly timing: FileHandle;
}

/**
 * Makes both files of the first free take, exclusively: if two processes race for a name, one gets it and the other
 * gets the next take. Rejects with `invalid_session_dir`, `disk_full` or `io_error`, and then removes what it made.
 */
export async function createTakeFiles(fileSystem: FileSystem, request: RecordingRequest): Promise<TakeFiles> {
  const { sessionDir, cameraLabel, trialNumber } = request;
  const folder = await makeCameraFolder(fileSystem, sessionDir, cameraLabel);
  try {
    for (let take = 1; ; take += 1) {
      const paths = takePaths(folder.path, sessionDir, cameraLabel, trialNumber, take);
      const files = await createPair(fileSystem, folder, paths);
      if (files !== undefined) return { paths, folder, ...files };
    }
  } catch (failure) {
    await folder.removeIfEmpty();
    throw failure;
  }
}

/** Removes the files of a take without frames, and the folders made for them. Rejects with `io_error`. */
export async function removeTakeFiles(
  fileSystem: FileSystem,
  { videoPath, timingPath }: FoundPaths,
  folder: CameraFolder,
): Promise<void> {
  for (const path of [timingPath, videoPath]) {
    if (path === null) continue; // nothing leads to it
    try {
      await fileSystem.rm(path, { force: true });
    } catch (failure) {
      throw fileError('rm', path, failure);
    }
  }
  await folder.removeIfEmpty();
}

/** Resolves with `undefined` if one of the names is in use. */
async function createPair(
  fileSystem: FileSystem,
  folder: CameraFolder,
  paths: RecordingPaths,
): Promise<Pick<TakeFiles, 'video' | 'timing'> | undefined> {
  const video = await createNewFile(fileSystem, folder, paths.videoPath);
  if (video === undefined) return undefined;
  try {
    const timing = await createNewFile(fileSystem, folder, paths.timingPath);
    if (timing !== undefined) return { video, timing };
  } catch (failure) {
    await discardNewFile(fileSystem, paths.videoPath, video);
    throw failure;
  }
  await discardNewFile(fileSystem, paths.videoPath, video);
  return undefined;
}
