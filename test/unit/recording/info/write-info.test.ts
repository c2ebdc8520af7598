import { mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { unfinishedInfoPathOf, writeInfo } from '../../../../src/recording/info/write-info.js';
import { identifyFolder } from '../../../../src/recording/takes/camera-folder.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { infoExample } from '../../../harness/info-files.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

describe('the writing of an info file', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let disk: FaultyFileSystem;
  const before = holdings();

  beforeEach(async () => {
    folder = await temporaryFolder();
    disk = new FaultyFileSystem();
  });

  afterEach(async () => {
    await expectNothingLeft(before);
    await folder.remove();
  });

  async function place() {
    const videoPath = join(folder.path, 'a.avi');
    return {
      videoPath,
      folder: await identifyFolder(realFileSystem, folder.path),
      sync: 'onCheckpoint' as const,
    };
  }

  it('leaves one file beside the video, as JSON with two spaces, for owner and group', async () => {
    const path = await writeInfo(disk.fileSystem, await place(), infoExample());
    expect(path).toBe(join(folder.path, 'a_info.json'));
    expect(await readdir(folder.path)).toEqual(['a_info.json']);
    expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(infoExample(), null, 2)}\n`);
    expect((await stat(path)).mode & 0o137).toBe(0);
  });

  it('has one order, whoever made it', async () => {
    const { csi_cameras: facts, ...top } = infoExample();
    const turned = Object.fromEntries(Object.entries(facts).toReversed());
    const path = await writeInfo(disk.fileSystem, await place(), {
      csi_cameras: turned as unknown as typeof facts,
      ...top,
    });
    expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(infoExample(), null, 2)}\n`);
  });

  it('overwrites nothing, and follows no link', async () => {
    await writeFile(join(folder.path, 'a_info.json'), 'mine');
    await expect(writeInfo(disk.fileSystem, await place(), infoExample())).rejects.toThrow(/is there already/);
    expect(await readFile(join(folder.path, 'a_info.json'), 'utf8')).toBe('mine');
    await realFileSystem.rm(join(folder.path, 'a_info.json'));
    await symlink(join(folder.path, 'elsewhere'), join(folder.path, 'a_info.json'));
    await expect(writeInfo(disk.fileSystem, await place(), infoExample())).rejects.toThrow(/is there already/);
    expect(await readdir(folder.path)).toEqual(['a_info.json']);
  });

  it('is not misled by what a dead process left unfinished, a link included', async () => {
    const { videoPath } = await place();
    await symlink(join(folder.path, 'elsewhere'), unfinishedInfoPathOf(videoPath));
    await writeInfo(disk.fileSystem, await place(), infoExample());
    expect(await readdir(folder.path)).toEqual(['a_info.json']);
  });

  it("writes into no folder that has the name of the video's by now", async () => {
    const named = join(folder.path, 'camera');
    await mkdir(named);
    const there = {
      ...(await place()),
      videoPath: join(named, 'a.avi'),
      folder: await identifyFolder(realFileSystem, named),
    };
    await rename(named, join(folder.path, 'moved'));
    await mkdir(join(folder.path, 'trap'));
    await symlink(join(folder.path, 'trap'), named);
    await expect(writeInfo(disk.fileSystem, there, infoExample())).rejects.toThrow(/leads elsewhere/);
    expect(await readdir(join(folder.path, 'trap'))).toEqual([]);
    expect(await readdir(join(folder.path, 'moved'))).toEqual([]);
  });

  it('fills the file under its own name where the file system has no hard links', async () => {
    disk.inject({ operation: 'link', effect: { kind: 'fail', errno: 'EPERM' } });
    const path = await writeInfo(disk.fileSystem, await place(), infoExample());
    expect(await readdir(folder.path)).toEqual(['a_info.json']);
    expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(infoExample(), null, 2)}\n`);
    await expect(writeInfo(disk.fileSystem, await place(), infoExample())).rejects.toThrow(/is there already/);
  });

  it.each(['open', 'writeFile', 'datasync', 'link'] as const)('leaves nothing where %s fails', async (operation) => {
    disk.inject({ operation, path: '.tmp', effect: { kind: 'fail', errno: 'ENOSPC' } });
    await expect(writeInfo(disk.fileSystem, await place(), infoExample())).rejects.toMatchObject({ code: 'disk_full' });
    expect(await readdir(folder.path)).toEqual([]);
  });
});
