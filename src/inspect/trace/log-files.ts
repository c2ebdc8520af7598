import { open, readdir, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

/** One log with its backups, opened so that a rotation meanwhile neither hides a line nor shows one twice. */

export interface OpenLog {
  readonly file: FileHandle;
  /** Tells files apart whatever they are called by now. */
  readonly inode: bigint;
}

/** More backups than any log has. */
const MAX_BACKUPS = 99;

/** The files of a log that can be read, the oldest first. None where there is no such log. The caller closes them. */
export async function openLogs(directory: string, name: string): Promise<OpenLog[]> {
  const numbers = (await readdir(directory))
    .filter((entry) => entry.startsWith(`${name}.`) && /^[1-9]\d?$/.test(entry.slice(name.length + 1)))
    .map((entry) => Number(entry.slice(name.length + 1)))
    .filter((number) => number <= MAX_BACKUPS);
  // A rotation lets each file grow one number older. So the newest is opened first: none slips past unseen, and one that is
  // met again under its new name is known by its inode. One number more, for what moved on since the listing.
  const most = Math.max(0, ...numbers) + 1;
  const opened: OpenLog[] = [];
  for (let number = 0; number <= most; number += 1) {
    const log = await openLog(join(directory, number === 0 ? name : `${name}.${number}`));
    if (log === undefined) continue;
    if (opened.some(({ inode }) => inode === log.inode)) await log.file.close();
    else opened.push(log);
  }
  return opened.toReversed();
}

async function openLog(path: string): Promise<OpenLog | undefined> {
  try {
    const file = await open(path, 'r');
    const stat = await file.stat({ bigint: true });
    if (stat.isFile()) return { file, inode: stat.ino };
    await file.close();
  } catch {
    // It is not there, or not for this user: the caller says where no log at all can be read.
  }
  return undefined;
}
