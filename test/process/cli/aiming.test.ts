import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MAIN, ROOT } from '../../harness/paths.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** The commands of docs/aiming.md, run one after another with the virtual camera, as the document promises. */

const run = promisify(execFile);
const document = await readFile(join(ROOT, 'docs/aiming.md'), 'utf8');
const commands = [...document.matchAll(/^csi-cameras (.+)$/gm)].map(([, line = '']) => line.split(' '));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

describe('docs/aiming.md', () => {
  it('has stills, a recording and settings', () => {
    expect(new Set(commands.map(([name]) => name))).toEqual(new Set(['still', 'record', 'settings']));
  });

  it.each(commands.filter(([name]) => name === 'still').map((args) => [args.join(' ')]))(
    'csi-cameras %s takes a picture',
    async (line) => {
      const { stdout } = await run(process.execPath, [MAIN, ...line.split(' '), '--simulate'], { cwd: folder.path });
      expect(stdout).toMatch(/^still_\d{8}_\d{6}\.jpg  \d+x\d+  \d+ bytes  exposure \d+ us  gain [\d.]+\n$/);
      expect(await readdir(folder.path)).toHaveLength(1);
    },
  );

  it('sets, fixes and shows what is kept', async () => {
    let shown = '';
    for (const args of commands.filter(([name]) => name === 'settings')) {
      const places = ['--state-dir', join(folder.path, 'state'), '--log-dir', join(folder.path, 'logs')];
      ({ stdout: shown } = await run(process.execPath, [MAIN, ...args, '--simulate', '--camera', '0', ...places]));
    }
    expect(shown).toMatch(/exposureTimeUs +\d+ +kept\n +gain +[\d.]+ +kept\n/);
  }, 30_000);

  it.each(commands.filter(([name]) => name === 'record').map((args) => [args.join(' ')]))(
    'csi-cameras %s records',
    async (line) => {
      const shorter = line.replace('--duration 10', '--duration 0.5');
      const args = [...shorter.split(' '), '--simulate', '--size', '640x480', '--log-dir', join(folder.path, 'logs')];
      const { stdout } = await run(process.execPath, [MAIN, ...args], { cwd: folder.path });
      expect(stdout).toContain('Recorded ');
    },
  );
});
