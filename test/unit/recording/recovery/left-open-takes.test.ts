import { readdir, stat, truncate } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { realFileSystem } from '../../../../src/core/file-system.js';
import type { OwnerState } from '../../../../src/recording/avi/recording-owner.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import {
  CLOSED,
  contents,
  COPIES_AT,
  DEAD,
  type Left,
  LeftOpenRig,
  LIVING,
  ONE_RIFF,
  OTHER_HEADERS,
  ownersThat,
  patch,
  patchCounts,
  SMALL_LATER,
  STAYS,
  word,
} from '../../../harness/left-open-rig.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { pathsOf, recordingSession, requestIn } from '../../../harness/recordings.js';

/** What is closed here is held against a reader in `test/readers`. */
describe('a recording that a dead process left open', () => {
  let rig: LeftOpenRig;
  const before = holdings();

  beforeEach(async () => {
    rig = await LeftOpenRig.make();
  });

  afterEach(async () => {
    await expectNothingLeft(before);
    await rig.remove();
  });

  it.each([
    ['in one RIFF', ONE_RIFF],
    ['in a later RIFF', SMALL_LATER],
  ])('is cut to its end where it was closed but for that (%s)', async (_, geometry) => {
    const recording = recordingSession({ geometry, owners: ownersThat(DEAD) }).begin(requestIn(rig.folder));
    await recording.append(rig.frames);
    const paths = pathsOf((await recording.close()).paths);
    const left = { ...paths, folder: dirname(paths.videoPath) };
    const whole = await contents(left);
    await patch(left.videoPath, 4040, DEAD);
    await truncate(left.videoPath, (await stat(left.videoPath)).size + 8192);
    await rig.takes().closeIn(left.folder);
    expect(rig.log.saying(CLOSED)).toHaveLength(1);
    expect(await contents(left)).toEqual(whole);
  });

  it('waits for another time when the recording beside it is over', async () => {
    const left = await rig.leaveOpen();
    const asItWas = await contents(left);
    expect(await rig.takes().closeIn(left.folder, '', () => true)).toBe(false);
    expect(await contents(left)).toEqual(asItWas);
  });

  it.each<[OwnerState, number]>([
    ['alive', 0],
    ['unknown', 1],
    ['closed', 0],
  ])('is not touched when its owner is %s', async (state, lines) => {
    const left = await rig.leaveOpen();
    const asItWas = await contents(left);
    await rig.takes(realFileSystem, ownersThat(LIVING, state)).closeIn(left.folder);
    expect(await contents(left)).toEqual(asItWas);
    expect(rig.log.lines).toHaveLength(lines);
  });

  it.each<[string, (left: Left) => Promise<void>]>([
    ['names more frames than its indexes', ({ videoPath }) => patchCounts(videoPath, 51)],
    ['has its newest frame elsewhere', ({ videoPath }) => patch(videoPath, 4096 + 8 * 49, word(500_000))],
    ['has its frames in another order', ({ videoPath }) => patch(videoPath, 4096 + 8 * 20, word(1))],
    ['is shorter than it says', ({ videoPath }) => truncate(videoPath, 500_000)],
    ['ends within its index', ({ videoPath }) => truncate(videoPath, 4200)],
    ['has too few rows', ({ timingPath }) => truncate(timingPath, 2000)],
    ['has no row', ({ timingPath }) => truncate(timingPath, 100)],
    ['has another timing file', ({ timingPath }) => patch(timingPath, 0, Buffer.from('T'))],
  ])('stays as it is when it %s', async (_, damage) => {
    const left = await rig.leaveOpen();
    await damage(left);
    const asItWas = await contents(left);
    await rig.takes().closeIn(left.folder);
    expect(await contents(left)).toEqual(asItWas);
    expect(rig.log.saying(STAYS)).toHaveLength(1);
  });

  it('is left alone by its copy, too, as long as its owner lives', async () => {
    const left = await rig.leaveOpen();
    await patch(left.videoPath, 300, word(1));
    const asItWas = await contents(left);
    await rig.takes(realFileSystem, ownersThat(LIVING, 'alive')).closeIn(left.folder);
    expect(await contents(left)).toEqual(asItWas);
  });

  it.each(OTHER_HEADERS)('is nobody of ours when its header differs and has no copy (%s)', async (_, at, value) => {
    const left = await rig.leaveOpen();
    await patch(left.videoPath, at, word(value));
    await patch(left.videoPath, COPIES_AT, Buffer.alloc(8192));
    const asItWas = await contents(left);
    await rig.takes().closeIn(left.folder);
    expect(await contents(left)).toEqual(asItWas);
    expect(rig.log.lines).toEqual([]);
  });

  it('is removed when no frame was ever in it', async () => {
    const left = await rig.leaveOpen();
    await patchCounts(left.videoPath, 0);
    await patch(left.videoPath, 224, word(0));
    await patch(left.videoPath, 244, Buffer.alloc(16));
    await patch(left.videoPath, 4076, word(0));
    await patch(left.videoPath, 4068, word(24));
    await rig.takes().closeIn(left.folder);
    expect(await readdir(left.folder)).toEqual([]);
    expect(rig.log.lines).toHaveLength(1);
  });

  it('is looked for in vain where there is no folder', async () => {
    expect(await rig.takes().closeIn(join(rig.folder, 'nowhere'))).toBe(true);
    expect(rig.log.lines).toMatchObject([{ level: 'debug' }]);
  });

  it('is looked for another time where the folder cannot be read', async () => {
    const left = await rig.leaveOpen();
    const disk = new FaultyFileSystem();
    disk.inject({ operation: 'readdir', effect: { kind: 'fail', errno: 'EIO' } });
    expect(await rig.takes(disk.fileSystem).closeIn(left.folder)).toBe(false);
  });

  it('stays open where the marks of owners cannot be read, and nothing is thrown', async () => {
    const left = await rig.leaveOpen();
    const owners = { ...ownersThat(LIVING, 'gone'), self: () => Promise.reject(new Error('no /proc')) };
    await rig.takes(realFileSystem, owners).closeOwn(left.videoPath);
    expect(rig.log.lines).toMatchObject([{ level: 'warn' }]);
  });
});
