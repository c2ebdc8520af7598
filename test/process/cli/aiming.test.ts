import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile } from 'node:fs/promises';
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

  // All at once: each waits two seconds until its exposure has settled.
  it('takes a picture with each of its stills', async () => {
    const stills = commands.filter(([name]) => name === 'still');
    const takePicture = async (args: readonly string[], index: number): Promise<void> => {
      const cwd = join(folder.path, String(index));
      await mkdir(cwd);
      const { stdout } = await run(process.execPath, [MAIN, ...args, '--simulate'], { cwd });
      const said = { still: args.join(' '), stdout, files: (await readdir(cwd)).length };
      const line = /^still_\d{8}_\d{6}\.jpg  \d+x\d+  \d+ bytes  exposure \d+ us  gain [\d.]+  focus figure \d+\n$/;
      expect(said).toEqual({ ...said, stdout: expect.stringMatching(line), files: 1 });
    };
    expect(stills.length).toBeGreaterThan(3);
    await Promise.all(stills.map((args, index) => takePicture(args, index)));
  });

  it('sets, fixes and shows what is kept', async () => {
    let shown = '';
    for (const args of commands.filter(([name]) => name === 'settings')) {
      const places = ['--state-dir', join(folder.path, 'state'), '--log-dir', join(folder.path, 'logs')];
      shown += (await run(process.execPath, [MAIN, ...args, '--simulate', '--camera', '0', ...places])).stdout;
    }
    expect(shown).toMatch(/exposureTimeUs +\d+ us +kept\n +gain +[\d.]+ +kept\n/);
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
