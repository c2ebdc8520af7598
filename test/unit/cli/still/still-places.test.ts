import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { placesFor } from '../../../../src/cli/still/still-places.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const noon = new Date(2026, 0, 6, 14, 30, 52);

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

const at = (name: string): string => join(folder.path, name);

describe('a still goes', () => {
  it('into a new file of the current folder, named after the moment', async () => {
    const found = await placesFor(undefined, false, noon);
    const places = 'places' in found ? found.places : [];
    expect(places.map(({ path }) => basename(path)).slice(0, 3)).toEqual([
      'still_20260106_143052.jpg',
      'still_20260106_143052_2.jpg',
      'still_20260106_143052_3.jpg',
    ]);
    expect(places.some(({ isReplacing }) => isReplacing)).toBe(false);
  });

  it('into a folder under such a name, whatever else was asked for', async () => {
    const found = await placesFor(folder.path, true, noon);
    expect(found).toMatchObject({
      places: expect.arrayContaining([{ path: at('still_20260106_143052.jpg'), isReplacing: false }]),
    });
  });

  it.each(['a.jpg', 'b.JPEG', '-c.jpg'])('into the file %s', async (name) => {
    expect(await placesFor(at(name), false)).toEqual({ places: [{ path: at(name), isReplacing: false }] });
  });

  it('into the place of a file that is there, if that was asked for', async () => {
    await writeFile(at('a.jpg'), '');
    expect(await placesFor(at('a.jpg'), true)).toEqual({ places: [{ path: at('a.jpg'), isReplacing: true }] });
  });
});

describe('a still is refused, before it is taken,', () => {
  it.each([
    [
      'into a file that is there',
      'there.jpg',
      true,
      /there\.jpg is there already\. Name another file with --out, or add --force\./,
    ],
    [
      'under the name of another kind of picture',
      'a.png',
      true,
      /The picture is a JPEG: let the name .*a\.png end in \.jpg/,
    ],
    ['under a name without an end', 'a', true, /end in \.jpg, or make a folder of that name/],
    ['into a folder that is not there', 'none/', true, /The folder .*none does not exist\. Make it/],
    ['into a file of a folder that is not there', 'none/a.jpg', false, /The folder .*none does not exist/],
    ['into a file below a file', 'there.jpg/a.jpg', false, /The folder .*there\.jpg cannot be written \(ENOTDIR\)/],
  ])('%s', async (_what, name, isWrongUsage, why) => {
    await writeFile(at('there.jpg'), '');
    expect(await placesFor(folder.path + '/' + name, false)).toEqual({ why: expect.stringMatching(why), isWrongUsage });
  });

  it('into a folder that cannot be written', async () => {
    await mkdir(at('closed'));
    await chmod(at('closed'), 0o500);
    const isRoot = process.getuid?.() === 0; // root may write everywhere but here
    const closed = isRoot ? '/proc/self' : at('closed');
    const found = await placesFor(`${closed}/a.jpg`, false);
    expect(found).toEqual(
      isRoot ? expect.anything() : { why: expect.stringContaining('(EACCES)'), isWrongUsage: false },
    );
  });
});
