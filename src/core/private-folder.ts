import type { Stats } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * A user's own folders. A user may have no home; nothing here throws because of that. Others may plant a name under the
 * temporary directory, so a folder there is checked.
 */

/** The home directory, or `undefined` where the user has none. (Node throws for a user whom the system does not know.) */
export function homeFolder(read: () => string = homedir): string | undefined {
  try {
    const home = read();
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined; // the system does not know the user; what needs a home says so
  }
}

/** Where programs keep state (XDG Base Directory Specification); `undefined` for a user without a home. */
export function stateHome(home: () => string | undefined = homeFolder): string | undefined {
  const fromEnvironment = process.env['XDG_STATE_HOME'] ?? '';
  // The specification says to ignore relative paths.
  if (isAbsolute(fromEnvironment)) return fromEnvironment;
  const found = home();
  return found === undefined ? undefined : join(found, '.local', 'state');
}

/** This user's folder under the temporary directory. It need not exist, and it may be somebody else's. */
export function userTemporaryFolder(parent = tmpdir()): string {
  return join(parent, `csi-cameras-${process.getuid?.() ?? 'user'}`);
}

/**
 * Makes the folder if it is missing. Resolves with whether it is a folder of this user alone, and no link; rejects if it
 * cannot be made.
 */
export async function makePrivateFolder(folder: string): Promise<boolean> {
  await mkdir(folder, { mode: 0o700 }).catch(() => {}); // it exists already, or `lstat` tells what is wrong
  return isOfThisUserAlone(await lstat(folder));
}

/** Whether there is such a folder, of this user alone and no link. Makes nothing, and never rejects. */
export async function isPrivateFolder(folder: string): Promise<boolean> {
  const stat = await lstat(folder).catch(() => undefined); // missing
  return stat !== undefined && isOfThisUserAlone(stat);
}

function isOfThisUserAlone(stat: Stats): boolean {
  return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
}
