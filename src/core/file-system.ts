import * as fs from 'node:fs/promises';

/**
 * The file operations that the module performs, in the shape of `node:fs/promises` (which is the real one).
 * A seam: tests put a failing or a slow one in its place. Nothing outside this type touches the disk.
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
