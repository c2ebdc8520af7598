import * as fs from 'node:fs/promises';

/**
 * The file operations that the module performs, with the signatures of `node:fs/promises` (the real implementation).
 * Tests replace it with one that fails or is slow. Nothing outside this type touches the disk.
 */
export type FileSystem = Pick<
  typeof fs,
  | 'access'
  | 'chmod'
  | 'link'
  | 'lstat'
  | 'mkdir'
  | 'open'
  | 'readdir'
  | 'readlink'
  | 'realpath'
  | 'rename'
  | 'rm'
  | 'rmdir'
  | 'stat'
  | 'statfs'
  | 'unlink'
>;

export const realFileSystem: FileSystem = fs;
