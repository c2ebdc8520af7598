import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findRecordings } from '../../../src/inspect/recording-files.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

describe('finding recordings', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let session: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'empty files bear the names of recordings', ['V1', 'V12', 'V23', 'V25']);
    session = join(folder.path, 'session_20260106_081726');
  });
  afterEach(() => folder.remove());

  async function put(camera: string, ...names: string[]): Promise<string> {
    const place = join(session, 'CSICameras', camera);
    await mkdir(place, { recursive: true });
    for (const name of names) await writeFile(join(place, name), '');
    return place;
  }

  const stems = async (...paths: string[]) => (await findRecordings(paths)).recordings.map(({ stem }) => stem);

  it('finds each once, by camera, trial and take, whatever names lead to it', async () => {
    const ten = await put('picam_10', '1_CSI_trial001_picam_10.avi', '1_CSI_trial001_picam_10_timing.csv');
    const two = await put(
      'picam_2',
      '1_CSI_trial010_picam_2.avi',
      '1_CSI_trial002_picam_2_take10.avi',
      '1_CSI_trial002_picam_2_take2.avi',
      '1_CSI_trial002_picam_2_take2_timing.csv',
      '1_CSI_trial002_picam_2_take2_info.json',
      '1_CSI_trial002_picam_2_take2_metadata.csv',
      '1_CSI_trial002_picam_2.avi',
      'holiday.avi',
      'notes_timing.csv',
    );
    const inTwo = [
      '1_CSI_trial002_picam_2',
      '1_CSI_trial002_picam_2_take2',
      '1_CSI_trial002_picam_2_take10',
      '1_CSI_trial010_picam_2',
    ];
    const all = [...inTwo, '1_CSI_trial001_picam_10'];
    expect(await stems(session)).toEqual(all);
    expect(await stems(join(session, 'CSICameras'))).toEqual(all);
    expect(await stems(two)).toEqual(inTwo);
    expect(await stems(session, two, join(ten, '1_CSI_trial001_picam_10_timing.csv'))).toEqual(all);

    const { recordings, problems } = await findRecordings([join(two, '1_CSI_trial002_picam_2_take2_info.json')]);
    expect(problems).toEqual([]);
    const stem = join(two, '1_CSI_trial002_picam_2_take2');
    expect(recordings).toEqual([
      {
        stem: '1_CSI_trial002_picam_2_take2',
        folder: two,
        sessionDir: session,
        videoPath: `${stem}.avi`,
        timingPath: `${stem}_timing.csv`,
        metadataPath: `${stem}_metadata.csv`,
        infoPath: `${stem}_info.json`,
        trial: 2,
        take: 2,
        cameraLabel: 'picam_2',
      },
    ]);
  });

  it('finds rows without a video, and a file of any name that was named', async () => {
    const place = await put('cam', '1_CSI_trial001_cam_timing.csv', 'holiday.avi', 'notes.txt');
    expect((await findRecordings([session])).recordings).toMatchObject([
      { videoPath: null, timingPath: join(place, '1_CSI_trial001_cam_timing.csv') },
    ]);
    const named = await findRecordings([join(place, 'holiday.avi'), join(place, 'notes.txt')]);
    expect(named.recordings).toMatchObject([{ stem: 'holiday', trial: null, take: null, cameraLabel: null }]);
    expect(named.problems).toMatchObject([{ path: join(place, 'notes.txt') }]);
  });

  it('takes a label that ends like a take for a label, where the folder bears it', async () => {
    await put('cam_take2', '1_CSI_trial001_cam_take2.avi', '1_CSI_trial001_cam_take2_take3.avi');
    expect((await findRecordings([session])).recordings).toMatchObject([
      { cameraLabel: 'cam_take2', take: 1 },
      { cameraLabel: 'cam_take2', take: 3 },
    ]);
  });

  it('opens no pipe and follows no link out of the session, and says so', async () => {
    const place = await put('cam', '1_CSI_trial003_cam.avi', '1_CSI_trial004_cam_timing.csv', '1_CSI_trial009_cam.avi');
    const outside = join(folder.path, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'x.avi'), '');
    await writeFile(join(outside, '1_CSI_trial001_away.avi'), '');
    execFileSync('mkfifo', [join(place, '1_CSI_trial001_cam.avi')]);
    await symlink(join(outside, 'x.avi'), join(place, '1_CSI_trial002_cam.avi'));
    await symlink(join(place, '1_CSI_trial009_cam.avi'), join(place, '1_CSI_trial005_cam.avi'));
    await symlink(join(place, 'nothing'), join(place, '1_CSI_trial006_cam.avi'));
    await symlink(outside, join(session, 'CSICameras', 'away'));
    const { recordings, problems } = await findRecordings([session]);
    expect(recordings.map(({ trial }) => trial)).toEqual([3, 4, 5, 9]);
    expect(problems.map(({ path }) => path).toSorted()).toEqual([
      join(session, 'CSICameras', 'away'),
      join(place, '1_CSI_trial001_cam.avi'),
      join(place, '1_CSI_trial002_cam.avi'),
      join(place, '1_CSI_trial006_cam.avi'),
    ]);
    // Nor where it was named itself.
    expect(await findRecordings([join(place, '1_CSI_trial002_cam.avi')])).toMatchObject({
      recordings: [],
      problems: [{ message: expect.stringContaining('leads out of') }],
    });
    expect(await findRecordings([join(place, '1_CSI_trial001_cam.avi')])).toMatchObject({ recordings: [] });
  });

  it('says what is wrong with a path that leads nowhere, or where nothing lies', async () => {
    const { recordings, problems } = await findRecordings([folder.path, join(folder.path, 'none'), '/dev/null']);
    expect(recordings).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining('holds no recordings'),
      expect.stringContaining('does not exist'),
      expect.stringContaining('neither a folder nor a file'),
    ]);
  });
});
