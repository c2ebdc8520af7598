import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { truncate, mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { holdRecordings } from './recordings-held.js';

const run = promisify(execFile);

/** A real file system (ext4 in a file) that hangs on request: writes and syncs wait in the kernel, reads are answered. */
export interface FrozenDisk {
  readonly path: string;
  /** From now on nothing is written. A process that waits for it cannot be killed until `thaw`. */
  freeze(): Promise<void>;
  /** May be called twice. */
  thaw(): Promise<void>;
  /** Thaws it first. May be called twice. */
  remove(): Promise<void>;
}

/** `size` in bytes. Needs root, a loop device and e2fsprogs. */
export async function frozenDisk(size: number): Promise<FrozenDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'csi-cameras-frozen-'));
  const [image, path] = [join(folder, 'image'), join(folder, 'disk')];
  await mkdir(path);
  await writeFile(image, '');
  await truncate(image, size);
  await run('mkfs.ext4', ['-q', '-O', '^has_journal', image]);
  await run('mount', ['-o', 'loop', image, path]);
  let isFrozen = false;
  let isMounted = true;
  const thaw = async (): Promise<void> => {
    if (!isFrozen) return;
    isFrozen = false;
    await run('fsfreeze', ['--unfreeze', path]);
  };
  return {
    path,
    freeze: async () => {
      await run('fsfreeze', ['--freeze', path]);
      isFrozen = true;
    },
    thaw,
    remove: async () => {
      await thaw();
      if (isMounted) await holdRecordings(path);
      if (isMounted) await run('umount', ['--lazy', path]);
      isMounted = false;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whether a disk that hangs can be made here. Where none can, says so. */
export const CAN_FREEZE = canFreeze();

function canFreeze(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'csi-cameras-frozen-'));
  const disk = join(folder, 'disk');
  const prepare = 'truncate -s 1M "$1/image" && mkdir "$2" && mkfs.ext4 -q "$1/image" && mount -o loop "$1/image" "$2"';
  const tryIt = 'fsfreeze --freeze "$2" && fsfreeze --unfreeze "$2"; code=$?; umount --lazy "$2"; exit $code';
  try {
    execFileSync('/bin/sh', ['-c', `${prepare} && { ${tryIt}; }`, 'sh', folder, disk], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('SKIPPED: no file system can be frozen here (run as root): a disk that hangs\n');
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
