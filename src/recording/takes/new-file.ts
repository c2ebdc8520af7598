import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { type CameraFolder, creationError, type FolderIdentity, leadsOut } from './camera-folder.js';
import { presentPath } from './whereabouts.js';

/** Recordings and pictures show people, so not everybody on the machine may read them. */
export const FILE_MODE = 0o640;

/**
 * Makes a new file in the camera's folder and opens it for writing. Resolves with `undefined` if the name is in use.
 * Rejects with `invalid_session_dir`, `disk_full` or `io_error`, and then leaves no file.
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
  // If the system does not report the path, the earlier check of the folder has to be enough.
  if (place === null || (await isFolder(fileSystem, dirname(place), folder.identity))) return file;
  // Somebody replaced the folder by a link between the check and the opening.
  await discardNewFile(fileSystem, path, file);
  throw leadsOut(folder.sessionDir, path, place);
}

/**
 * Closes and removes an empty file of ours at its present path, because another file may have its name by now. Never
 * rejects, because the caller reports why the file is not wanted.
 */
export async function discardNewFile(fileSystem: FileSystem, path: string, file: FileHandle): Promise<void> {
  const place = (await presentPath(fileSystem, file)) ?? path;
  await file.close().catch(() => undefined);
  await fileSystem.rm(place, { force: true }).catch(() => undefined);
}

/**
 * Whether `path` is that folder, by path or by inode. A renamed folder is still the same, and so is a folder whose
 * name differs only in case (vfat).
 */
export async function isFolder(
  fileSystem: Pick<FileSystem, 'stat'>,
  path: string,
  { realPath, device, inode }: FolderIdentity,
): Promise<boolean> {
  if (path === realPath) return true;
  try {
    const stat = await fileSystem.stat(path, { bigint: true });
    return stat.dev === device && stat.ino === inode;
  } catch {
    return false; // the folder is gone, and the file with it
  }
}
