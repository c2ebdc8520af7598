import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import {
  appendFile,
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fieldPlace, integrate, type FieldPlace } from '../../harness/field-host.js';
import { MAIN } from '../../harness/paths.js';
import { runProgram } from '../../harness/run-program.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const AS_ANOTHER = ['--reuid', '54321', '--regid', '54321', '--clear-groups'];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let place: FieldPlace;
let root: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  place = await fieldPlace(folder.path);
  root = join(place.tree, 'rpi_logger');
});

afterEach(() => folder.remove());

const run = (...args: string[]): ReturnType<typeof runProgram>['ended'] =>
  runProgram(folder.path, ['integrate', ...args]).ended;

/** Every file below a folder, with what is in it. */
async function contentOf(path: string): Promise<Record<string, string>> {
  const names = await readdir(path, { recursive: true });
  const read = names.map(async (name) => {
    const file = join(path, name);
    return [name, (await lstat(file)).isFile() ? await readFile(file, 'utf8') : 'no file'] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

const inRoot = async (): Promise<readonly string[]> => (await readdir(root)).toSorted();
const OF_THE_HOST = ['__init__.py', 'core', 'modules'];
const BEFORE = 'Cameras_CSI.before-csi-cameras';

describe('csi-cameras integrate rpi-logger', () => {
  it('puts its folder in, keeps the one of before out of sight of the host, and puts it back to the byte', async () => {
    const before = await contentOf(place.tree);
    const dry = await integrate(place, '--dry-run');
    expect(dry).toMatch(/^Dry run: nothing is changed\./);
    expect(await contentOf(place.tree)).toEqual(before);
    const said = await integrate(place);
    expect(dry.endsWith(said)).toBe(true);
    expect(said).toContain(`${place.module} is now csi-cameras `);
    expect(said).toContain(`kept in ${join(root, BEFORE)}; --remove puts it back`);
    expect(said).toContain('enabled = true, display_name = CSI cameras of the lab, window_geometry = 400x300+10+20');
    expect(await inRoot()).toEqual([BEFORE, ...OF_THE_HOST].toSorted());
    const { program } = JSON.parse(await readFile(join(place.module, 'program.json'), 'utf8'));
    expect(program).toEqual([process.execPath, expect.stringMatching(/\/dist\/cli\/main\.js$/)]);

    // Again, with a word of the user and with what Python leaves: updated, and the first folder is still the one of before.
    await appendFile(join(place.module, 'config.txt'), 'camera.gain = 2\n');
    await mkdir(join(place.module, '__pycache__'));
    await writeFile(join(place.module, '__pycache__', 'main.pyc'), 'x');
    expect(await integrate(place)).toMatch(
      / is updated to csi-cameras .*\nKept from config\.txt: .*camera\.gain = 2\.\n/,
    );
    expect(await readFile(join(place.module, 'config.txt'), 'utf8')).toContain('\ncamera.gain = 2\n');

    // Settings of its own are kept beside.
    expect(await integrate(place, '--remove')).toContain(`is kept in ${join(root, 'Cameras_CSI.edited')}`);
    await rm(join(root, 'Cameras_CSI.edited'), { recursive: true });
    expect(await contentOf(place.tree)).toEqual(before);
    expect(await run('rpi-logger', place.tree, '--remove')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('nothing to remove'),
    });
  });

  it('loses nothing of a folder that somebody has edited, nor of a newer one of the host, nor of a link', async () => {
    await integrate(place);
    await appendFile(join(place.module, 'discovery/spec.py'), '# mine\n');
    expect(await integrate(place)).toContain(`It is kept in ${join(root, 'Cameras_CSI.edited')}.`);
    expect(await readFile(join(root, 'Cameras_CSI.edited/discovery/spec.py'), 'utf8')).toContain('# mine');
    // The host was updated, and its own module is there again: by a link this time.
    await rm(place.module, { recursive: true });
    await cp(join(root, BEFORE), join(folder.path, 'newer'), { recursive: true });
    await symlink(join(folder.path, 'newer'), place.module);
    expect(await integrate(place)).toContain(`${BEFORE}-2; --remove puts it back`);
    await integrate(place, '--remove');
    expect((await lstat(place.module)).isSymbolicLink()).toBe(true);
    expect(await inRoot()).toEqual([BEFORE, 'Cameras_CSI.edited', ...OF_THE_HOST].toSorted());
  });

  it('takes the package or its modules too, and makes the folder where there is none', async () => {
    await rm(place.module, { recursive: true });
    for (const path of [root, join(root, 'modules')]) expect((await run('rpi-logger', path)).code).toBe(0);
    expect(await inRoot()).toEqual(OF_THE_HOST);
    const { stdout } = await run('rpi-logger', place.tree, '--remove');
    expect(stdout).toContain('is removed. No module Cameras_CSI was there before');
    expect(await readdir(join(root, 'modules'))).not.toContain('Cameras_CSI');
  });

  it('goes on from wherever an earlier one was cut off', async () => {
    const before = await contentOf(place.tree);
    await integrate(place);
    await appendFile(join(place.module, 'config.txt'), 'camera.gain = 2\n');
    // Between the two renames of an update. Another draft was not written to its end.
    await rename(place.module, join(root, '.Cameras_CSI-Old123'));
    await mkdir(join(root, '.Cameras_CSI-Half12'));
    await writeFile(join(root, '.Cameras_CSI-Half12', 'config.txt'), 'camera.gain = 9\n');
    const left = await contentOf(root);
    expect(await integrate(place, '--dry-run')).toContain('An earlier integrate was cut off');
    expect(await contentOf(root)).toEqual(left);
    const said = await integrate(place);
    expect(said).toContain(
      `cut off: ${join(root, '.Cameras_CSI-Old123')} is put into its place, ${place.module}, again.`,
    );
    expect(said).toMatch(/ is updated to csi-cameras .*\nKept from config\.txt: .*camera\.gain = 2\.\n/);
    expect(await inRoot()).toEqual(['.Cameras_CSI-Half12', BEFORE, ...OF_THE_HOST].toSorted());
    // What cannot be read as a configuration is not taken over, and is not lost either.
    await writeFile(join(place.module, 'config.txt'), Buffer.alloc(2 ** 20 + 1, 'a = 1\n'));
    expect(await integrate(place)).toContain(`It is kept in ${join(root, 'Cameras_CSI.edited')}.`);
    await rm(join(root, 'Cameras_CSI.edited'), { recursive: true });
    await symlink('nowhere', join(place.module, 'mine'));
    expect(await integrate(place)).toContain(`It is kept in ${join(root, 'Cameras_CSI.edited')}.`);
    await rm(join(root, 'Cameras_CSI.edited'), { recursive: true });
    // Between the two renames of a removal.
    await rename(place.module, join(root, 'Cameras_CSI.edited'));
    expect(await integrate(place, '--remove')).toContain(`${place.module} is the module again that was there before.`);
    await rm(join(root, '.Cameras_CSI-Half12'), { recursive: true });
    await rename(join(root, 'Cameras_CSI.edited'), join(folder.path, 'edited'));
    expect(await contentOf(place.tree)).toEqual(before);
  });

  it.each([
    ['a folder without a host', async () => folder.path, /is not the folder of an rpi-logger host.* Name the folder/],
    ['nothing', async () => join(folder.path, 'none'), /none does not exist\./],
    [
      'a tree without other modules',
      async () => {
        await rm(join(root, 'modules/Notes'), { recursive: true });
        return place.tree;
      },
      /is not the folder of an rpi-logger host/,
    ],
    [
      'a tree with a file in the place',
      async () => {
        await rename(place.module, join(folder.path, 'away'));
        await writeFile(place.module, '');
        return place.tree;
      },
      /Cameras_CSI is not a folder\. Move it away\./,
    ],
  ])('refuses %s', async (_what, pathOf, why) => {
    const path = await pathOf();
    const before = await contentOf(folder.path);
    const { code, stdout, stderr } = await run('rpi-logger', path);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(why);
    expect(await contentOf(folder.path)).toEqual(before);
  });

  (isAnotherDisk('/dev/shm') ? it : it.skip)('says why where the modules are on another disk', async () => {
    const other = await mkdtemp('/dev/shm/csi-cameras-test-');
    try {
      await cp(join(root, 'modules'), other, { recursive: true });
      await rm(join(root, 'modules'), { recursive: true });
      await symlink(other, join(root, 'modules'));
      const { code, stderr } = await run('rpi-logger', place.tree);
      expect(code).toBe(1);
      expect(stderr).toMatch(/are on another file system .* \(EXDEV\), .* Put both on one\. Nothing has changed\.\n$/);
      expect(await inRoot()).toEqual(OF_THE_HOST);
      expect((await readdir(other)).toSorted()).toEqual(['Cameras_CSI', 'Notes', '__init__.py']);
    } finally {
      await rm(other, { recursive: true });
    }
  });

  it('refuses another host by its usage', async () => {
    expect((await run('another-host', place.tree)).code).toBe(2);
  });

  (canBeAnother() ? it : it.skip)('says whom to run it as where it may not write, and changes nothing', async () => {
    await chmod(folder.path, 0o755);
    const { status, stderr } = spawnSync(
      'setpriv',
      [...AS_ANOTHER, process.execPath, MAIN, 'integrate', 'rpi-logger', place.tree],
      { encoding: 'utf8', cwd: '/' },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: Nothing can be written into .* \(EACCES\)\. Run it as the user who owns the host's folder\. Nothing has changed\.\n$/,
    );
    expect(await inRoot()).toEqual(OF_THE_HOST);
  });
});

function isAnotherDisk(path: string): boolean {
  return existsSync(path) && statSync(path).dev !== statSync(tmpdir()).dev;
}

/** Root may become somebody else, if that one may read the program. */
function canBeAnother(): boolean {
  return spawnSync('setpriv', [...AS_ANOTHER, process.execPath, MAIN, '--version'], { cwd: '/' }).status === 0;
}
