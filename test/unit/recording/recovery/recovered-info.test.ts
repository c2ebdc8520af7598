import { cp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as nextLook } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { unfinishedInfoPathOf } from '../../../../src/recording/info/write-info.js';
import { infoPathOf } from '../../../../src/recording/takes/take-paths.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { inspectAll } from '../../../harness/inspect-all.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import {
  CLOSED,
  DEAD,
  LeftOpenRig,
  LIVING,
  ONE_RIFF,
  ownersThat,
  patch,
  patchCounts,
  SMALL_LATER,
} from '../../../harness/left-open-rig.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { assertRecoveredInfo } from '../../../harness/recovered-info.js';
import { pathsOf, recordingSession, requestIn } from '../../../harness/recordings.js';
import { expectDamage } from '../../../harness/recordings-held.js';

const NOTHING_TOLD = {
  account: null,
  gaps: [],
  gapsTotal: null,
  askedFps: null,
  settings: { asked: null, given: null },
  tool: null,
  model: null,
  health: { start: null, end: null },
};
const WITHOUT = 'A recording that was closed has no info file.';

describe('the info file of a recording that a dead process left open', () => {
  let rig: LeftOpenRig;
  const before = holdings();

  beforeEach(async () => {
    rig = await LeftOpenRig.make();
  });

  afterEach(async () => {
    await expectNothingLeft(before);
    await rig.remove();
  });

  const warnings = () => rig.log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);

  it.each([
    ['in one RIFF', ONE_RIFF, {}],
    ['in several', SMALL_LATER, {}],
    ['with metadata', ONE_RIFF, { writesMetadata: true }],
  ])('says what its closed files say and nothing else (%s)', async (_what, geometry, more) => {
    const label = 'a "label",\nin two lines';
    const left = await rig.leaveOpen(geometry, label, more);
    await rig.takes().closeIn(left.folder);
    const info = await assertRecoveredInfo(left);
    expect(info).toMatchObject({
      VideoFrameCount: 50,
      ImageWidth: 64,
      ImageHeight: 48,
      ImagePixelFormat: expect.stringMatching(/^(?:gray|yuvj4\d\dp)$/),
      ManufacturersModelName: null,
      SoftwareVersions: expect.stringMatching(/^csi-cameras \S+$/),
      csi_cameras: {
        device_id: 'picam:0',
        camera_label: 'IMX296_Global_picam_0',
        session: 'session_20260106_081726',
        trial: 1,
        trial_label: label,
        take: 1,
        part: { number: null, continues_take: null, is_continued: false },
        clock: { sensor: 'boottime', boot: null, synchronised: null },
        health: { start: null, end: null },
      },
    });
    expect(warnings()).toEqual([CLOSED]);
    expect((await readdir(left.folder)).filter((name) => name.includes('info'))).toEqual([
      basename(infoPathOf(left.videoPath)),
    ]);
  });

  it('knows the boot where a thread of this very process died, and its path is told', async () => {
    const left = await rig.leaveOpen();
    expect(await rig.takes(undefined, ownersThat(DEAD)).closeOwn(left.videoPath)).toBe(infoPathOf(left.videoPath));
    const info = await assertRecoveredInfo(left);
    expect(info.csi_cameras.clock.boot).toMatch(/^[0-9a-f]{16}$/);
  });

  it('is written by the next recording in that folder, which does not wait for it', async () => {
    const left = await rig.leaveOpen();
    const next = recordingSession({ owners: ownersThat(LIVING) }).begin(requestIn(rig.folder));
    await next.append(rig.frames.slice(0, 3));
    expect(pathsOf(next.paths).take).toBe(2);
    while (!(await isThere(infoPathOf(left.videoPath)))) await nextLook(5);
    await next.close();
    await assertRecoveredInfo(left);
  });

  it('does not say what it continues, and verify misses neither part', async () => {
    const geometry = { ...ONE_RIFF, liveEntries: 512, maxGroups: 2 };
    const recording = recordingSession({ geometry, owners: ownersThat(DEAD) }).begin(requestIn(rig.folder));
    await recording.append(jpegFrames(1_040));
    await recording.checkpoint();
    const folder = dirname(pathsOf(recording.paths).videoPath);
    await recording.describe?.(1, { ...NOTHING_TOLD, end: { kind: 'continued', reason: 'index_full', error: null } });
    const atDeath = join(rig.folder, 'at_death', basename(folder));
    await cp(folder, atDeath, { recursive: true });
    await recording.close();
    await rig.takes().closeIn(atDeath);
    expect(rig.log.saying(CLOSED)).toHaveLength(1);
    const verified = await inspectAll([atDeath]);
    const told = verified.map(({ take, findings }) => [take, findings.filter(({ kind }) => kind === 'failed')]);
    expect(told).toEqual([
      [1, []],
      [2, []],
    ]);
  });

  it("is missing where its name is somebody else's: that stays as it is", async () => {
    const left = await rig.leaveOpen();
    await writeFile(infoPathOf(left.videoPath), 'mine');
    expectDamage(rig.folder, 'A file of somebody else has the name of the info file.', ['V23']);
    await rig.takes().closeIn(left.folder);
    expect(await readFile(infoPathOf(left.videoPath), 'utf8')).toBe('mine');
    expect(warnings()).toEqual([CLOSED, WITHOUT]);
    expect(rig.log.saying(WITHOUT)[0]?.context).toMatchObject({ reason: expect.stringContaining('is there already') });
  });

  it.each([
    ['open', 'EROFS'],
    ['open', 'EACCES'],
    ['open', 'ENOSPC'],
    ['writeFile', 'ENOSPC'],
    ['link', 'ENOSPC'],
  ] as const)('costs nothing but itself where it cannot be written: %s fails with %s', async (operation, errno) => {
    const left = await rig.leaveOpen(ONE_RIFF, 'label', { writesMetadata: true });
    const disk = new FaultyFileSystem();
    const fault = disk.inject({ operation, path: '.tmp', effect: { kind: 'fail', errno } });
    const takes = rig.takes(disk.fileSystem, ownersThat(DEAD));
    expect(await takes.closeOwn(left.videoPath)).toBeNull();
    expect(fault.hits).toBe(1);
    expect(rig.log.saying('A recording left open by a dead thread was closed.')).toHaveLength(1);
    expect(rig.log.saying(WITHOUT)).toHaveLength(1);
    expect((await readdir(left.folder)).filter((name) => name.includes('info'))).toEqual([]);
    expect((await readFile(left.videoPath)).subarray(4040, 4056)).toEqual(Buffer.alloc(16));
  });

  it('is not written later for a recording that is closed, which may have had none', async () => {
    const left = await rig.leaveOpen();
    await rig.takes().closeIn(left.folder);
    await rm(infoPathOf(left.videoPath));
    await rig.takes().closeIn(left.folder);
    expect(await isThere(infoPathOf(left.videoPath))).toBe(false);
  });

  it('has the number of the take, also where the label ends as a take does', async () => {
    for (const cameraLabel of ['cam', 'cam_take7']) {
      for (let take = 1; take <= 2; take += 1) {
        const session = recordingSession({ owners: ownersThat(DEAD) });
        const recording = session.begin(requestIn(rig.folder, { cameraLabel }));
        await recording.append(rig.frames);
        const paths = pathsOf((await recording.close()).paths);
        await patch(paths.videoPath, 4040, DEAD);
        await rig.takes().closeIn(dirname(paths.videoPath));
        expect((await assertRecoveredInfo(paths)).csi_cameras.take).toBe(take);
      }
    }
  });

  it('is not written for what holds no frame: its unfinished one goes, one of that name stays', async () => {
    const left = await rig.leaveOpen();
    await patchCounts(left.videoPath, 0);
    await writeFile(unfinishedInfoPathOf(left.videoPath), '{');
    await writeFile(infoPathOf(left.videoPath), 'of another one');
    await rig.takes().closeIn(left.folder);
    expect(await readdir(left.folder)).toEqual([basename(infoPathOf(left.videoPath))]);
  });

  it('is removed while unfinished, once nobody can be at it any more', async () => {
    const left = await rig.leaveOpen();
    const [old, young] = ['gone', 'other'].map((name) => unfinishedInfoPathOf(join(left.folder, `${name}.avi`)));
    for (const path of [old, young, unfinishedInfoPathOf(left.videoPath)]) await writeFile(path ?? '', '{');
    const longAgo = new Date(Date.now() - 120_000);
    await utimes(old ?? '', longAgo, longAgo);
    await rig.takes().closeIn(left.folder);
    await assertRecoveredInfo(left);
    expect((await readdir(left.folder)).filter((name) => name.endsWith('.tmp'))).toEqual([basename(young ?? '')]);
  });
});

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
