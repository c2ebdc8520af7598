import { execFile } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { it } from '@jest/globals';
import { holdRecordings } from './recordings-held.js';

const run = promisify(execFile);

/** A real file system of a few MiB. */
export interface SmallDisk {
  readonly path: string;
  /** New mount options: `ro`, `rw`, `size=64m`. */
  remount(options: string): Promise<void>;
  /** Another path to the same disk, which stays when the disk is unmounted or mounted over. */
  otherPath(): Promise<string>;
  /** Unmounts it while files on it are open (`umount -l`). */
  unmountLazily(): Promise<void>;
  /** Mounts another disk, of 64 KiB, over it. */
  mountOver(): Promise<void>;
  /** May be called twice. */
  remove(): Promise<void>;
}

/** `size` as mount takes it: `6m`. Needs root. */
export async function smallDisk(size: string): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), 'csi-cameras-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'csi-cameras-test', path]);
  const folders = [path];
  const mounted = [path];
  const mountedOver: string[] = [];
  const unmount = async (mount: string): Promise<void> => {
    await run('umount', ['--lazy', mount]);
  };
  return {
    path,
    otherPath: async () => {
      const other = await mkdtemp(join(tmpdir(), 'csi-cameras-disk-'));
      await run('mount', ['--bind', path, other]);
      folders.push(other);
      mounted.push(other);
      return other;
    },
    unmountLazily: async () => {
      await unmount(path);
      mounted.splice(mounted.indexOf(path), 1);
    },
    mountOver: async () => {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'csi-cameras-test', path]);
      mountedOver.push(path);
    },
    remount: async (options) => {
      await run('mount', ['-o', `remount,${options}`, path]);
    },
    remove: async () => {
      if (mountedOver.length === 0) for (const folder of new Set(mounted)) await holdRecordings(folder);
      for (const mount of [...mountedOver.splice(0), ...mounted.splice(0)]) await unmount(mount);
      for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
    },
  };
}

/** Whether a small disk can be mounted here. Where none can, says so. */
export const CAN_MOUNT = canMount();

/** `it` for what needs a small disk: where none can be mounted the test is skipped and says so. */
export const itWithSmallDisk: typeof it = CAN_MOUNT ? it : (it.skip as typeof it);

function canMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'csi-cameras-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'csi-cameras-test', path], { stdio: 'ignore' });
    execFileSync('umount', [path], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('SKIPPED: no small disk can be mounted here (run as root): disk faults on real disks\n');
    return false;
  } finally {
    rmdirSync(path);
  }
}
