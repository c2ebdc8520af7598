import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { recordingFolder, sessionName, whyNoSession } from '../../../src/cli/session-folder.js';
import { itWithSmallDisk, smallDisk } from '../../harness/small-disk.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

it('names a session after the local time', () => {
  expect(sessionName(new Date(2026, 0, 6, 14, 30, 5))).toBe('session_20260106_143005');
});

const home = (): string => folder.path;

describe('the folder of a recording that begins at once', () => {
  it('is the output directory', async () => {
    expect(await recordingFolder('/data', home)).toBe('/data');
    expect(await recordingFolder('data', home)).toBe(resolve('data'));
  });

  it('is a new one in the home otherwise, which is made when it is needed', async () => {
    const path = await recordingFolder(undefined, home);
    expect(path).toMatch(/\/recordings\/session_\d{8}_\d{6}$/);
    expect(path.startsWith(folder.path)).toBe(true);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('lies under the current directory where there is no home, or one that cannot be written', async () => {
    await writeFile(join(folder.path, 'file'), '');
    for (const other of [undefined, join(folder.path, 'file')]) {
      const path = await recordingFolder('', () => other);
      expect(path.startsWith(resolve('recordings'))).toBe(true);
    }
  });
});

describe('a session directory', () => {
  it('can be made where its parents can, and nothing is left of the attempt', async () => {
    expect(await whyNoSession(join(folder.path, 'a', 'b'))).toBeUndefined();
    expect(await readdir(folder.path)).toEqual([]);
    expect(await whyNoSession(folder.path)).toBeUndefined();
  });

  it('cannot be made in /proc, whatever is free there', async () => {
    expect(await whyNoSession('/proc/x')).toBe(
      'The session directory /proc/x cannot be made (ENOENT: no such file or directory). Name another one with --out.',
    );
  });

  it('cannot be a file, nor below one', async () => {
    const file = join(folder.path, 'file');
    await writeFile(file, '');
    expect(await whyNoSession(file)).toBe(`The session directory ${file} is not a directory. Name one with --out.`);
    expect(await whyNoSession(join(file, 'x'))).toContain('cannot be made (ENOTDIR: not a directory)');
  });

  itWithSmallDisk('cannot be on a disk that is read-only', async () => {
    const disk = await smallDisk('64k');
    try {
      await mkdir(join(disk.path, 'there'));
      await disk.remount('ro');
      expect(await whyNoSession(join(disk.path, 'new'))).toContain('cannot be made (EROFS: read-only file system)');
      expect(await whyNoSession(join(disk.path, 'there'))).toContain(
        'cannot be written (EROFS: read-only file system)',
      );
    } finally {
      await disk.remove();
    }
  });
});
