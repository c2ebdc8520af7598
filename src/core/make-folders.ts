import { dirname } from 'node:path';
import { errnoOf } from './errors.js';
import type { FileSystem } from './file-system.js';

type Making = Pick<FileSystem, 'mkdir'>;

/**
 * Creates the folder at the absolute path `path` and its missing parents. `made` receives every folder that was
 * created, outermost first, even if a later one fails. Rejects with the error of the `mkdir` that failed.
 *
 * Node's recursive mkdir is not used, because it reports ENOENT on a read-only disk. Where the kernel answers ENOENT
 * no matter what exists (/proc), it retries for ever and keeps a core busy (Node 20).
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

/**
 * Returns whether the folder was created. An existing entry may be a file; the operation that follows will find out.
 */
export async function makeFolder(fileSystem: Making, path: string, mode: number): Promise<boolean> {
  try {
    await fileSystem.mkdir(path, { mode });
    return true;
  } catch (failure) {
    if (errnoOf(failure) === 'EEXIST') return false;
    throw failure;
  }
}
