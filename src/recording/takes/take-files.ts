import type { FileHandle } from 'node:fs/promises';
import { errnoOf, fileError } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import type { FoundPaths, RecordingPaths, RecordingRequest } from '../recording-session.js';
import { type CameraFolder, creationError, makeCameraFolder } from './camera-folder.js';
import { createNewFile, discardNewFile } from './new-file.js';
import { filesOf, infoPathOf, metadataPathOf, takePaths } from './take-paths.js';
import type { TakeHandles } from './whereabouts.js';

/** The new files of a take, open for writing. */
interface TakeFiles {
  readonly paths: RecordingPaths;
  readonly folder: CameraFolder;
  readonly handles: TakeHandles;
}

/**
 * Makes the files of the first free take, exclusively: if two processes race for a name, one gets it and the other
 * gets the next take. A take is free if none of the names exists that a take can have, also of files that this one is not to have:
 * what is left of a recording whose video was moved away must not be taken for a part of this one. Rejects with `invalid_session_dir`, `disk_full` or `io_error`, and then removes what it made.
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
    const video = await create(videoPath); // whoever has it alone looks at the other names of that take
    const isFree =
      video !== undefined && !(await isAnyThere(fileSystem, folder, laterNamesOf(videoPath, metadataPath)));
    const timing = isFree ? await create(timingPath) : undefined;
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

/** The names of a take's files that are not made at its beginning. */
function laterNamesOf(videoPath: string, metadataPath: string | undefined): readonly string[] {
  const infoPath = infoPathOf(videoPath);
  return metadataPath === undefined ? [metadataPathOf(videoPath), infoPath] : [infoPath];
}

async function isAnyThere(
  fileSystem: FileSystem,
  { sessionDir }: CameraFolder,
  paths: readonly string[],
): Promise<boolean> {
  for (const path of paths) {
    try {
      await fileSystem.lstat(path); // a link that leads nowhere has the name, too
      return true;
    } catch (failure) {
      if (errnoOf(failure) !== 'ENOENT') throw creationError(sessionDir, 'lstat', path, failure);
    }
  }
  return false;
}
