import { dirname } from 'node:path';
import { errnoOf, fileError } from './errors.js';
import type { FileSystem } from './file-system.js';

/** Says how much room there is. */
export interface DiskSpace {
  /**
   * Bytes that a user without privileges may still write where `folder` (absolute) lies or would be made. A disk that is
   * stuck may never answer. Rejects with `io_error`.
   */
  freeBytes(folder: string): Promise<bigint>;
}

/** The free space by statfs. */
export class FileDiskSpace implements DiskSpace {
  constructor(private readonly fileSystem: Pick<FileSystem, 'statfs'>) {}

  async freeBytes(folder: string): Promise<bigint> {
    for (let existing = folder; ; existing = dirname(existing)) {
      try {
        const { bavail, bsize } = await this.fileSystem.statfs(existing, { bigint: true });
        return bavail * bsize;
      } catch (failure) {
        // Not made yet: it will be where its nearest existing parent is. (Below a file it cannot be made; creation says so.)
        const errno = errnoOf(failure);
        const isMissing = errno === 'ENOENT' || errno === 'ENOTDIR';
        if (!isMissing || dirname(existing) === existing) throw fileError('statfs', existing, failure);
      }
    }
  }
}
