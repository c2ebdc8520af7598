import type { FileHandle } from 'node:fs/promises';
import type { FileSystem } from '../../core/file-system.js';

/**
 * Whether the mount by which a file was opened is still there. A disk that was unmounted lazily lives on until its last
 * file is closed, but no path leads to it. `null` if the system does not tell (no /proc).
 */
export async function isMounted(
  fileSystem: Pick<FileSystem, 'open'>,
  { fd }: Pick<FileHandle, 'fd'>,
): Promise<boolean | null> {
  try {
    const [ours, mounts] = await Promise.all([
      readText(fileSystem, `/proc/self/fdinfo/${fd}`),
      readText(fileSystem, '/proc/self/mountinfo'),
    ]);
    const id = /^mnt_id:\s*(\d+)$/m.exec(ours)?.[1];
    return id === undefined ? null : mounts.split('\n').some((line) => line.startsWith(`${id} `));
  } catch {
    return null; // the caller can do without
  }
}

async function readText(fileSystem: Pick<FileSystem, 'open'>, path: string): Promise<string> {
  const file = await fileSystem.open(path, 'r');
  try {
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
