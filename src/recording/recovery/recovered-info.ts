import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemClock } from '../../core/clock.js';
import type { FileSystem } from '../../core/file-system.js';
import type { SyncPolicy } from '../avi/avi-file.js';
import { readMachine } from '../info/machine-facts.js';
import { writeInfo } from '../info/write-info.js';
import { identifyFolder } from '../takes/camera-folder.js';
import { infoOfClosed } from './info-of-closed.js';

/** The info files of takes that were closed because their owner died. */

export type Whose = 'process' | 'thread';
export type Open = (path: string, flags: number) => Promise<FileHandle>;

/** A take that was just closed. Its files of rows are still open. */
interface JustClosed {
  readonly videoPath: string;
  readonly timing: FileHandle;
  /** If it has one of its own. */
  readonly metadata: FileHandle | null;
  readonly whose: Whose;
}

/** Writes the info file. Resolves with its path. Rejects with `NotAsWritten`, or with the disk's error. */
export async function writeRecoveredInfo(
  { fileSystem, sync }: { readonly fileSystem: FileSystem; readonly sync: SyncPolicy },
  { whose, ...take }: JustClosed,
  open: Open,
): Promise<string> {
  const { videoPath } = take;
  const folder = await identifyFolder(fileSystem, dirname(videoPath));
  const video = await open(videoPath, constants.O_RDONLY);
  // A thread of this process died in this boot. Whether another process did is told by 16 bits of a hash alone.
  const boot = whose === 'thread' ? (await readMachine(fileSystem)).boot : null;
  const info = await infoOfClosed({ ...take, folder, video, boot });
  return writeInfo(fileSystem, { videoPath, folder, sync }, info);
}

/** As `unfinishedInfoPathOf` makes it. */
const UNFINISHED_NAME = /^\..+_info\.json\.tmp$/;
/** A younger one may be another process's, which is about to give it its name: after milliseconds, or a slow disk's sync. */
const LEFT_AFTER_MS = 60_000;

/** Removes what a process left that died while it wrote an info file. `names`: what is in the folder. Never rejects. */
export async function removeUnfinished(
  fileSystem: FileSystem,
  folder: string,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    if (!UNFINISHED_NAME.test(name)) continue;
    const path = join(folder, name);
    try {
      const file = await fileSystem.lstat(path);
      const isLeft = file.isFile() && systemClock.wallMs() - file.mtimeMs > LEFT_AFTER_MS;
      if (isLeft) await fileSystem.rm(path, { force: true });
    } catch {
      // It is gone, or it stays: nobody takes it for an info file, and it keeps nothing from its name.
    }
  }
}
