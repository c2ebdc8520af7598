import { chmod, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { privateTemporaryFolder } from '../../../src/cli/home.js';
import { homeFolder } from '../../../src/core/private-folder.js';
import { logDirectory } from '../../../src/cli/log-directory.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const before = process.env['XDG_STATE_HOME'];
const USER = process.getuid?.() ?? 0;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let home: string;
let temporary: string;

function setStateHome(path: string | undefined): void {
  if (path === undefined) delete process.env['XDG_STATE_HOME'];
  else process.env['XDG_STATE_HOME'] = path;
}

beforeEach(async () => {
  setStateHome(undefined);
  folder = await temporaryFolder();
  home = join(folder.path, 'home');
  temporary = join(folder.path, 'tmp');
  await mkdir(home);
  await mkdir(temporary);
});

afterEach(async () => {
  setStateHome(before);
  await folder.remove();
});

const withHome = (): { home: () => string; temporary: string } => ({ home: () => home, temporary });
const homeless = (): { home: () => undefined; temporary: string } => ({ home: () => undefined, temporary });

describe('logDirectory', () => {
  it('is the one that is named, and then asks for no home', async () => {
    const throwing = {
      home: (): never => {
        throw new Error('no home');
      },
      temporary,
    };
    expect(await logDirectory('/var/log/cameras', undefined, throwing)).toEqual({ path: '/var/log/cameras' });
  });

  it('lies in the state directory otherwise, and is made for its owner alone', async () => {
    const path = join(home, '.local', 'state', 'csi-cameras', 'logs');
    expect(await logDirectory(undefined, undefined, withHome())).toEqual({ path });
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    setStateHome(join(folder.path, 'state'));
    expect(await logDirectory(undefined, undefined, withHome())).toEqual({
      path: join(folder.path, 'state', 'csi-cameras', 'logs'),
    });
  });

  it('takes no notice of a relative state directory, as the specification says', async () => {
    setStateHome('state');
    const { path } = await logDirectory(undefined, undefined, withHome());
    expect(path).toBe(join(home, '.local', 'state', 'csi-cameras', 'logs'));
  });

  it('is private and among temporary files where there is no home, and says where', async () => {
    const { path, note } = await logDirectory(undefined, 'left', homeless());
    const place = join(temporary, `csi-cameras-${USER}`);
    expect(path).toBe(join(place, 'logs', 'left'));
    expect((await stat(place)).mode & 0o777).toBe(0o700);
    expect(note).toBe(
      `The logs go to ${join(place, 'logs')}, because this user has no home directory. --log-dir names another place.`,
    );
  });

  it('is there too where the home cannot be written', async () => {
    await writeFile(join(home, '.local'), 'a file in the way');
    const { path, note } = await logDirectory(undefined, undefined, withHome());
    expect(path).toBe(join(temporary, `csi-cameras-${USER}`, 'logs'));
    expect(note).toContain(`${join(home, '.local', 'state', 'csi-cameras', 'logs')} cannot be used (ENOTDIR)`);
  });

  it('is told, and the module starts, where there is no place at all', async () => {
    const { note } = await logDirectory(undefined, undefined, {
      home: () => undefined,
      temporary: join(folder.path, 'nowhere'),
    });
    expect(note).toMatch(/^There is no place for logs: this user has no home directory, and ENOENT/);
  });

  it.each([
    ['left', '/logs/left'],
    ['csi cam/1', '/logs/csi_cam_1'],
    ['..', '/logs/_'],
    ['../../etc', '/logs/__.._etc'],
    ['', '/logs'],
    ['x'.repeat(300), `/logs/${'x'.repeat(100)}`],
  ])('has for the instance %p the folder %p', async (instance, path) => {
    expect(await logDirectory('/logs', instance)).toEqual({ path });
  });

  it('gives every instance a folder right inside the log directory', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: 'binary' }), async (instance) => {
        expect(dirname((await logDirectory('/logs', instance)).path)).toBe('/logs');
      }),
    );
  });
});

describe('the private temporary folder', () => {
  it('is the same one the next time', async () => {
    const first = await privateTemporaryFolder(temporary);
    expect(await privateTemporaryFolder(temporary)).toBe(first);
  });

  it.each([
    ['a link', async (path: string) => symlink(home, path)],
    ['a file', async (path: string) => writeFile(path, '')],
    [
      'a folder that others may enter',
      async (path: string) => {
        await mkdir(path);
        await chmod(path, 0o755);
      },
    ],
  ])('has another name where %s is in its place', async (_what, plant) => {
    const planted = join(temporary, `csi-cameras-${USER}`);
    await plant(planted);
    const made = await privateTemporaryFolder(temporary);
    expect(made.startsWith(`${planted}-`)).toBe(true);
    expect((await stat(made)).mode & 0o777).toBe(0o700);
    expect(await readdir(home)).toEqual([]);
  });
});

describe('homeFolder', () => {
  it('is none for a user whom the system does not know, or whose home is no path', () => {
    const unknown = (): never => {
      throw new Error('ENOENT: no such file or directory, uv_os_homedir');
    };
    expect(homeFolder(unknown)).toBeUndefined();
    expect(homeFolder(() => '')).toBeUndefined();
    expect(homeFolder(() => '/home/pi')).toBe('/home/pi');
  });
});
