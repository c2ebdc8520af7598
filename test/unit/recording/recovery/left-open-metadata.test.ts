import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import {
  CLOSED,
  contents,
  type Left,
  LeftOpenRig,
  LIVING,
  ONE_RIFF,
  patch,
  patchCounts,
  STAYS,
  word,
} from '../../../harness/left-open-rig.js';
import { sensorTimestampOf } from '../../../harness/jpeg-frames.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { assertRowsInStep } from '../../../harness/rows-in-step.js';

const LEFT_ALONE = 'The metadata file beside a recording left open stays as it is.';

type WithMetadata = Left & { readonly metadataPath: string };

describe('the metadata file of a recording that a dead process left open', () => {
  let rig: LeftOpenRig;
  const before = holdings();

  beforeEach(async () => {
    rig = await LeftOpenRig.make();
  });

  afterEach(async () => {
    await expectNothingLeft(before);
    await rig.remove();
  });

  async function leaveOpen(): Promise<WithMetadata> {
    const { metadataPath = '', ...left } = await rig.leaveOpen(ONE_RIFF, 'a label', { writesMetadata: true });
    return { ...left, metadataPath };
  }

  /** As a death in the milliseconds before the first commit leaves it: the header names no frame. */
  async function forgetFrames({ videoPath }: Left): Promise<void> {
    await patchCounts(videoPath, 0);
    await patch(videoPath, 224, word(0));
    await patch(videoPath, 244, Buffer.alloc(16));
    await patch(videoPath, 4076, word(0));
    await patch(videoPath, 4068, word(24));
  }

  it('ends with the row of the last committed frame, as the timing file does', async () => {
    const left = await leaveOpen();
    await rig.takes().closeIn(left.folder);
    expect(rig.log.lines.map(({ message }) => message)).toEqual([CLOSED]);
    await assertRowsInStep({ take: 1, ...left }, 50);
    const once = await contents(left);
    await rig.takes().closeIn(left.folder);
    expect(await contents(left)).toEqual(once);
  });

  it.each([100, 70_000, 2_000_000])('is cut where %d bytes of rows follow the last committed frame', async (bytes) => {
    const left = await leaveOpen();
    let rows = '';
    for (let number = 51; rows.length < bytes; number += 1) {
      rows += `${number},${sensorTimestampOf(number)},${'x'.repeat(900)}\n`;
    }
    const size = (await stat(left.metadataPath)).size;
    await truncate(left.metadataPath, size - (await halfRowBytes(left.metadataPath)));
    await appendFile(left.metadataPath, `${rows}99999,12`);
    await rig.takes().closeIn(left.folder);
    await assertRowsInStep({ take: 1, ...left }, 50);
  });

  it.each<[string, (left: WithMetadata) => Promise<void>]>([
    ['is too short', ({ metadataPath }) => truncate(metadataPath, 2000)],
    ['is empty', ({ metadataPath }) => truncate(metadataPath, 0)],
    ['has another header', ({ metadataPath }) => patch(metadataPath, 0, Buffer.from('F'))],
    ['is that of another recording', (left) => replaceStamps(left.metadataPath)],
  ])('stays as it is where it %s; that is said, and the video is closed', async (_, damage) => {
    const left = await leaveOpen();
    await damage(left);
    const asItWas = await readFile(left.metadataPath);
    await rig.takes().closeIn(left.folder);
    expect(await readFile(left.metadataPath)).toEqual(asItWas);
    expect(rig.log.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', LEFT_ALONE],
      ['warn', CLOSED],
    ]);
    expect(rig.log.saying(LEFT_ALONE)[0]?.context).toEqual({
      path: left.metadataPath,
      reason: 'it has no row 50 of that recording',
    });
    const { videoPath, timingPath } = left;
    await assertRowsInStep({ take: 1, videoPath, timingPath }, 50);
  });

  it.each<[string, (path: string) => Promise<unknown>]>([
    ['a link', (path) => symlink('/etc/hostname', path)],
    ['a folder', (path) => mkdir(path)],
  ])('keeps no video open where %s has its name', async (_, make) => {
    const left = await leaveOpen();
    await rm(left.metadataPath);
    await make(left.metadataPath);
    await rig.takes().closeIn(left.folder);
    expect(rig.log.saying(LEFT_ALONE)).toHaveLength(1);
    const { videoPath, timingPath } = left;
    await assertRowsInStep({ take: 1, videoPath, timingPath }, 50);
  });

  it('is not missed: a recording without one is closed without a word about it', async () => {
    const left = await rig.leaveOpen();
    await rig.takes().closeIn(left.folder);
    expect(rig.log.lines.map(({ message }) => message)).toEqual([CLOSED]);
    await assertRowsInStep({ take: 1, ...left }, 50);
  });

  it.each(['open', 'stat', 'read', 'truncate'] as const)(
    'is left to the next start by a disk that fails to %s it, and the video with it',
    async (operation) => {
      const left = await leaveOpen();
      const disk = new FaultyFileSystem();
      disk.inject({ operation, path: '_metadata.csv', effect: { kind: 'fail', errno: 'EIO' } });
      await rig.takes(disk.fileSystem).closeIn(left.folder);
      expect(rig.log.lines.map(({ message }) => message)).toEqual([STAYS]);
      await rig.takes(realFileSystem, { self: async () => LIVING, stateOf: async () => 'gone' }).closeIn(left.folder);
      await assertRowsInStep({ take: 1, ...left }, 50);
    },
  );

  it.each<[string, (left: WithMetadata) => Promise<void>]>([
    ['rows of that take', async () => undefined],
    ['a header alone', (left) => truncate(left.metadataPath, 120)],
    ['half a row', async (left) => truncate(left.metadataPath, (await firstRowEnd(left.metadataPath)) - 5)],
    ['nothing in it', (left) => truncate(left.metadataPath, 0)],
  ])('is removed with a take that holds no frame, where it has %s', async (_, change) => {
    const left = await leaveOpen();
    await forgetFrames(left);
    await change(left);
    await rig.takes().closeIn(left.folder);
    expect(await readdir(left.folder)).toEqual([]);
    expect(rig.log.lines).toHaveLength(1);
  });

  it.each<[string, (left: WithMetadata) => Promise<void>]>([
    ['has rows of another recording', (left) => replaceStamps(left.metadataPath)],
    ['has rows, and the timing file has none', (left) => truncate(left.timingPath, 110)],
    ['has rows, and there is no timing file', (left) => rm(left.timingPath)],
    ['is no table at all', (left) => writeFile(left.metadataPath, 'x'.repeat(100_000))],
  ])('is not removed with a take that holds no frame, where it %s', async (_, change) => {
    const left = await leaveOpen();
    await forgetFrames(left);
    await change(left);
    await rig.takes().closeIn(left.folder);
    expect(await readdir(left.folder)).toEqual([left.metadataPath.split('/').at(-1)]);
    expect(rig.log.saying(LEFT_ALONE)).toHaveLength(1);
  });
});

async function halfRowBytes(path: string): Promise<number> {
  const text = await readFile(path, 'utf8');
  return text.length - text.lastIndexOf('\n') - 1;
}

/** Position behind the first row. */
async function firstRowEnd(path: string): Promise<number> {
  const text = await readFile(path, 'utf8');
  return text.indexOf('\n', text.indexOf('\n') + 1) + 1;
}

/** The same rows with the times of another day. */
async function replaceStamps(path: string): Promise<void> {
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replaceAll(/^(\d+),(\d+),/gm, '$1,9$2,'));
}
