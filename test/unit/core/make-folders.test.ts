import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { realFileSystem } from '../../../src/core/file-system.js';
import { makeFolders } from '../../../src/core/make-folders.js';
import { FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

describe('makeFolders', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let made: string[];

  beforeEach(async () => {
    folder = await temporaryFolder();
    made = [];
  });

  afterEach(() => folder.remove());

  const make = (path: string, fileSystem = realFileSystem): Promise<void> => makeFolders(fileSystem, path, 0o750, made);

  it('makes what is missing, outermost first, for those whom the mode names', async () => {
    await make(join(folder.path, 'a', 'b', 'c'));
    expect(made).toEqual(['a', 'a/b', 'a/b/c'].map((path) => join(folder.path, path)));
    expect((await stat(join(folder.path, 'a'))).mode & 0o7777).toBe(0o750);
  });

  it('is content with what is there', async () => {
    await make(folder.path);
    expect(made).toEqual([]);
  });

  it('tells what it made before it failed', async () => {
    const disk = new FaultyFileSystem();
    disk.inject({ operation: 'mkdir', path: 'b', after: 1, effect: { kind: 'fail', errno: 'ENOSPC' } });
    await expect(make(join(folder.path, 'a', 'b'), disk.fileSystem)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(made).toEqual([join(folder.path, 'a')]);
  });

  it('fails where a file leads to it', async () => {
    await writeFile(join(folder.path, 'file'), '');
    await expect(make(join(folder.path, 'file', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('gives up where nothing can ever be made, instead of trying for ever', async () => {
    await expect(make('/proc/session_1/a')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('loses no race against somebody who makes the same folder', async () => {
    await Promise.all([make(join(folder.path, 'a')), make(join(folder.path, 'a'))]);
    expect(made).toEqual([join(folder.path, 'a')]);
  });
});
