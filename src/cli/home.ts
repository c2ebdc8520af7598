import { mkdtemp } from 'node:fs/promises';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '../core/clock.js';
import { errnoOf, messageOf } from '../core/errors.js';
import { realFileSystem } from '../core/file-system.js';
import { makeFolders } from '../core/make-folders.js';
import { makePrivateFolder, userTemporaryFolder } from '../core/private-folder.js';
import { TIMED_OUT, within } from '../core/within.js';

/** A user's own places. A user may have no home, or one that cannot be written; nothing here throws because of that. */

/** A home on a network that does not answer counts as one that cannot be used. */
const ANSWER_LIMIT_MS = 1000;

/** Makes this private folder (0700) where it is missing. Resolves with why it cannot be used, or `undefined` if it can. */
export async function whyUnusable(folder: string): Promise<string | undefined> {
  const use = async (): Promise<string | undefined> => {
    try {
      await makeFolders(realFileSystem, folder, 0o700);
      await realFileSystem.access(folder, constants.W_OK | constants.X_OK);
      return undefined;
    } catch (thrown) {
      return errnoOf(thrown) ?? messageOf(thrown);
    }
  };
  const why = await within(systemClock, ANSWER_LIMIT_MS, use());
  return why === TIMED_OUT ? 'it does not answer' : why;
}

/** Whether this folder exists or can probably be made: its nearest parent that exists may be written. Makes nothing. */
export async function canBeMade(folder: string): Promise<boolean> {
  const look = async (): Promise<boolean> => {
    for (let existing = folder; ; existing = dirname(existing)) {
      try {
        await realFileSystem.access(existing, constants.W_OK | constants.X_OK);
        return true;
      } catch (thrown) {
        if (errnoOf(thrown) !== 'ENOENT' || dirname(existing) === existing) return false;
      }
    }
  };
  return (await within(systemClock, ANSWER_LIMIT_MS, look())) === true;
}

/**
 * A folder under the temporary directory that only this user can enter. Others may plant a name there, so a folder, link or
 * file that is not ours alone is left, and one with a random name is made. Rejects where none can be made.
 */
export async function privateTemporaryFolder(parent?: string): Promise<string> {
  const path = userTemporaryFolder(parent);
  return (await makePrivateFolder(path)) ? path : mkdtemp(`${path}-`);
}
