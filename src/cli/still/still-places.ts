import { constants } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import { realFileSystem } from '../../core/file-system.js';
import { dateAndTime } from '../session-folder.js';

/** Where a still goes, and whether it can: asked before the picture is taken. */

export interface StillPlace {
  /** Absolute path. */
  readonly path: string;
  readonly isReplacing: boolean;
}

export interface StillPlaces {
  /** In the order in which they are tried. */
  readonly places: readonly StillPlace[];
}

/** Why a still cannot go there. */
export interface NoPlace {
  /** A sentence. */
  readonly why: string;
  /** Whether the flags are wrong, and not the disk. */
  readonly isWrongUsage: boolean;
}

/** Pictures of one second. */
const MAX_SAME_SECOND = 100;

/**
 * The places for `--out`: the file, or a new name in the folder; without it a new name in the current folder. A file that is
 * there is replaced only if that was asked for.
 */
export async function placesFor(
  out: string | undefined,
  isForced: boolean,
  now = new Date(),
): Promise<StillPlaces | NoPlace> {
  const path = resolve(out ?? '.');
  const stat = await realFileSystem.stat(path).catch(() => undefined); // missing: it is made
  const isFolder = stat?.isDirectory() === true;
  const folder = isFolder ? path : dirname(path);
  if (!isFolder) {
    const wrong = whyNoFile(path, out ?? '', stat !== undefined, isForced);
    if (wrong !== undefined) return { why: wrong, isWrongUsage: true };
  }
  const unusable = await whyNoFolder(folder);
  if (unusable !== undefined) return { why: unusable, isWrongUsage: false };
  if (!isFolder) return { places: [{ path, isReplacing: isForced }] };
  const stem = join(folder, `still_${dateAndTime(now)}`);
  const copies = Array.from({ length: MAX_SAME_SECOND }, (_, copy) => (copy === 0 ? '' : `_${copy + 1}`));
  return { places: copies.map((copy) => ({ path: `${stem}${copy}.jpg`, isReplacing: false })) };
}

function whyNoFile(path: string, out: string, isThere: boolean, isForced: boolean): string | undefined {
  if (out.endsWith('/')) return `The folder ${path} does not exist. Make it, or name another one with --out.`;
  if (!['.jpg', '.jpeg'].includes(extname(path).toLowerCase())) {
    return `The picture is a JPEG: let the name ${path} end in .jpg, or make a folder of that name.`;
  }
  if (isThere && !isForced) return `${path} is there already. Name another file with --out, or add --force.`;
  return undefined;
}

async function whyNoFolder(folder: string): Promise<string | undefined> {
  try {
    await realFileSystem.access(`${folder}/.`, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (thrown) {
    const errno = errnoOf(thrown) ?? 'unknown';
    const what = errno === 'ENOENT' ? 'does not exist' : `cannot be written (${errno})`;
    return `The folder ${folder} ${what}. Name another file with --out.`;
  }
}
