import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readPageFiles } from '../../../../src/monitor/server/page-files.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

describe('the files of the page', () => {
  it('are those of one folder, of kinds that a page has', async () => {
    const { path: folder, remove } = await temporaryFolder();
    await mkdir(join(folder, 'deeper'));
    for (const name of ['index.html', 'monitor.js', 'monitor.js.map', 'monitor.css', 'icon.svg', 'deeper/secret.js'])
      await writeFile(join(folder, name), name);
    const files = readPageFiles(folder);
    expect(Object.fromEntries([...files].map(([path, { type, bytes }]) => [path, [type, String(bytes)]]))).toEqual({
      '/': ['text/html; charset=utf-8', 'index.html'],
      '/monitor.js': ['text/javascript; charset=utf-8', 'monitor.js'],
      '/monitor.css': ['text/css; charset=utf-8', 'monitor.css'],
      '/icon.svg': ['image/svg+xml', 'icon.svg'],
    });
    await remove();
  });
});
