import { constants, existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { userTemporaryFolder } from '../core/private-folder.js';

/**
 * The folder for what one start tells the next: notes on capture processes, and the cameras that the tool listed.
 * Others may not write to it (`makePrivateFolder`): they could name processes for us to kill.
 */

/**
 * The default folder. Only this user has access, and a reboot empties it where the system offers such a place. The variable
 * may name a folder that is not there: `su` and `sudo -E` pass it on, and it goes with the last log-off.
 */
export function noteFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const runtime = environment['XDG_RUNTIME_DIR'] ?? '';
  if (isAbsolute(runtime) && existsSync(runtime)) return join(runtime, 'csi-cameras');
  return userTemporaryFolder();
}

/** The value in a JSON file of ours; `undefined` if it is missing, a link, no plain file, too large, or not JSON. */
export async function readSmallJson(path: string, maxBytes: number): Promise<unknown> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile() || stat.size > maxBytes) return undefined;
      return JSON.parse(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  } catch {
    return undefined; // whoever reads does without the file
  }
}

/** The fields of an object that was read from a file; none if it is not an object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
