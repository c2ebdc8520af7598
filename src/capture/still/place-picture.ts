import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { errnoOf, fileError } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';

/** Pictures show people, so not everybody on the machine may read them. */
const FILE_MODE = 0o640;

/** Where a picture goes. */
export interface PicturePlace {
  readonly path: string;
  /** Whether a file of this name is replaced. It stays as it is until the new one is whole on the disk. */
  readonly isReplacing: boolean;
}

/**
 * Writes a whole picture to its place. Resolves with `false` if the name is in use and nothing may be replaced. Rejects with
 * `disk_full` or `io_error`. Then, and after `false`, it leaves nothing. The place may lie on any file system.
 */
export async function placePicture(fileSystem: FileSystem, place: PicturePlace, bytes: Buffer): Promise<boolean> {
  const { path, isReplacing } = place;
  // Beside it, because only within one file system a rename puts the whole file in the place of another at once. The name is
  // short, because the other may be as long as a name can be, and in use by nobody, also if a power cut left one behind.
  const beside = join(dirname(path), `.csi-cameras-${randomUUID()}.part`);
  const written = isReplacing ? beside : path;
  if (!(await writeNew(fileSystem, written, bytes))) return false;
  if (!isReplacing) return true;
  try {
    await fileSystem.rename(beside, path);
    return true;
  } catch (thrown) {
    await discard(fileSystem, beside);
    throw fileError('put the picture in place', path, thrown);
  }
}

async function writeNew(fileSystem: FileSystem, path: string, bytes: Buffer): Promise<boolean> {
  let file;
  try {
    file = await fileSystem.open(path, 'wx', FILE_MODE); // O_EXCL: follows no link, overwrites nothing
  } catch (thrown) {
    if (errnoOf(thrown) === 'EEXIST') return false;
    throw fileError('make the picture', path, thrown);
  }
  try {
    await file.writeFile(bytes);
    await file.sync();
    await file.close();
    return true;
  } catch (thrown) {
    await file.close().catch(() => undefined); // the first failure is told
    await discard(fileSystem, path);
    throw fileError('write the picture', path, thrown);
  }
}

/** Half a picture is useless. */
async function discard(fileSystem: FileSystem, path: string): Promise<void> {
  await fileSystem.rm(path, { force: true }).catch(() => undefined); // the failure before it is told
}
