import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { type CameraFolder, creationError, type FolderIdentity, leadsOut } from './camera-folder.js';
import { presentPath } from './whereabouts.js';

/** Recordings and pictures show people: not for everybody on the machine. */
const FILE_MODE = 0o640;

/**
 * Makes a new file in the camera's folder and opens it for writing; `undefined` where the name is taken.
 * Rejects with `invalid_session_dir`, `disk_full` or `io_error`; then it left nothing.
 */
export async function createNewFile(
  fileSystem: FileSystem,
  folder: CameraFolder,
  path: string,
): Promise<FileHandle | undefined> {
  let file;
  try {
    file = await fileSystem.open(path, 'wx', FILE_MODE); // O_EXCL: follows no link, overwrites nothing
  } catch (failure) {
    if (errnoOf(failure) === 'EEXIST') return undefined;
    throw creationError(folder.sessionDir, 'open', path, failure);
  }
  const place = await presentPath(fileSystem, file);
  // Where the system does not say it, the look at the folder before has to do.
  if (place === null || (await isFolder(fileSystem, dirname(place), folder.identity))) return file;
  // Between the look at the folder and the opening somebody put a link in its place.
  await discardNewFile(fileSystem, path, file);
  throw leadsOut(folder.sessionDir, path, place);
}

/**
 * Closes and removes an empty file of ours, where it really is: under its name may be somebody else's by now. Never
 * rejects: why it is not wanted is what there is to tell.
 */
export async function discardNewFile(fileSystem: FileSystem, path: string, file: FileHandle): Promise<void> {
  const place = (await presentPath(fileSystem, file)) ?? path;
  await file.close().catch(() => undefined);
  await fileSystem.rm(place, { force: true }).catch(() => undefined);
}

/** By its path, or by its inode: a renamed folder is the same, and so is one whose name differs in case only (vfat). */
async function isFolder(
  fileSystem: Pick<FileSystem, 'stat'>,
  path: string,
  { realPath, device, inode }: FolderIdentity,
): Promise<boolean> {
  if (path === realPath) return true;
  try {
    const stat = await fileSystem.stat(path, { bigint: true });
    return stat.dev === device && stat.ino === inode;
  } catch {
    return false; // it is gone, and so is its file: nothing to record into
  }
}
