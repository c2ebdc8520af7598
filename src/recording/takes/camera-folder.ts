import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { errnoOf, errorWithAdvice, fileError, type CsiCamerasError } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { makeFolder, makeFolders } from '../../core/make-folders.js';
import { MODULE_FOLDER, safeCameraLabel } from './take-paths.js';

/** Folders are readable for owner and group only. The umask may remove more. */
const FOLDER_MODE = 0o750;

/** Errors of the disk or the system. All other errors come from the path and make the session directory invalid. */
const NOT_THE_PATH = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'ENOMEM']);

/** Identifies a folder: by its path without links, and by the device and inode, which survive a rename. */
export interface FolderIdentity {
  readonly realPath: string;
  readonly device: bigint;
  readonly inode: bigint;
}

/** A camera's folder in a session directory. */
export interface CameraFolder {
  /** The absolute path, as it was given. */
  readonly sessionDir: string;
  readonly path: string;
  /** The folder at `path` when it was checked. Another folder may be there by now. */
  readonly identity: FolderIdentity;
  /**
   * Syncs its entry and those of the folders made for it, so that they survive a power cut if the file
   * system allows it.
   */
  sync(): Promise<void>;
  /** Removes the folders made for it that are empty. Never rejects. */
  removeIfEmpty(): Promise<void>;
}

/**
 * Makes `{givenDir}/CSICameras/{camera label}` if it does not exist. Refuses a link in it that leads out of the
 * session directory. Rejects with `invalid_session_dir`, `disk_full` or `io_error`, and then removes what it made.
 */
export async function makeCameraFolder(
  fileSystem: FileSystem,
  givenDir: string,
  cameraLabel: string,
): Promise<CameraFolder> {
  if (!isAbsolute(givenDir) || givenDir.includes('\0')) {
    throw invalidSessionDir(givenDir, 'it is not an absolute path', { operation: 'check' });
  }
  const sessionDir = resolve(givenDir);
  const made: string[] = [];
  const removeIfEmpty = async () => {
    for (const folder of made.toReversed()) {
      // A folder that is not empty, or is already gone, is fine.
      await fileSystem.rmdir(folder).catch(() => undefined);
    }
  };
  try {
    await makeFolders(fileSystem, sessionDir, FOLDER_MODE, made);
    const root = await fileSystem.realpath(sessionDir);
    let path = sessionDir;
    let identity: FolderIdentity = { realPath: root, device: 0n, inode: 0n };
    for (const name of [MODULE_FOLDER, safeCameraLabel(cameraLabel)]) {
      path = join(path, name);
      if (await makeFolder(fileSystem, path, FOLDER_MODE)) made.push(path);
      identity = await refuseOutside(fileSystem, sessionDir, root, path);
    }
    return {
      sessionDir,
      path,
      identity,
      sync: () => syncFolders(fileSystem, [path, ...made.map(dirname)]),
      removeIfEmpty,
    };
  } catch (failure) {
    await removeIfEmpty();
    throw creationError(sessionDir, 'mkdir', sessionDir, failure);
  }
}

/** Makes new names in these folders survive a power cut, where the file system can do that. Never rejects. */
export async function syncFolders(fileSystem: FileSystem, folders: readonly string[]): Promise<void> {
  for (const folder of new Set(folders)) {
    try {
      const handle = await fileSystem.open(folder, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch {
      // Ignored: some file systems cannot sync a folder, and a parent may not be readable. The files matter more.
    }
  }
}

/**
 * Turns a failure to create something under the session directory into an error for the person who chose the directory.
 */
export function creationError(sessionDir: string, operation: string, path: string, failure: unknown): CsiCamerasError {
  const errno = errnoOf(failure);
  const error = fileError(operation, path, failure);
  if (error === failure || errno === undefined || NOT_THE_PATH.has(errno)) return error;
  return invalidSessionDir(
    sessionDir,
    `${operation} failed for ${path} (${errno})`,
    { operation, path, errno },
    failure,
  );
}

function invalidSessionDir(
  sessionDir: string,
  reason: string,
  context: Readonly<Record<string, string>>,
  cause?: unknown,
): CsiCamerasError {
  const shown = sessionDir.replaceAll('\0', '\\0');
  return errorWithAdvice(
    'invalid_session_dir',
    `Cannot record into the session directory ${shown}: ${reason}.`,
    { path: shown, ...context },
    cause,
  );
}

/** The error for a file or folder made at `path` that is really at `real`, outside the session directory. */
export function leadsOut(sessionDir: string, path: string, real: string): CsiCamerasError {
  return invalidSessionDir(sessionDir, `${path} leads out of it, to ${real}`, { operation: 'realpath', path });
}

/** The folder that is at `path` now. Rejects with the system's error. */
export async function identifyFolder(fileSystem: FileSystem, path: string): Promise<FolderIdentity> {
  const [realPath, stat] = await Promise.all([fileSystem.realpath(path), fileSystem.stat(path, { bigint: true })]);
  return { realPath, device: stat.dev, inode: stat.ino };
}

async function refuseOutside(
  fileSystem: FileSystem,
  sessionDir: string,
  root: string,
  path: string,
): Promise<FolderIdentity> {
  const real = await fileSystem.realpath(path);
  const way = relative(root, real);
  if (way === '' || way === '..' || way.startsWith(`..${sep}`)) {
    throw leadsOut(sessionDir, path, real);
  }
  const stat = await fileSystem.stat(path, { bigint: true });
  if (!stat.isDirectory()) {
    throw invalidSessionDir(sessionDir, `${path} is not a folder`, { operation: 'stat', path });
  }
  return { realPath: real, device: stat.dev, inode: stat.ino };
}
