import { type FileSystem, realFileSystem } from '../../src/core/file-system.js';

const done = (): Promise<void> => Promise.resolve();

/**
 * The real file system without waiting for the disk itself: a sync is answered at once. For tests in which no power is cut,
 * and which write so many files that a busy disk would be all that they wait for. Faults of a sync can be put over it.
 */
export const UNSYNCED_DISK: FileSystem = {
  ...realFileSystem,
  open: async (...args: Parameters<FileSystem['open']>) =>
    Object.assign(await realFileSystem.open(...args), { sync: done, datasync: done }),
};
