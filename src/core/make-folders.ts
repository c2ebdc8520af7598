import { dirname } from 'node:path';
import { errnoOf } from './errors.js';
import type { FileSystem } from './file-system.js';

type Making = Pick<FileSystem, 'mkdir'>;

/**
 * Makes the folder at the absolute path `path` and what leads to it; `made` gets what had to be made, outermost first, also
 * where a later one fails. Rejects with the error of the `mkdir` that failed.
 *
 * Not Node's own recursive mkdir: it says ENOENT where the disk is read-only, and where the kernel says ENOENT whatever
 * exists (/proc) it tries again for ever and keeps a core busy (Node 20).
 */
export async function makeFolders(fileSystem: Making, path: string, mode: number, made: string[] = []): Promise<void> {
  try {
    if (await makeFolder(fileSystem, path, mode)) made.push(path);
  } catch (failure) {
    if (errnoOf(failure) !== 'ENOENT' || dirname(path) === path) throw failure;
    await makeFolders(fileSystem, dirname(path), mode, made);
    if (await makeFolder(fileSystem, path, mode)) made.push(path);
  }
}

/** Whether it had to be made. What is there already may be a file: what follows finds out. */
export async function makeFolder(fileSystem: Making, path: string, mode: number): Promise<boolean> {
  try {
    await fileSystem.mkdir(path, { mode });
    return true;
  } catch (failure) {
    if (errnoOf(failure) === 'EEXIST') return false;
    throw failure;
  }
}
