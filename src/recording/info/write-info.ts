import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CsiCamerasError, errnoOf, fileError } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import type { SyncPolicy } from '../avi/avi-file.js';
import { type FolderIdentity, syncFolders } from '../takes/camera-folder.js';
import { discardNewFile, FILE_MODE, isFolder } from '../takes/new-file.js';
import { infoPathOf } from '../takes/take-paths.js';
import { presentPath } from '../takes/whereabouts.js';
import type { InfoFile } from './info-file.js';
import { infoText } from './info-text.js';

/** What `link` says where the file system has no hard links: vfat, exfat, some network and FUSE file systems. */
const NO_LINKS = new Set(['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EINVAL']);

/** Where an info file is to be. */
export interface InfoPlace {
  /** Where the video is by now, absolute. The info file is written beside it. */
  readonly videoPath: string;
  /** The folder that holds it (`identifyFolder`). Nothing is written into another one that has its name by now. */
  readonly folder: FolderIdentity;
  readonly sync: SyncPolicy;
}

/**
 * Path of the unfinished info file of a video. Its name begins with a dot and ends like no file of a take, so that nobody
 * takes it for one. It belongs to one video, so the next attempt for that video removes what a dead process left.
 */
export function unfinishedInfoPathOf(videoPath: string): string {
  return join(dirname(videoPath), `.${basename(infoPathOf(videoPath))}.tmp`);
}

/**
 * Writes the info file of a take beside its video: whole under another name, then synced (unless the policy is `never`), then
 * linked to its name. So it is there completely or not at all, follows no link and overwrites nothing. Where the file system
 * has no hard links the name is created exclusively and then filled: a power cut at that moment may leave half a file there,
 * which no reader of JSON takes for a whole one. Resolves with the path. Rejects with `CsiCamerasError`, and then leaves
 * nothing. The caller makes a warning of it: no recording fails because of it.
 */
export async function writeInfo(fileSystem: FileSystem, place: InfoPlace, info: InfoFile): Promise<string> {
  const path = infoPathOf(place.videoPath);
  const unfinished = unfinishedInfoPathOf(place.videoPath);
  const text = infoText(info);
  try {
    await fileSystem.rm(unfinished, { force: true });
    await createAndFill(fileSystem, place, unfinished, text);
    try {
      await nameIt(fileSystem, place, unfinished, path, text);
    } finally {
      await fileSystem.rm(unfinished, { force: true }).catch(() => undefined); // the next attempt removes it
    }
  } catch (failure) {
    throw infoError(path, failure);
  }
  if (place.sync !== 'never') await syncFolders(fileSystem, [dirname(path)]);
  return path;
}

async function nameIt(
  fileSystem: FileSystem,
  place: InfoPlace,
  unfinished: string,
  path: string,
  text: string,
): Promise<void> {
  try {
    await fileSystem.link(unfinished, path);
  } catch (failure) {
    if (!NO_LINKS.has(errnoOf(failure) ?? '')) throw failure;
    await createAndFill(fileSystem, place, path, text);
  }
}

/** Makes a new file with that text. Leaves none if it rejects. */
async function createAndFill(
  fileSystem: FileSystem,
  { folder, sync }: InfoPlace,
  path: string,
  text: string,
): Promise<void> {
  const file = await fileSystem.open(path, 'wx', FILE_MODE); // O_EXCL: follows no link, overwrites nothing
  try {
    await refuseElsewhere(fileSystem, file, path, folder);
    await file.writeFile(text);
    if (sync !== 'never') await file.datasync();
  } catch (failure) {
    await discardNewFile(fileSystem, path, file);
    throw failure;
  }
  await file.close();
}

/** Somebody may have replaced the folder, or a folder above it, since the video was found there. */
async function refuseElsewhere(
  fileSystem: FileSystem,
  file: FileHandle,
  path: string,
  folder: FolderIdentity,
): Promise<void> {
  const real = await presentPath(fileSystem, file);
  if (real === null || (await isFolder(fileSystem, dirname(real), folder))) return;
  throw new CsiCamerasError('io_error', `${path} leads elsewhere by now, to ${real}.`, { operation: 'open', path });
}

function infoError(path: string, failure: unknown): CsiCamerasError {
  if (errnoOf(failure) !== 'EEXIST') return fileError('write', path, failure);
  const message = `${path} is there already, and nothing is overwritten.`;
  return new CsiCamerasError('io_error', message, { operation: 'link', path, errno: 'EEXIST' }, { cause: failure });
}
