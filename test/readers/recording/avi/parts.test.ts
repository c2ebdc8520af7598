import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Frame } from '../../../../src/core/frame.js';
import type { FileRecordingSessionDependencies } from '../../../../src/recording/file-recording-session.js';
import type { Recording, RecordingPart, RecordingPaths } from '../../../../src/recording/recording-session.js';
import { describeWithFfprobe } from '../../../harness/describe-with-ffprobe.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { SMALL_GEOMETRY, pathsOf, recordingSession, requestIn } from '../../../harness/recordings.js';
import { expectDamage } from '../../../harness/recordings-held.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { readTiming, verifyRecording } from '../../../harness/verify-recording.js';

/** An index that is full after three groups of some 40 frames. */
const SOON_FULL = { ...SMALL_GEOMETRY, groupBytes: 60_000, maxGroups: 3 };
const frames = jpegFrames(400, { padding: (number) => (number * 11) % 700 });

function frameOf(bytes: number): Frame {
  const times = { sensorTimestampNs: 1n, arrivedMonotonicNs: 1n, wallClockUs: 1n };
  return new Frame([Buffer.alloc(bytes)], bytes, times, []);
}

describeWithFfprobe('a recording whose index is full', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let disk: FaultyFileSystem;
  let announced: { readonly ended: RecordingPart; readonly next: RecordingPaths }[];
  let recording: Recording;
  const before = holdings();

  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'some frames are no pictures, frames come twice, and files of parts are removed', [
      'V9',
      'V16',
      'V17',
      'V20',
      'V24',
      'V25',
    ]);
    disk = new FaultyFileSystem();
    announced = [];
    begin();
  });

  afterEach(async () => {
    await recording.close();
    await expectNothingLeft(before);
    await folder.remove();
  });

  function begin(options: Partial<FileRecordingSessionDependencies> = {}): void {
    const session = recordingSession({ fileSystem: disk.fileSystem, geometry: SOON_FULL, ...options });
    recording = session.begin(requestIn(folder.path), (ended, next) => {
      announced.push({ ended, next });
    });
  }

  async function record(batch: number, isCheckpointed: boolean): Promise<void> {
    for (let from = recording.frames; from < frames.length; from += batch) {
      await recording.append(frames.slice(from, from + batch));
      if (isCheckpointed) await recording.checkpoint();
      expect(recording.frames).toBe(Math.min(from + batch, frames.length));
    }
  }

  /** Each part is whole by itself, and together they hold every frame in order. */
  async function expectAllFramesIn(parts: readonly RecordingPart[], count: number): Promise<void> {
    const numbers: number[] = [];
    for (const { paths, frames: inPart } of parts) {
      const facts = await verifyRecording({ ...paths, frames: inPart, width: 64, height: 48 });
      numbers.push(...(facts.embedded ?? []).map(({ number }) => number));
    }
    expect(numbers).toEqual(frames.slice(0, count).map((_, index) => index + 1));
  }

  it.each([
    ['in batches with a checkpoint each', 12, true],
    ['in batches over several parts at once', 170, false],
    ['a frame at a time', 1, true],
  ])('goes on in the next take without missing a frame, %s', async (_, batch, isCheckpointed) => {
    await record(batch, isCheckpointed);
    const first = recording.paths;
    const { parts = [], ...result } = await recording.close();
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.map(({ paths }) => paths.take)).toEqual(parts.map((__, index) => index + 1));
    await expectAllFramesIn(parts, frames.length);

    expect(result).toMatchObject({ paths: parts[0]?.paths, frames: frames.length });
    expect(result).not.toHaveProperty('failure');
    expect(first).toEqual(parts[0]?.paths);
    const [bytes, durationS] = [result.bytes, result.durationS];
    expect(bytes).toBe(parts.reduce((sum, part) => sum + part.bytes, 0));
    expect(durationS).toBeCloseTo(frames.length / 30, 2);
    expect(announced).toEqual(parts.slice(1).map(({ paths }, index) => ({ ended: parts[index], next: paths })));
  });

  it('makes no part that no frame comes to', async () => {
    for (let from = 0; announced.length === 0; from += 1) {
      await recording.append(frames.slice(from, from + 1));
      await recording.checkpoint();
    }
    const [{ ended } = { ended: undefined }] = announced;
    await recording.close();
    begin();
    const again = frames.slice(0, ended?.frames);
    await recording.append(again);
    await recording.checkpoint();
    const result = await recording.close();
    expect(announced).toHaveLength(1);
    expect(result).toMatchObject({ frames: again.length });
    expect(result).not.toHaveProperty('parts');
  });

  it('is in its place while one part ends and the next begins', async () => {
    const found = new Set<string>();
    disk.observe(async ({ operation }) => {
      if (operation === 'writev' || operation === 'truncate') found.add((await recording.locate()).kind);
    });
    await record(40, true);
    expect([...found]).toEqual(['inPlace']);
  });

  it('keeps the parts that are whole where the next cannot be made', async () => {
    disk.inject({ operation: 'open', path: '.avi', after: 1, effect: { kind: 'fail', errno: 'ENOSPC' } });
    await expect(record(25, true)).rejects.toMatchObject({ code: 'disk_full' });
    const counted = recording.frames;
    const result = await recording.close();
    expect(result).toMatchObject({ frames: counted, paths: { take: 1 } });
    expect(result).not.toHaveProperty('parts');
    expect(announced).toEqual([]);
    await expectAllFramesIn([result as RecordingPart], counted);
  });

  it.each(['truncate', 'close', 'writev'] as const)(
    'is saved by its end where the end of a part fails (%s)',
    async (operation) => {
      const isFull = new Promise<void>((resolve) => {
        disk.observe(({ path, operation: done }) => {
          if (done === 'writev' && path.endsWith('.avi') && recording.frames > 130) resolve();
        });
      });
      void isFull.then(() =>
        disk.inject({ operation, path: '.avi', times: 1, effect: { kind: 'fail', errno: 'EIO' } }),
      );
      await record(12, true).catch((thrown: unknown) => thrown);
      const counted = recording.frames;
      const { parts, ...result } = await recording.close();
      const all = parts ?? [result as RecordingPart];
      expect(result.frames).toBeLessThanOrEqual(counted);
      await expectAllFramesIn(all, result.frames);
    },
  );

  it('claims nothing of a part that was removed under it, and all of those before', async () => {
    await record(12, true);
    const last = announced.at(-1)?.next;
    await disk.fileSystem.rm(last?.videoPath ?? '');
    await disk.fileSystem.rm(last?.timingPath ?? '');
    const { parts = [], ...result } = await recording.close();
    expect(parts).toEqual(announced.map(({ ended }) => ended));
    expect(result).toMatchObject({ paths: { take: 1 }, failure: { code: 'invalid_session_dir' } });
    await expectAllFramesIn(parts, result.frames);
  });

  it('notices at the end of a part that it was removed', async () => {
    await recording.append(frames.slice(0, 10));
    await disk.fileSystem.rm(recording.paths?.videoPath ?? '');
    await expect(record(10, true)).rejects.toMatchObject({ code: 'invalid_session_dir' });
    expect(await recording.close()).toMatchObject({ paths: null, frames: 0 });
  });

  it('begins a part with a frame of any size that a video takes', async () => {
    const huge = [frameOf(200_000)];
    for (let from = 0; from < frames.length; from += 20) {
      await recording.append(frames.slice(from, from + 20));
      await recording.append(huge);
    }
    const { parts = [], ...result } = await recording.close();
    expect(result.frames).toBe(frames.length + 20);
    for (const { paths, frames: inPart } of parts)
      expect(await readTiming(pathsOf(paths).timingPath)).toHaveLength(inPart);
  });

  it('refuses a frame that no video has room for, in a later part too', async () => {
    await record(40, true);
    await expect(recording.append([frameOf(2 ** 20)])).rejects.toMatchObject({
      message: expect.stringMatching(/does not fit/),
    });
  });
});
