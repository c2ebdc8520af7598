import { dirname, join } from 'node:path';
import { errnoOf, messageOf } from '../../core/errors.js';
import type { FileSystem } from '../../core/file-system.js';
import { isUntouched } from './unit-text.js';

/** The unit's file: written in one step, and never over what somebody else has written. */

/** Everybody may read it: there is no secret in it. */
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

export type Written = 'new' | 'replaced' | 'as it was';

/** Why it was not done, as a sentence. */
export class UnitFileTrouble extends Error {
  override readonly name = 'UnitFileTrouble';
}

export interface UnitPlace {
  readonly fileSystem: Pick<FileSystem, 'lstat' | 'mkdir' | 'open' | 'rename' | 'rm'>;
  readonly path: string;
  /** Also where somebody has changed it. */
  readonly isForced: boolean;
}

/** Rejects with a `UnitFileTrouble`. */
export async function writeUnit(place: UnitPlace, text: string): Promise<Written> {
  const { fileSystem, path } = place;
  const before = await presentUnit(place);
  if (before === text) return 'as it was';
  if (before !== undefined) refuseChanged(place, before, 'replaces');
  // systemd reads no file of such a name.
  const temporary = join(dirname(path), `.csi-cameras-${process.pid}.tmp`);
  try {
    await fileSystem.mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
    await fileSystem.rm(temporary, { force: true }); // of a process that had this number and died
    const handle = await fileSystem.open(temporary, 'wx', FILE_MODE);
    try {
      await handle.writeFile(text);
      await handle.chmod(FILE_MODE); // whatever the umask is
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fileSystem.rename(temporary, path);
  } catch (thrown) {
    await fileSystem.rm(temporary, { force: true }).catch(() => {}); // the first failure counts
    throw troubleOf(thrown, path, 'written');
  }
  return before === undefined ? 'new' : 'replaced';
}

/** Rejects with a `UnitFileTrouble`, also where there is none. */
export async function removeUnit(place: UnitPlace): Promise<void> {
  const { fileSystem, path } = place;
  const before = await presentUnit(place);
  if (before === undefined) throw new UnitFileTrouble(`There is no ${path}: nothing was removed.`);
  refuseChanged(place, before, 'removes');
  try {
    await fileSystem.rm(path);
  } catch (thrown) {
    throw troubleOf(thrown, path, 'removed');
  }
}

function refuseChanged({ path, isForced }: UnitPlace, text: string, does: string): void {
  if (isForced || isUntouched(text)) return;
  throw new UnitFileTrouble(`${path} was changed by somebody, and stays as it is. --force ${does} it all the same.`);
}

async function presentUnit({ fileSystem, path }: UnitPlace): Promise<string | undefined> {
  try {
    const stat = await fileSystem.lstat(path);
    // A unit that was masked is a link to /dev/null.
    if (!stat.isFile()) throw new UnitFileTrouble(`${path} is not a file. Remove it first (systemctl unmask, or rm).`);
    const handle = await fileSystem.open(path, 'r');
    try {
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown instanceof UnitFileTrouble ? thrown : troubleOf(thrown, path, 'read');
  }
}

function troubleOf(thrown: unknown, path: string, what: string): UnitFileTrouble {
  const why = errnoOf(thrown) ?? messageOf(thrown);
  const isForbidden = why === 'EACCES' || why === 'EPERM' || why === 'EROFS';
  const advice = isForbidden ? ' Only root may do that: use sudo, or --user for a service of your own.' : '';
  return new UnitFileTrouble(`${path} cannot be ${what} (${why}).${advice}`);
}
