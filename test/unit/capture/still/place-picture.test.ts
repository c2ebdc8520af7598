import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { placePicture } from '../../../../src/capture/still/place-picture.js';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
const bytes = Buffer.from('a picture');

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'a.jpg');
});

afterEach(async () => {
  await folder.remove();
});

describe('a picture', () => {
  it('is put where there is nothing yet', async () => {
    expect(await placePicture(realFileSystem, { path, isReplacing: false }, bytes)).toBe(true);
    expect(await readFile(path)).toEqual(bytes);
    expect(await readdir(folder.path)).toEqual(['a.jpg']);
  });

  it.each([
    ['a file', () => writeFile(path, 'old')],
    ['a link that leads nowhere', () => symlink(join(folder.path, 'b.jpg'), path)],
  ])('overwrites nothing: %s stays', async (_what, make) => {
    await make();
    expect(await placePicture(realFileSystem, { path, isReplacing: false }, bytes)).toBe(false);
    expect(await readdir(folder.path)).toEqual(['a.jpg']);
    expect(await readFile(path, 'utf8').catch(() => 'old')).toBe('old');
  });

  it('replaces a file where that was asked for, also one that a link leads to', async () => {
    await writeFile(join(folder.path, 'b.jpg'), 'old');
    await symlink(join(folder.path, 'b.jpg'), path);
    expect(await placePicture(realFileSystem, { path, isReplacing: true }, bytes)).toBe(true);
    expect(await readFile(path)).toEqual(bytes);
    expect(await readFile(join(folder.path, 'b.jpg'), 'utf8')).toBe('old');
    expect(await readdir(folder.path)).toEqual(['a.jpg', 'b.jpg']);
  });

  it('replaces a file whose name is as long as a name can be', async () => {
    path = join(folder.path, `${'a'.repeat(251)}.jpg`);
    await writeFile(path, 'old');
    expect(await placePicture(realFileSystem, { path, isReplacing: true }, bytes)).toBe(true);
    expect(await readFile(path)).toEqual(bytes);
  });

  it.each([
    ['open', 'ENOSPC', 'disk_full'],
    ['writeFile', 'ENOSPC', 'disk_full'],
    ['writeFile', 'EIO', 'io_error'],
    ['sync', 'EDQUOT', 'disk_full'],
    ['close', 'EIO', 'io_error'],
    ['open', 'EACCES', 'io_error'],
    ['open', 'EROFS', 'io_error'],
  ] as const)('leaves nothing when %s fails with %s', async (operation, errno, code) => {
    for (const isReplacing of [false, true]) {
      if (isReplacing) await writeFile(path, 'old');
      const disk = new FaultyFileSystem();
      disk.inject({ operation, times: 1, effect: { kind: 'fail', errno } });
      const placed = placePicture(disk.fileSystem, { path, isReplacing }, bytes);
      await expect(placed).rejects.toMatchObject({ code, context: { errno } });
      expect(await readdir(folder.path)).toEqual(isReplacing ? ['a.jpg'] : []);
    }
    expect(await readFile(path, 'utf8')).toBe('old');
  });

  it('leaves the old file when the new one cannot be put in its place', async () => {
    await writeFile(path, 'old');
    const disk = new FaultyFileSystem();
    disk.inject({ operation: 'rename', effect: { kind: 'fail', errno: 'EPERM' } });
    await expect(placePicture(disk.fileSystem, { path, isReplacing: true }, bytes)).rejects.toMatchObject({
      code: 'io_error',
    });
    expect(await readdir(folder.path)).toEqual(['a.jpg']);
    expect(await readFile(path, 'utf8')).toBe('old');
  });
});
