import { lstat, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import type { HostTree } from './host-tree.js';
import { MODULE } from './host-tree.js';

/** How one folder takes the place of another: whole, by renames, and what was there stays until the new one is in place. */

/** Of the host's folder, and of one of ours in which somebody has worked. Numbers follow. */
export const KEPT = { before: `${MODULE}.before-csi-cameras`, edited: `${MODULE}.edited` } as const;
const MOST_KEPT = 99;

/** A folder beside `modules` in which the new one is made. The host does not look there. */
export async function draftIn({ root }: HostTree): Promise<string> {
  return mkdtemp(join(root, `.${MODULE}-`));
}

/** The first name that nothing has yet. */
export async function freeName({ root }: HostTree, name: string): Promise<string> {
  for (const path of namesOf(root, name)) if (!(await exists(path))) return path;
  throw new Error(`${root} has ${MOST_KEPT} folders ${name}`);
}

/** The one that was kept last, or `undefined`. */
export async function lastKept({ root }: HostTree, name: string): Promise<string | undefined> {
  let last: string | undefined;
  for (const path of namesOf(root, name)) if (await exists(path)) last = path;
  return last;
}

/**
 * Moves what is in the place to `to`, and the new folder into the place. Where the second fails, the first is taken back.
 * `from` is `null` where nothing is to come.
 */
export async function exchange({ place }: HostTree, from: string | null, to: string | null): Promise<void> {
  if (to !== null) await rename(place, to);
  if (from === null) return;
  try {
    await rename(from, place);
  } catch (thrown) {
    if (to !== null) await rename(to, place);
    throw thrown;
  }
}

/** Removes a draft, or an old folder of ours that nobody has edited. Resolves with whether it is gone. */
export async function discard(folder: string): Promise<boolean> {
  try {
    await rm(folder, { recursive: true, force: true });
    return true;
  } catch {
    return false; // a host of another user may have left files of Python in it
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

function namesOf(root: string, name: string): string[] {
  return Array.from({ length: MOST_KEPT }, (_, index) => join(root, index === 0 ? name : `${name}-${index + 1}`));
}
