import { dirname } from 'node:path';
import { errnoOf, fileError } from './errors.js';
import type { FileSystem } from './file-system.js';

/** Reads the free disk space. */
export interface DiskSpace {
  /**
   * Bytes that an unprivileged user may still write on the disk that holds `folder` (an absolute path; it need not
   * exist yet). A stuck disk may never answer. Rejects with `io_error`.
   */
  freeBytes(folder: string): Promise<bigint>;
}

/** Reads the free space with statfs. */
export class FileDiskSpace implements DiskSpace {
  constructor(private readonly fileSystem: Pick<FileSystem, 'statfs'>) {}

  async freeBytes(folder: string): Promise<bigint> {
    for (let existing = folder; ; existing = dirname(existing)) {
      try {
        const { bavail, bsize } = await this.fileSystem.statfs(existing, { bigint: true });
        return bavail * bsize;
      } catch (failure) {
        // The folder does not exist yet; it will be created on the disk of its nearest existing parent. (Below a
        // file, creation fails later and reports it.)
        const errno = errnoOf(failure);
        const isMissing = errno === 'ENOENT' || errno === 'ENOTDIR';
        if (!isMissing || dirname(existing) === existing) throw fileError('statfs', existing, failure);
      }
    }
  }
}
