import { type FileSystem, realFileSystem } from '../../src/core/file-system.js';

const missing = (operation: string): Promise<never> =>
  Promise.reject(Object.assign(new Error(`ENOENT: ${operation} on a forgetful disk`), { code: 'ENOENT' }));
const done = (): Promise<void> => Promise.resolve();

const FILE = { writeFile: done, sync: done, close: done };

/**
 * A disk that takes every new file and then has none. It answers at once, also where a clock is turned by hand. For a module
 * whose files are of no interest.
 */
export const FORGETFUL_DISK = {
  ...Object.fromEntries(Object.keys(realFileSystem).map((operation) => [operation, () => missing(operation)])),
  mkdir: done,
  open: (_: string, flags: unknown) => (flags === 'wx' ? Promise.resolve(FILE) : missing('open')),
  rename: done,
  readdir: () => Promise.resolve([]),
  unlink: done,
} as unknown as FileSystem;
