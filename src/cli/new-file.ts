import type { FileHandle } from 'node:fs/promises';
import { errnoOf } from '../core/errors.js';
import type { FileSystem } from '../core/file-system.js';

/** A new file for what a command makes of recordings. It is never laid over another one. */

const FILE_MODE = 0o640;
/** A folder with so many of them is no place for one more. */
const MAX_SAME_NAME = 1000;

export interface NewFile {
  readonly path: string;
  readonly handle: FileHandle;
}

/** `nameOf`: the path for each attempt, from 1. Rejects with Node's error, `EEXIST` where all names are in use. */
export async function openNewFile(
  fileSystem: Pick<FileSystem, 'open'>,
  nameOf: (attempt: number) => string,
  attempts = MAX_SAME_NAME,
): Promise<NewFile> {
  for (let attempt = 1; ; attempt += 1) {
    const path = nameOf(attempt);
    try {
      return { path, handle: await fileSystem.open(path, 'wx', FILE_MODE) };
    } catch (failure) {
      if (errnoOf(failure) !== 'EEXIST' || attempt >= attempts) throw failure;
    }
  }
}
