import { lstat, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import type { HostTree } from './host-tree.js';
import { recordIn } from './drop-in.js';
import { MODULE } from './host-tree.js';
import { Refusal } from './refusal.js';

/** How one folder takes the place of another: whole, by renames, and what was there stays until the new one is in place. */

/** Of the host's folder, and of one of ours in which somebody has worked. Numbers follow. */
export const KEPT = { before: `${MODULE}.before-csi-cameras`, edited: `${MODULE}.edited` } as const;
const MOST_KEPT = 99;
const DRAFT = `.${MODULE}-`;

/** A folder beside `modules` in which the new one is made. The host does not look there. */
export async function draftIn({ root }: HostTree): Promise<string> {
  return mkdtemp(join(root, DRAFT));
}

/**
 * The module as an exchange that was cut off has left it, where nothing is in its place: the old one, or a new one that was
 * written whole. Both have the settings of the old one. The last one of several.
 */
export async function leftBehind({ root, place }: HostTree): Promise<string | undefined> {
  if (await exists(place)) return undefined;
  const found: { readonly path: string; readonly changedMs: number }[] = [];
  for (const name of await readdir(root)) {
    const path = join(root, name);
    // Its record is what is written last into a folder.
    if (name.startsWith(DRAFT) && (await recordIn(path)) !== null)
      found.push({ path, changedMs: (await lstat(path)).ctimeMs });
  }
  return found.toSorted((one, other) => one.changedMs - other.changedMs).at(-1)?.path;
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
    if (to !== null) await takeBack(to, place);
    throw thrown;
  }
}

async function takeBack(from: string, place: string): Promise<void> {
  try {
    await rename(from, place);
  } catch (thrown) {
    throw new Refusal(
      `The module was moved to ${from}, and could not be moved back (${errnoOf(thrown)}). Move it to ${place}, if that is not there.`,
    );
  }
}

/** Removes a draft that nothing was put into. What has something in it stays. */
export async function discardEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch(() => {}); // somebody's only copy may lie in it
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
