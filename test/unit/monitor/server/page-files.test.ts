import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readPageFiles } from '../../../../src/monitor/server/page-files.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

describe('the files of the page', () => {
  it('lie under their URLs as on the disk, so that imports between them hold', async () => {
    const { path: folder, remove } = await temporaryFolder();
    await mkdir(join(folder, 'page', 'plots'), { recursive: true });
    await mkdir(join(folder, 'wording'));
    for (const name of [
      'page/index.html',
      'page/monitor.js',
      'page/monitor.js.map',
      'page/monitor.d.ts',
      'page/monitor.css',
      'page/icon.svg',
      'page/plots/lines.js',
      'wording/words-for.js',
      'secret.js',
    ])
      await writeFile(join(folder, name), name);
    const files = readPageFiles(folder);
    expect(Object.fromEntries([...files].map(([path, { type, bytes }]) => [path, [type, String(bytes)]]))).toEqual({
      '/': ['text/html; charset=utf-8', 'page/index.html'],
      '/monitor.js': ['text/javascript; charset=utf-8', 'page/monitor.js'],
      '/monitor.css': ['text/css; charset=utf-8', 'page/monitor.css'],
      '/icon.svg': ['image/svg+xml', 'page/icon.svg'],
      '/plots/lines.js': ['text/javascript; charset=utf-8', 'page/plots/lines.js'],
      '/wording/words-for.js': ['text/javascript; charset=utf-8', 'wording/words-for.js'],
    });
    await remove();
  });
});
