import { open, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileDiskSpace } from '../../../src/core/disk-space.js';
import { realFileSystem } from '../../../src/core/file-system.js';
import { FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const MIB = 1024 * 1024;

describe('FileDiskSpace', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await folder.remove();
  });

  it.each([['.'], ['not/made/yet'], ['file/in the way']])('says what is free for %p', async (path) => {
    await writeFile(join(folder.path, 'file'), '');
    const free = Number(await new FileDiskSpace(realFileSystem).freeBytes(join(folder.path, path)));
    const { bavail, bsize } = await statfs(folder.path);
    // Others use the same disk meanwhile.
    expect(Math.abs(free - bavail * bsize)).toBeLessThan(512 * MIB);
  });

  it('says which folder the disk did not answer for, and why', async () => {
    const disk = new FaultyFileSystem();
    disk.inject({ operation: 'statfs', effect: { kind: 'fail', errno: 'EIO' } });
    await expect(new FileDiskSpace(disk.fileSystem).freeBytes('/data/session')).rejects.toMatchObject({
      code: 'io_error',
      context: { operation: 'statfs', path: '/data/session', errno: 'EIO' },
    });
  });

  it('gives up at the root', async () => {
    const disk = new FaultyFileSystem();
    const missing = disk.inject({ operation: 'statfs', effect: { kind: 'fail', errno: 'ENOENT' } });
    await expect(new FileDiskSpace(disk.fileSystem).freeBytes('/data/session')).rejects.toMatchObject({
      context: { path: '/' },
    });
    expect(missing.hits).toBe(3);
  });

  it('says what is free on the disk of an open file', async () => {
    const file = await open(join(folder.path, 'file'), 'w');
    try {
      const free = Number(await new FileDiskSpace(realFileSystem).freeBytesOfOpen(file));
      const { bavail, bsize } = await statfs(folder.path);
      expect(Math.abs(free - bavail * bsize)).toBeLessThan(512 * MIB);
    } finally {
      await file.close();
    }
  });

  it.each([512n, 4_096n, 65_536n])('counts in the blocks of %i bytes that the disk counts in', async (bsize) => {
    const asked: string[] = [];
    const statfsOf = async (path: string): Promise<object> => {
      asked.push(path);
      return { bavail: 1_000n, blocks: 2_000n, bsize };
    };
    const disk = new FileDiskSpace({ statfs: statfsOf as unknown as typeof realFileSystem.statfs });
    expect(await disk.freeBytes('/data')).toBe(1_000n * bsize);
    expect(await disk.freeBytesOfOpen({ fd: 7 })).toBe(1_000n * bsize);
    expect(asked).toEqual(['/data', '/proc/self/fd/7']);
  });

  it('does not know it of a file that is closed', async () => {
    expect(await new FileDiskSpace(realFileSystem).freeBytesOfOpen({ fd: 999_999 })).toBeNull();
  });

  it('does not take a file system that counts no blocks for a full one', async () => {
    expect(await new FileDiskSpace(realFileSystem).freeBytes('/proc/session')).toBeNull();
  });
});
