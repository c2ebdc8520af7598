import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeUnit, writeUnit, type UnitPlace } from '../../../../src/cli/service/unit-file.js';
import { unitText } from '../../../../src/cli/service/unit-text.js';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

const unit = (name: string): string =>
  unitText({ name, isForUser: true, user: '', node: '/n', main: '/m', record: [], out: 'x' });

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'systemd/user/csi-cameras.service');
});

afterEach(() => folder.remove());

const place = (isForced = false, faults: Partial<UnitPlace['fileSystem']> = {}): UnitPlace => ({
  fileSystem: { ...realFileSystem, ...faults },
  path,
  isForced,
});
const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));

describe('the file of a unit', () => {
  it('is written with its folder, for everybody to read, and replaced as long as nobody has changed it', async () => {
    const umask = process.umask(0o077);
    try {
      expect(await writeUnit(place(), unit('a'))).toBe('new');
    } finally {
      process.umask(umask);
    }
    expect((await stat(path)).mode & 0o777).toBe(0o644);
    expect(await writeUnit(place(), unit('a'))).toBe('as it was');
    expect(await writeUnit(place(), unit('b'))).toBe('replaced');
    expect(await readFile(path, 'utf8')).toBe(unit('b'));
    expect(await readdir(join(path, '..'))).toEqual(['csi-cameras.service']);
  });

  it('stays as it is where somebody has changed it, unless that is forced', async () => {
    await writeUnit(place(), unit('a'));
    await writeFile(path, `${unit('a')}Nice=5\n`);
    await expect(writeUnit(place(), unit('b'))).rejects.toThrow(`${path} was changed by somebody, and stays as it is.`);
    await expect(removeUnit(place())).rejects.toThrow('--force removes it all the same.');
    expect(await readFile(path, 'utf8')).toContain('Nice=5');
    expect(await writeUnit(place(true), unit('b'))).toBe('replaced');
  });

  it('is no link: a unit that was masked stays masked, also by force', async () => {
    await mkdir(join(path, '..'), { recursive: true });
    await symlink('/dev/null', path);
    await expect(writeUnit(place(true), unit('a'))).rejects.toThrow('is not a file. Remove it first');
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
  });

  it('is the old one or the new one, whatever fails', async () => {
    await writeUnit(place(), unit('a'));
    for (const faults of [{ rename: failing('ENOSPC') }, { open: failing('EIO') }])
      await expect(writeUnit(place(false, faults), unit('b'))).rejects.toThrow(/cannot be \w+ \((?:ENOSPC|EIO)\)\.$/);
    expect(await readFile(path, 'utf8')).toBe(unit('a'));
    expect(await readdir(join(path, '..'))).toEqual(['csi-cameras.service']);
  });

  it('is on the disk before it bears its name, so that a power cut leaves no empty unit', async () => {
    const steps: string[] = [];
    const open: UnitPlace['fileSystem']['open'] = async (...args) => {
      const handle = await realFileSystem.open(...args);
      const sync = handle.sync.bind(handle);
      handle.sync = () => {
        steps.push('sync');
        return sync();
      };
      return handle;
    };
    const rename: UnitPlace['fileSystem']['rename'] = (...args) => {
      steps.push('rename');
      return realFileSystem.rename(...args);
    };
    await writeUnit(place(false, { open, rename }), unit('a'));
    expect(steps).toEqual(['sync', 'rename']);
  });

  it.each(['EACCES', 'EROFS'])('says who may write it (%s)', async (code) => {
    const advice = `${path} cannot be written (${code}). Only root may do that: use sudo, or --user`;
    await expect(writeUnit(place(false, { mkdir: failing(code) }), unit('a'))).rejects.toThrow(advice);
  });

  it('is removed, and missed where there is none', async () => {
    await expect(removeUnit(place())).rejects.toThrow(`There is no ${path}: nothing was removed.`);
    await writeUnit(place(), unit('a'));
    await chmod(path, 0o600);
    await expect(removeUnit(place(false, { rm: failing('EPERM') }))).rejects.toThrow('cannot be removed (EPERM)');
    await removeUnit(place());
    expect(await readdir(join(path, '..'))).toEqual([]);
  });
});
