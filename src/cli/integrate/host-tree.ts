import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from '../../core/errors.js';
import { Refusal } from './refusal.js';

/** Where a host keeps its modules. */

const PACKAGE = 'rpi_logger';
/** The folder's name is fixed in the core of the host, which imports from it. */
export const MODULE = 'Cameras_CSI';

export interface HostTree {
  /**
   * The host's package. What is kept goes here, beside `modules`: whatever lies in `modules` with an entry is a module to
   * the host, and here a rename is still one within a file system.
   */
  readonly root: string;
  readonly modules: string;
  /** The module's folder, whether it is there or not. */
  readonly place: string;
}

/** The tree that a person means: the folder with the package in it, the package, or its `modules`. Throws a `Refusal`. */
export async function hostTreeAt(path: string): Promise<HostTree> {
  const given = await realpath(path).catch((thrown: unknown) => {
    throw new Refusal(
      errnoOf(thrown) === 'ENOENT' ? `${path} does not exist.` : `${path} cannot be read (${errnoOf(thrown)}).`,
    );
  });
  const candidates = [join(given, PACKAGE), given, ...(basename(given) === 'modules' ? [dirname(given)] : [])];
  for (const root of candidates) {
    const modules = join(root, 'modules');
    if ((await isFolder(join(root, 'core'))) && (await hasOtherModules(modules))) {
      return { root, modules, place: join(modules, MODULE) };
    }
  }
  throw new Refusal(
    `${path} is not the folder of an rpi-logger host: there is no ${PACKAGE} in it with core and modules. Name the folder that holds ${PACKAGE}.`,
  );
}

async function isFolder(path: string): Promise<boolean> {
  const stat = await lstat(path).catch(() => undefined); // missing, or nobody may see it
  return stat?.isDirectory() === true;
}

/** By the sign that the host itself goes by: a file `main_*.py` in a folder. */
async function hasOtherModules(modules: string): Promise<boolean> {
  const names = await readdir(modules).catch(() => []); // no folder
  for (const name of names) {
    if (name === MODULE) continue;
    const files = await readdir(join(modules, name)).catch(() => []); // a file
    if (files.some((file) => /^main_.*\.py$/.test(file))) return true;
  }
  return false;
}
