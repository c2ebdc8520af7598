import { readFile, stat } from 'node:fs/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { firstMoviAt } from '../../../../src/recording/avi/avi-layout.js';
import { describeWithFfprobe } from '../../../harness/describe-with-ffprobe.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import {
  CLOSED,
  contents,
  COPIES_AT,
  LeftOpenRig,
  LIVING,
  ONE_RIFF,
  OTHER_HEADERS,
  ownersThat,
  patch,
  STAYS,
  word,
} from '../../../harness/left-open-rig.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { recordingSession, requestIn, SMALL_GEOMETRY } from '../../../harness/recordings.js';
import { verifyRecording } from '../../../harness/verify-recording.js';
import { openCvOwn } from '../readers.js';

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describeWithFfprobe('a recording that a dead process left open', () => {
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
    [
      'over several groups and RIFFs',
      { ...SMALL_GEOMETRY, groupBytes: 20_000, segmentBytes: 2 ** 17, growthBytes: 2 ** 14, firstSegmentFrames: 25 },
    ],
  ])(
    'ends as if it had been stopped: as many rows as frames, an old index, no reserved space (%s)',
    async (_, geometry) => {
      const left = await rig.leaveOpen(geometry);
      expect(await rig.takes().closeIn(left.folder)).toBe(true);
      expect(rig.log.saying(CLOSED)).toEqual([
        { level: 'warn', message: CLOSED, context: expect.objectContaining({ path: left.videoPath }) },
      ]);
      const frameCount = Number(rig.log.saying(CLOSED)[0]?.context['frames']);
      // A full group is committed at once.
      expect(geometry === ONE_RIFF ? frameCount : Math.min(frameCount, 50)).toBe(50);
      await verifyRecording({ ...left, frames: frameCount, width: 64, height: 48, label: 'a "label",\nin two lines' });
      expect((await stat(left.videoPath)).size).toBeLessThan(firstMoviAt(geometry) + 250_000);
      if (openCvOwn.isThere && geometry === ONE_RIFF) {
        expect(await openCvOwn.read(left.videoPath)).toEqual({ frames: 50, seeks: true });
      }
      const once = await contents(left);
      await rig.takes().closeIn(left.folder);
      expect(await contents(left)).toEqual(once);
    },
  );

  it('is closed beside the first recording in its folder that comes after', async () => {
    const left = await rig.leaveOpen();
    const { promise: isClosed, resolve } = deferred();
    const session = recordingSession({
      owners: ownersThat(LIVING),
      log: (level, message, context) => {
        rig.log.log(level, message, context);
        resolve();
      },
    });
    const recording = session.begin(requestIn(rig.folder));
    await recording.append(rig.frames.slice(0, 5));
    await isClosed;
    expect(rig.log.saying(CLOSED)).toHaveLength(1);
    expect(await recording.close()).toMatchObject({ frames: 5, paths: { take: 2 } });
    await verifyRecording({ ...left, frames: 50, width: 64, height: 48 });
  });

  it.each(OTHER_HEADERS)('is closed by the copy of its header where that was torn (%s)', async (_, at, value) => {
    const left = await rig.leaveOpen();
    await patch(left.videoPath, at, word(value));
    await rig.takes().closeIn(left.folder);
    expect(rig.log.saying(CLOSED)).toMatchObject([{ context: { headerFrom: 'its copy', frames: 50 } }]);
    await verifyRecording({ ...left, frames: 50, width: 64, height: 48 });
    // Of a closed file no copy is kept: a header that breaks later must not bring an older one back.
    expect((await readFile(left.videoPath)).subarray(COPIES_AT, COPIES_AT + 8192)).toEqual(Buffer.alloc(8192));
  });

  it('is closed by the older copy where nothing tells that what the newer one names is on the disk', async () => {
    const left = await rig.leaveOpen();
    await patch(left.videoPath, 0, Buffer.alloc(4096));
    await rig.takes().closeIn(left.folder);
    await verifyRecording({ ...left, frames: 40, width: 64, height: 48 });
  });

  it.each([0, 1])('is closed by the one copy that is whole (%p is not)', async (place) => {
    const left = await rig.leaveOpen();
    await patch(left.videoPath, 300, word(1));
    await patch(left.videoPath, COPIES_AT + 4096 * place + 2000, word(1));
    await rig.takes().closeIn(left.folder);
    // The fifth commit's copy is in the first place, the fourth's in the second.
    await verifyRecording({ ...left, frames: place === 0 ? 40 : 50, width: 64, height: 48 });
  });

  it('keeps its live index where the disk has no room for another', async () => {
    const left = await rig.leaveOpen();
    const disk = new FaultyFileSystem();
    disk.inject({ operation: 'writev', path: '.avi', after: 1, times: 1, effect: { kind: 'fail', errno: 'ENOSPC' } });
    await rig.takes(disk.fileSystem).closeIn(left.folder);
    expect(rig.log.saying(CLOSED)).toHaveLength(1);
    await verifyRecording({ ...left, frames: 50, width: 64, height: 48 });
  });

  it.each([
    ['open', 1],
    ['read', 2],
    ['writev', 0],
    ['truncate', 0],
  ] as const)('is left playable by a disk that fails to %s, and closed by the next start', async (operation, after) => {
    const left = await rig.leaveOpen();
    const disk = new FaultyFileSystem();
    disk.inject({ operation, after, effect: { kind: 'fail', errno: 'EIO' } });
    await rig.takes(disk.fileSystem).closeIn(left.folder);
    expect(rig.log.saying(STAYS)).toHaveLength(1);
    await rig.takes(realFileSystem, { self: async () => LIVING, stateOf: async () => 'gone' }).closeIn(left.folder);
    expect(rig.log.saying(CLOSED)).toHaveLength(1);
    await verifyRecording({ ...left, frames: 50, width: 64, height: 48 });
  });
});
