import { chmod, lstat, mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordingRequest } from '../../../../src/recording/recording-session.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { recordingSession, requestIn } from '../../../harness/recordings.js';
import { saySkipped } from '../../../harness/say-skipped.js';
import { expectDamage } from '../../../harness/recordings-held.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

const session = (folder: string) => join(folder, 'session_20260106_081726');

describe('the files of a recording', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const before = holdings();

  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'files of takes are removed, or are no info files', ['V23', 'V25']);
  });

  afterEach(async () => {
    await expectNothingLeft(before);
    await folder.remove();
  });

  async function recordOne(request: Partial<RecordingRequest> = {}, disk = new FaultyFileSystem()) {
    const recording = recordingSession({ fileSystem: disk.fileSystem }).begin(requestIn(folder.path, request));
    try {
      await recording.append(jpegFrames(2));
      return recording.paths;
    } finally {
      await recording.close();
    }
  }

  const everything = () => readdir(folder.path, { recursive: true });

  it('appear with the first frame, under the names of the specification', async () => {
    const recording = recordingSession().begin(requestIn(folder.path));
    await recording.checkpoint();
    await recording.append([]);
    expect(recording).toMatchObject({ paths: null, frames: 0, bytes: 0 });
    expect(await everything()).toEqual([]);
    await recording.append(jpegFrames(1));
    const label = 'IMX296_Global_picam_0';
    const stem = join(session(folder.path), 'CSICameras', label, `20260106_081726_CSI_trial001_${label}`);
    expect(recording.paths).toEqual({ take: 1, videoPath: `${stem}.avi`, timingPath: `${stem}_timing.csv` });
    expect(recording.frames).toBe(1);
    await recording.close();
    expect((await stat(`${stem}.avi`)).mode & 0o7777 & ~0o640).toBe(0);
    expect((await stat(dirname(stem))).mode & 0o7777 & ~0o750).toBe(0);
  });

  it('do not appear without a frame', async () => {
    const recording = recordingSession().begin(requestIn(folder.path));
    expect(await recording.close()).toEqual({ paths: null, frames: 0, durationS: 0, bytes: 0 });
    expect(await recording.close()).toEqual({ paths: null, frames: 0, durationS: 0, bytes: 0 });
    expect(await everything()).toEqual([]);
  });

  it('get the next take where either name is taken, and overwrite nothing', async () => {
    const first = await recordOne();
    const kept = await readFile(first?.videoPath ?? '');
    expect(await recordOne()).toMatchObject({ take: 2 });
    await rm(first?.videoPath ?? '');
    const third = await recordOne();
    expect(third).toMatchObject({ take: 3 });
    expect(third?.timingPath).toMatch(/_take3_timing\.csv$/);
    await rm(third?.timingPath ?? '');
    expect(await recordOne()).toMatchObject({ take: 4 });
    await writeFile(first?.videoPath ?? '', kept);
    expect((await everything()).filter((name) => name.endsWith('.avi'))).toHaveLength(4);
    expect((await everything()).filter((name) => name.endsWith('_timing.csv'))).toHaveLength(3);
  });

  it.each([
    ['_timing.csv', false],
    ['_metadata.csv', false],
    ['_metadata.csv', true],
    ['_info.json', false],
    ['_info.json', true],
  ])('get the next take where only %s of one is left (metadata wanted: %s)', async (ending, writesMetadata) => {
    const first = await recordOne({ writesMetadata: true });
    const left = (first?.videoPath ?? '').replace(/\.avi$/, ending);
    const folderPath = dirname(left);
    for (const name of await readdir(folderPath)) await rm(join(folderPath, name));
    await symlink('nowhere', left);
    expect(await recordOne({ writesMetadata })).toMatchObject({ take: 2 });
    expect((await lstat(left)).isSymbolicLink()).toBe(true);
    expect((await readdir(folderPath)).filter((name) => !name.includes('_take2'))).toEqual([basename(left)]);
  });

  it.each([false, true])('race for what others left, and no number comes twice (metadata wanted: %s)', async (more) => {
    const first = (await recordOne())?.videoPath ?? '';
    await rm(first);
    await rm(first.replace(/\.avi$/, '_timing.csv'));
    const stems = ['', '_take3', '_take4', '_take7'].map((take) => first.replace(/\.avi$/, take));
    for (const stem of stems) await writeFile(`${stem}_info.json`, '{}');
    const takes = await Promise.all(
      Array.from({ length: 12 }, (_, index) => recordOne({ writesMetadata: more && index % 2 === 0 })),
    );
    const numbers = takes.map((paths) => paths?.take ?? 0);
    expect(new Set(numbers).size).toBe(12);
    for (const taken of [1, 3, 4, 7]) expect(numbers).not.toContain(taken);
    for (const stem of stems) expect(await readFile(`${stem}_info.json`, 'utf8')).toBe('{}');
  });

  it('are not made where a name cannot be looked for', async () => {
    const disk = new FaultyFileSystem();
    disk.inject({ operation: 'lstat', path: '_info.json', effect: { kind: 'fail', errno: 'EIO' } });
    await expect(recordOne({}, disk)).rejects.toMatchObject({ code: 'io_error' });
    expect(await everything()).toEqual([]);
  });

  it('are different ones for recordings that race for a name', async () => {
    const takes = await Promise.all(Array.from({ length: 12 }, () => recordOne()));
    expect(takes.map((paths) => paths?.take).sort((a = 0, b = 0) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
    expect(await everything()).toHaveLength(3 + 24);
  });

  it.each(['../../../etc', '/etc/passwd', '..', '.', '', 'a/../..', 'nul\0byte', 'new\nline', 'ü'.repeat(300)])(
    'stay in the session directory with the camera label %j',
    async (cameraLabel) => {
      await recordOne({ cameraLabel, trialLabel: '../../x', deviceId: '../y' });
      const names = await readdir(join(session(folder.path), 'CSICameras'));
      expect(names).toHaveLength(1);
      expect(await readdir(join(session(folder.path), 'CSICameras', names[0] ?? ''))).toHaveLength(2);
      expect(await readdir(folder.path)).toEqual(['session_20260106_081726']);
    },
  );

  it('go into folders that are there already, also through links that stay inside', async () => {
    await mkdir(join(session(folder.path), 'elsewhere'), { recursive: true });
    await symlink('elsewhere', join(session(folder.path), 'CSICameras'));
    await symlink(session(folder.path), join(folder.path, 'link_to_session'));
    expect(await recordOne({ sessionDir: join(folder.path, 'link_to_session') })).toMatchObject({ take: 1 });
    expect(await readdir(join(session(folder.path), 'elsewhere', 'IMX296_Global_picam_0'))).toHaveLength(2);
  });

  describe('are refused with invalid_session_dir', () => {
    const invalid = (message: RegExp) => ({
      code: 'invalid_session_dir',
      message: expect.stringMatching(message),
      context: expect.objectContaining({ device: 'picam:0', trial: 1, path: expect.any(String) }),
    });

    it.each(['relative/path', '', '/with/a\0nul'])('for the path %j', async (sessionDir) => {
      await expect(recordOne({ sessionDir })).rejects.toMatchObject(invalid(/not an absolute path/));
    });

    it('where the session directory is a file', async () => {
      const file = join(folder.path, 'file');
      await writeFile(file, '');
      await expect(recordOne({ sessionDir: file })).rejects.toMatchObject(invalid(/EEXIST|ENOTDIR/));
      await expect(recordOne({ sessionDir: join(file, 'below') })).rejects.toMatchObject(invalid(/ENOTDIR/));
    });

    it('where a link leads out of the session directory', async () => {
      const outside = join(folder.path, 'outside');
      await mkdir(outside);
      await mkdir(session(folder.path));
      await symlink(outside, join(session(folder.path), 'CSICameras'));
      await expect(recordOne()).rejects.toMatchObject(invalid(/leads out of it/));
      expect(await readdir(outside)).toEqual([]);

      await rm(join(session(folder.path), 'CSICameras'));
      await mkdir(join(session(folder.path), 'CSICameras'));
      await symlink('../..', join(session(folder.path), 'CSICameras', 'IMX296_Global_picam_0'));
      await expect(recordOne()).rejects.toMatchObject(invalid(/leads out of it/));
    });

    it.each(['.avi', '_timing.csv'])('where the folder is exchanged for a link before %s is made', async (ending) => {
      const outside = join(folder.path, 'outside');
      await mkdir(outside);
      const label = join(session(folder.path), 'CSICameras', 'IMX296_Global_picam_0');
      const disk = new FaultyFileSystem();
      const exchange = async () => {
        await rename(label, `${label}_away`);
        await symlink(outside, label);
      };
      disk.observe(async ({ operation, path }) => {
        const isNext = ending === '.avi' ? operation === 'stat' && path === label : path.endsWith('.avi');
        if (isNext && !(await lstat(label)).isSymbolicLink()) await exchange();
      });
      await expect(recordOne({}, disk)).rejects.toMatchObject(invalid(/leads out of it, to .*outside/));
      expect(await readdir(outside)).toEqual([]);
      expect(await readdir(`${label}_away`)).toEqual([]);
    });

    it('but not where the session directory is only renamed meanwhile', async () => {
      const disk = new FaultyFileSystem();
      let isRenamed = false;
      disk.observe(async ({ operation, path }) => {
        if (operation !== 'stat' || !path.endsWith('IMX296_Global_picam_0') || isRenamed) return;
        isRenamed = true;
        await rename(session(folder.path), join(folder.path, 'renamed'));
        await symlink('renamed', session(folder.path));
      });
      expect(await recordOne({}, disk)).toMatchObject({ take: 1 });
      expect(isRenamed).toBe(true);
    });

    it('where a link leads nowhere or something in the way is no folder', async () => {
      await mkdir(session(folder.path));
      await symlink('missing', join(session(folder.path), 'CSICameras'));
      await expect(recordOne()).rejects.toMatchObject(invalid(/ENOENT/));
      await rm(join(session(folder.path), 'CSICameras'));
      await writeFile(join(session(folder.path), 'CSICameras'), '');
      await expect(recordOne()).rejects.toMatchObject(invalid(/not a folder/));
    });

    it.each(['EACCES', 'EROFS', 'ENAMETOOLONG'])('when nothing can be made there: %s', async (errno) => {
      const disk = new FaultyFileSystem();
      disk.inject({ operation: 'mkdir', path: 'CSICameras', effect: { kind: 'fail', errno } });
      await expect(recordOne({}, disk)).rejects.toMatchObject(invalid(new RegExp(errno)));
      expect(await everything()).toEqual([]);
    });

    // Root may write everywhere.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) saySkipped('a folder that may not be written to: the tests run as root.');
    const itAsUser = isRoot ? it.skip : it;
    itAsUser('where it may not be written', async () => {
      await mkdir(session(folder.path));
      await chmod(session(folder.path), 0o500);
      await expect(recordOne()).rejects.toMatchObject(invalid(/EACCES/));
    });
  });

  describe('when they cannot all be made, leave nothing', () => {
    const places = [
      ['mkdir', 'session_20260106_081726'],
      ['mkdir', 'CSICameras'],
      ['realpath', 'IMX296_Global_picam_0'],
      ['open', '.avi'],
      ['open', '_timing.csv'],
      ['truncate', '.avi'],
      ['writev', '.avi'],
      ['writev', '_timing.csv'],
    ] as const;

    it.each(
      places.flatMap(([operation, path]) => [['ENOSPC', operation, path] as const, ['EIO', operation, path] as const]),
    )('%s in %s of %s', async (errno, operation, path) => {
      await mkdir(join(folder.path, 'data'));
      const disk = new FaultyFileSystem();
      const injection = disk.inject({ operation, path, effect: { kind: 'fail', errno } });
      const sessionDir = join(folder.path, 'data', 'deep', 'session_20260106_081726');
      await expect(recordOne({ sessionDir }, disk)).rejects.toMatchObject({
        code: errno === 'ENOSPC' ? 'disk_full' : 'io_error',
        context: { errno, device: 'picam:0', trial: 1 },
      });
      expect(injection.hits).toBeGreaterThan(0);
      expect(await everything()).toEqual(['data']);
    });

    it('but what others put there meanwhile', async () => {
      const disk = new FaultyFileSystem();
      disk.inject({ operation: 'open', path: '_timing.csv', effect: { kind: 'fail', errno: 'EIO' } });
      disk.observe(async ({ operation, path }) => {
        if (operation === 'open') await writeFile(join(dirname(path), 'note.txt'), 'mine');
      });
      await expect(recordOne({}, disk)).rejects.toMatchObject({ code: 'io_error' });
      expect((await everything()).filter((name) => name.endsWith('.txt'))).toHaveLength(1);
      expect(await everything()).toHaveLength(4);
    });
  });

  it('are made durable with their folders, where folders can be synced', async () => {
    const disk = new FaultyFileSystem();
    const refused = disk.inject({ operation: 'sync', effect: { kind: 'fail', errno: 'EINVAL' }, times: 1 });
    const synced: string[] = [];
    disk.observe(({ operation, path }) => {
      if (operation.endsWith('sync')) synced.push(path.slice(folder.path.length));
    });
    const recording = recordingSession({ fileSystem: disk.fileSystem, sync: 'onCheckpoint' }).begin(
      requestIn(folder.path),
    );
    await recording.append(jpegFrames(1));
    expect(refused.hits).toBe(1);
    expect(synced.filter((path) => /\.(avi|csv)$/.test(path)).map((path) => path.slice(-3))).toEqual(['csv', 'avi']);
    expect(synced).toContain('');
    expect(synced).toContain('/session_20260106_081726');
    expect(await recording.close()).not.toHaveProperty('failure');
  });
});
