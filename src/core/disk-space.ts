import { dirname } from 'node:path';
import { errnoOf, fileError } from './errors.js';
import type { FileSystem } from './file-system.js';

/** Reads the free disk space: bytes that an unprivileged user may still write. */
export interface DiskSpace {
  /**
   * Of the disk that holds `folder` (an absolute path; it need not exist yet). `null` if the file system does not count
   * its space. A stuck disk may never answer. Rejects with `io_error`.
   */
  freeBytes(folder: string): Promise<bigint | null>;
  /**
   * Of the disk that holds an open file, wherever its path leads by now: a disk that was unmounted lazily or mounted
   * over is still the one that is written to. `null` also if the system has no /proc. Rejects with `io_error`.
   */
  freeBytesOfOpen(file: OpenFile): Promise<bigint | null>;
}

/** A file that this process holds open. */
export interface OpenFile {
  readonly fd: number;
}

/** Reads the free space with statfs. */
export class FileDiskSpace implements DiskSpace {
  constructor(private readonly fileSystem: Pick<FileSystem, 'statfs'>) {}

  async freeBytes(folder: string): Promise<bigint | null> {
    for (let existing = folder; ; existing = dirname(existing)) {
      try {
        return await this.#ask(existing);
      } catch (failure) {
        // The folder does not exist yet; it will be created on the disk of its nearest existing parent. (Below a
        // file, creation fails later and reports it.)
        if (!isMissing(failure) || dirname(existing) === existing) throw fileError('statfs', existing, failure);
      }
    }
  }

  async freeBytesOfOpen({ fd }: OpenFile): Promise<bigint | null> {
    const path = `/proc/self/fd/${fd}`;
    try {
      return await this.#ask(path);
    } catch (failure) {
      if (isMissing(failure)) return null;
      throw fileError('statfs', path, failure);
    }
  }

  async #ask(path: string): Promise<bigint | null> {
    const { bavail, blocks, bsize } = await this.fileSystem.statfs(path, { bigint: true });
    // A tmpfs without a limit and /proc count no blocks at all: that does not mean that they are full.
    return blocks === 0n && bavail === 0n ? null : bavail * bsize;
  }
}

function isMissing(failure: unknown): boolean {
  const errno = errnoOf(failure);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}
