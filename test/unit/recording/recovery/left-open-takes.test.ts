import { createHash } from 'node:crypto';
import { appendFile, copyFile, mkdir, open, readFile, readdir, stat, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { DEFAULT_GEOMETRY, firstMoviAt } from '../../../../src/recording/avi/avi-layout.js';
import type { OwnerState, RecordingOwners } from '../../../../src/recording/avi/recording-owner.js';
import { LeftOpenTakes } from '../../../../src/recording/recovery/left-open-takes.js';
import { describeWithFfprobe } from '../../../harness/describe-with-ffprobe.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { MemoryLogSink } from '../../../harness/memory-log-sink.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { verifyRecording } from '../../../harness/verify-recording.js';
import { openCvOwn } from '../readers.js';
import { SMALL_GEOMETRY, recordingSession, requestIn } from '../recordings.js';

const CLOSED = 'A recording that a dead process left open was closed';
const STAYS = 'A recording that was left open stays as it is: it plays, its end is not tidy';
/** The real layout, but for the space that is reserved. */
const ONE_RIFF = { ...DEFAULT_GEOMETRY, growthBytes: 2 ** 16, firstSegmentFrames: 300 };
const SMALL_LATER = { ...ONE_RIFF, liveEntries: 512, segmentBytes: 2 ** 16, firstSegmentFrames: 20 };
/** Behind the header block and the real layout's live index. */
const COPIES_AT = 4096 + 8 * 32_768;
const [DEAD, LIVING] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];

