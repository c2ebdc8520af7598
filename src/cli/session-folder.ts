import { constants } from 'node:fs';
import { join, resolve } from 'node:path';
import { errnoOf, messageOf } from '../core/errors.js';
import { realFileSystem } from '../core/file-system.js';
import { makeFolders } from '../core/make-folders.js';
import { homeFolder } from '../core/private-folder.js';
import { canBeMade } from './home.js';

/** Session directories that nobody named, and whether one can be used. The recording itself makes them. */

/** For example `session_20260106_143052`, in local time. */
export function sessionName(now = new Date()): string {
  return `session_${dateAndTime(now)}`;
}

/** `20260106_143052`, in local time. */
export function dateAndTime(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${day}_${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/**
 * The session directory of `--record`: the output directory, else a new folder in `~/recordings`, else (no home, or one that
 * cannot be written) in `recordings` under the current directory. Absolute. Never in the temporary directory, which a
 * reboot empties.
 */
export async function recordingFolder(
  outputDir: string | undefined,
  readHome: () => string | undefined = homeFolder,
): Promise<string> {
  if (outputDir !== undefined && outputDir !== '') return resolve(outputDir);
  const home = readHome();
  const usual = home === undefined ? undefined : join(home, 'recordings', sessionName());
  if (usual !== undefined && (await canBeMade(usual))) return usual;
  return resolve('recordings', sessionName());
}

/**
 * Why nothing can be recorded into this directory, as a sentence, or `undefined` if it can. What it makes to find out it
 * removes again, because the recording has to make it, and to sync its parents.
 */
export async function whyNoSession(path: string): Promise<string | undefined> {
  const cannot = (what: string, thrown: unknown): string =>
    `The session directory ${path} cannot be ${what} (${reasonOf(thrown)}). Name another one with --out.`;
  const existing = await realFileSystem.stat(path).catch(() => undefined); // missing: it is made below
  if (existing !== undefined && !existing.isDirectory()) {
    return `The session directory ${path} is not a directory. Name one with --out.`;
  }
  const made: string[] = [];
  try {
    await makeFolders(realFileSystem, path, 0o750, made);
    await realFileSystem.access(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (thrown) {
    return cannot(existing === undefined ? 'made' : 'written', thrown);
  } finally {
    // Ignored: another process uses it by now.
    for (const folder of made.toReversed()) await realFileSystem.rmdir(folder).catch(() => undefined);
  }
}

/** For example "EROFS: read-only file system". */
function reasonOf(thrown: unknown): string {
  return errnoOf(thrown) === undefined ? messageOf(thrown) : messageOf(thrown).replace(/, .*$/s, '');
}
