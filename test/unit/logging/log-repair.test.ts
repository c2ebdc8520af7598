import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { realFileSystem } from '../../../src/core/file-system.js';
import { closeBackupGaps, cutTornTail, placeOf, truncateTo } from '../../../src/logging/log-repair.js';
import { temporaryFolder } from './log-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'a.log');
});
afterEach(() => folder.remove());

describe('cutTornTail', () => {
  it.each([
    ['whole lines', 'one\ntwo\n', 'one\ntwo\n'],
    ['half a line', 'one\ntwo\nthr', 'one\ntwo\n'],
    ['nothing but half a line', 'on', ''],
    ['an empty file', '', ''],
    ['half a line longer than a read', `one\n${'x'.repeat(200_000)}`, 'one\n'],
    ['zeros after a power cut', `one\n${'\0'.repeat(70_000)}`, 'one\n'],
  ])('leaves whole lines of %s', async (_name, before, after) => {
    await writeFile(path, before);
    expect(await cutTornTail(realFileSystem, path)).toBe(before.length - after.length);
    expect(await readFile(path, 'utf8')).toBe(after);
  });

  it('does nothing where there is no file, and makes none', async () => {
    expect(await cutTornTail(realFileSystem, path)).toBe(0);
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe('closeBackupGaps', () => {
  it('moves the older backups down to fill a hole, in their order', async () => {
    for (const number of [1, 2, 4, 5]) await writeFile(`${path}.${number}`, String(number));
    await closeBackupGaps(realFileSystem, path, 5);
    const texts = await Promise.all([1, 2, 3, 4].map((number) => readFile(`${path}.${number}`, 'utf8')));
    expect(texts).toEqual(['1', '2', '4', '5']);
    expect(await placeOf(realFileSystem, `${path}.5`)).toBeUndefined();
  });
});

describe('placeOf', () => {
  it('reports an error other than a missing file', async () => {
    await writeFile(path, '');
    await expect(placeOf(realFileSystem, join(path, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});

describe('truncateTo', () => {
  it('shortens the file', async () => {
    await writeFile(path, 'one\ntwo\n');
    await truncateTo(realFileSystem, path, 4);
    expect(await readFile(path, 'utf8')).toBe('one\n');
  });
});
