import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { discardEmpty, exchange } from '../../../../src/cli/integrate/exchange.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

describe('the exchange of a folder', () => {
  it('takes the first rename back where the second fails', async () => {
    const modules = join(folder.path, 'modules');
    const tree = { root: folder.path, modules, place: join(modules, 'Cameras_CSI') };
    await mkdir(tree.place, { recursive: true });
    await writeFile(join(tree.place, 'config.txt'), 'gain = 1\n');
    const old = join(folder.path, 'old');
    await expect(exchange(tree, join(folder.path, 'none'), old)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(tree.place)).toEqual(['config.txt']);
    // Had that failed too, the folder of before would be the only copy.
    await discardEmpty(tree.place);
    expect(await readdir(tree.place)).toEqual(['config.txt']);
  });
});
