import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that only this user can enter. Others may plant a name under the temporary directory, so it is checked. */

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
  const stat = await lstat(folder);
  return stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
}