/** Marks tell who is alive, so that one process can play several. */
function ownersThat(self: Buffer, deadIs: OwnerState = 'gone'): RecordingOwners {
  return {
    self: async () => self,
    stateOf: async (mark) => {
      if (mark.every((byte) => byte === 0)) return 'closed';
      return DEAD.equals(mark) ? deadIs : 'alive';
    },
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

interface Left {
  readonly folder: string;
  readonly videoPath: string;
  readonly timingPath: string;
}

describeWithFfprobe('a recording that a dead process left open', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let log: MemoryLogSink;
  const before = holdings();
  const frames = jpegFrames(60, { padding: (number) => (number * 11) % 700 });

  beforeEach(async () => {
    folder = await temporaryFolder();
    log = new MemoryLogSink();
  });

  afterEach(async () => {
    await expectNothingLeft(before);
    await folder.remove();
  });

  /** Records 50 frames and 10 that are not committed, and leaves the files as a kill does, with half a row. */
  async function leaveOpen(geometry = ONE_RIFF, trialLabel = 'a "label",\nin two lines'): Promise<Left> {
    const session = recordingSession({ geometry, owners: ownersThat(DEAD) });
    const recording = session.begin(requestIn(join(folder.path, 'elsewhere'), { trialLabel }));
    for (let from = 0; from < 50; from += 10) {
      await recording.append(frames.slice(from, from + 10));
      await recording.checkpoint();
    }
    await recording.append(frames.slice(50));
    const { paths } = recording;
    if (paths === null) throw new Error('Nothing was recorded.');
    // Where the next recording of that camera goes.
    const camera = join(requestIn(folder.path).sessionDir, 'CSICameras', 'IMX296_Global_picam_0');
    await mkdir(camera, { recursive: true });
    const videoPath = join(camera, basename(paths.videoPath));
    const timingPath = join(camera, basename(paths.timingPath));
    await copyFile(paths.videoPath, videoPath);
    await copyFile(paths.timingPath, timingPath);
    await appendFile(timingPath, '1,CSICameras,picam:0,"a ""lab');
    await recording.close();
    return { folder: camera, videoPath, timingPath };
  }

  function takes(fileSystem = realFileSystem, owners = ownersThat(LIVING)): LeftOpenTakes {
    return new LeftOpenTakes({ fileSystem, owners, sync: 'never', log: log.log.bind(log) });
  }

  /** Enough to see a change by; the files are large, and sparse. */
  async function contents({ videoPath, timingPath }: Left): Promise<string[]> {
    const files = await Promise.all([videoPath, timingPath].map((path) => readFile(path)));
    return files.map((bytes) => `${bytes.length} ${createHash('md5').update(bytes).digest('hex')}`);
  }

  async function patch(path: string, position: number, bytes: Buffer): Promise<void> {
    const file = await open(path, 'r+');
    await file.write(bytes, 0, bytes.length, position);
    await file.close();
  }

  it.each([
    ['in one RIFF', ONE_RIFF],
    [
      'over several groups and RIFFs',
      { ...SMALL_GEOMETRY, groupBytes: 20_000, segmentBytes: 2 ** 17, growthBytes: 2 ** 14, firstSegmentFrames: 25 },
    ],
  ])(
    'ends as if it had been stopped: as many rows as frames, an old index, no reserved space (%s)',
    async (_, geometry) => {
      const left = await leaveOpen(geometry);
      expect(await takes().closeIn(left.folder)).toBe(true);
      expect(log.saying(CLOSED)).toEqual([
        { level: 'warn', message: CLOSED, context: expect.objectContaining({ path: left.videoPath }) },
      ]);
      const frameCount = Number(log.saying(CLOSED)[0]?.context['frames']);
      // A full group is committed at once.
      expect(geometry === ONE_RIFF ? frameCount : Math.min(frameCount, 50)).toBe(50);
      await verifyRecording({ ...left, frames: frameCount, width: 64, height: 48, label: 'a "label",\nin two lines' });
      expect((await stat(left.videoPath)).size).toBeLessThan(firstMoviAt(geometry) + 250_000);
      if (openCvOwn.isThere && geometry === ONE_RIFF) {
        expect(await openCvOwn.read(left.videoPath)).toEqual({ frames: 50, seeks: true });
      }
      const once = await contents(left);
      await takes().closeIn(left.folder);
      expect(await contents(left)).toEqual(once);
    },
  );

  it.each([
    ['in one RIFF', ONE_RIFF],
    ['in a later RIFF', SMALL_LATER],
  ])('is cut to its end where it was closed but for that (%s)', async (_, geometry) => {
    const recording = recordingSession({ geometry, owners: ownersThat(DEAD) }).begin(requestIn(folder.path));
    await recording.append(frames);
    const { paths } = await recording.close();
    if (paths === null) throw new Error('Nothing was recorded.');
    const left = { ...paths, folder: dirname(paths.videoPath) };
    const whole = await contents(left);
    await patch(left.videoPath, 4040, DEAD);
    await truncate(left.videoPath, (await stat(left.videoPath)).size + 8192);
    await takes().closeIn(left.folder);
    expect(log.saying(CLOSED)).toHaveLength(1);
    expect(await contents(left)).toEqual(whole);
  });

  it('is closed beside the first recording in its folder that comes after', async () => {
    const left = await leaveOpen();
    const { promise: isClosed, resolve } = deferred();
    const session = recordingSession({
      owners: ownersThat(LIVING),
      log: (level, message, context) => {
        log.log(level, message, context);
        resolve();
      },
    });
    const recording = session.begin(requestIn(folder.path));
    await recording.append(frames.slice(0, 5));
    await isClosed;
    expect(log.saying(CLOSED)).toHaveLength(1);
    expect(await recording.close()).toMatchObject({ frames: 5, paths: { take: 2 } });
    await verifyRecording({ ...left, frames: 50, width: 64, height: 48 });
  });

  it('waits for another time when the recording beside it is over', async () => {
    const left = await leaveOpen();
    const asItWas = await contents(left);
    expect(await takes().closeIn(left.folder, '', () => true)).toBe(false);
    expect(await contents(left)).toEqual(asItWas);
  });

  it.each<[OwnerState, number]>([
    ['alive', 0],
    ['unknown', 1],
    ['closed', 0],
  ])('is not touched when its owner is %s', async (state, lines) => {
    const left = await leaveOpen();
    const asItWas = await contents(left);
    await takes(realFileSystem, ownersThat(LIVING, state)).closeIn(left.folder);
    expect(await contents(left)).toEqual(asItWas);
    expect(log.lines).toHaveLength(lines);
  });

  const word = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    return bytes;
  };

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
    const left = await leaveOpen();
    await damage(left);
    const asItWas = await contents(left);
    await takes().closeIn(left.folder);
    expect(await contents(left)).toEqual(asItWas);
    expect(log.saying(STAYS)).toHaveLength(1);
  });

  /** The three counts that a header has, so that it still looks like one of ours. */
  async function patchCounts(videoPath: string, frameCount: number): Promise<void> {
    for (const at of [48, 140, 3784]) await patch(videoPath, at, word(frameCount));
  }

  const OTHER_HEADERS: readonly [string, number, number][] = [
    ['rate', 132, 0],
    ['width', 176, 0],
    ['index', 4060, 7],
    ['slots', 224, 221],
    ['one byte', 300, 1],
    ['first word', 0, 0],
  ];

  it.each(OTHER_HEADERS)('is closed by the copy of its header where that was torn (%s)', async (_, at, value) => {
    const left = await leaveOpen();
    await patch(left.videoPath, at, word(value));
    await takes().closeIn(left.folder);
    expect(log.saying(CLOSED)).toMatchObject([{ context: { headerFrom: 'its copy', frames: 50 } }]);
    await verifyRecording({ ...left, frames: 50, width: 64, height: 48 });
    // Of a closed file no copy is kept: a header that breaks later must not bring an older one back.
    expect((await readFile(left.videoPath)).subarray(COPIES_AT, COPIES_AT + 8192)).toEqual(Buffer.alloc(8192));
  });

  it('is closed by the older copy where nothing tells that what the newer one names is on the disk', async () => {
    const left = await leaveOpen();
    await patch(left.videoPath, 0, Buffer.alloc(4096));
    await takes().closeIn(left.folder);
    await verifyRecording({ ...left, frames: 40, width: 64, height: 48 });
  });

  it.each([0, 1])('is closed by the one copy that is whole (%p is not)', async (place) => {
    const left = await leaveOpen();
    await patch(left.videoPath, 300, word(1));
    await patch(left.videoPath, COPIES_AT + 4096 * place + 2000, word(1));
    await takes().closeIn(left.folder);
    // The fifth commit's copy is in the first place, the fourth's in the second.
    await verifyRecording({ ...left, frames: place === 0 ? 40 : 50, width: 64, height: 48 });
  });

  it('is left alone by its copy, too, as long as its owner lives', async () => {
    const left = await leaveOpen();
    await patch(left.videoPath, 300, word(1));
    const asItWas = await contents(left);
    await takes(realFileSystem, ownersThat(LIVING, 'alive')).closeIn(left.folder);
    expect(await contents(left)).toEqual(asItWas);
  });

  it.each(OTHER_HEADERS)('is nobody of ours when its header differs and has no copy (%s)', async (_, at, value) => {
    const left = await leaveOpen();
    await patch(left.videoPath, at, word(value));
    await patch(left.videoPath, COPIES_AT, Buffer.alloc(8192));
    const asItWas = await contents(left);
    await takes().closeIn(left.folder);
    expect(await contents(left)).toEqual(asItWas);
    expect(log.lines).toEqual([]);
  });

  it('is removed when no frame was ever in it', async () => {
    const left = await leaveOpen();
    await patchCounts(left.videoPath, 0);
    await patch(left.videoPath, 224, word(0));
    await patch(left.videoPath, 244, Buffer.alloc(16));
    await patch(left.videoPath, 4076, word(0));
    await patch(left.videoPath, 4068, word(24));
    await takes().closeIn(left.folder);
    expect(await readdir(left.folder)).toEqual([]);
    expect(log.lines).toHaveLength(1);
  });

  it('keeps its live index where the disk has no room for another', async () => {
    const left = await leaveOpen();
    const disk = new FaultyFileSystem();
    disk.inject({ operation: 'writev', path: '.avi', after: 1, times: 1, effect: { kind: 'fail', errno: 'ENOSPC' } });
    await takes(disk.fileSystem).closeIn(left.folder);
    expect(log.saying(CLOSED)).toHaveLength(1);
    await verifyRecording({ ...left, frames: 50, width: 64, height: 48 });
  });

  it.each([
    ['open', 1],
    ['read', 2],
    ['writev', 0],
    ['truncate', 0],
  ] as const)('is left playable by a disk that fails to %s, and closed by the next start', async (operation, after) => {
    const left = await leaveOpen();
    const disk = new FaultyFileSystem();
    disk.inject({ operation, after, effect: { kind: 'fail', errno: 'EIO' } });
    await takes(disk.fileSystem).closeIn(left.folder);
    expect(log.saying(STAYS)).toHaveLength(1);
    await takes(realFileSystem, { self: async () => LIVING, stateOf: async () => 'gone' }).closeIn(left.folder);
    expect(log.saying(CLOSED)).toHaveLength(1);
    await verifyRecording({ ...left, frames: 50, width: 64, height: 48 });
  });

  it('is looked for in vain where the folder cannot be read', async () => {
    expect(await takes().closeIn(join(folder.path, 'nowhere'))).toBe(true);
    expect(log.lines).toMatchObject([{ level: 'debug' }]);
  });
});
