import { readdir, stat } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../../src/core/clock.js';
import { Frame } from '../../../../src/core/frame.js';
import { DEFAULT_GEOMETRY } from '../../../../src/recording/avi/avi-layout.js';
import type { FileRecordingSessionDependencies } from '../../../../src/recording/file-recording-session.js';
import type { Recording, RecordingResult } from '../../../../src/recording/recording-session.js';
import { describeWithFfprobe } from '../../../harness/describe-with-ffprobe.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { expectNothingLeft, holdings } from '../../../harness/nothing-left.js';
import { SMALL_GEOMETRY, pathsOf, recordingSession, requestIn } from '../../../harness/recordings.js';
import { expectDamage } from '../../../harness/recordings-held.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { readTiming, verifyRecording } from '../../../harness/verify-recording.js';

const frames = jpegFrames(400, { padding: (number) => (number * 11) % 700 });

describeWithFfprobe('a recording on a failing disk', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let disk: FaultyFileSystem;
  const before = holdings();
  const begun: Recording[] = [];

  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'the header tells of a larger frame that the disk did not take', ['V11']);
    disk = new FaultyFileSystem();
  });

  afterEach(async () => {
    for (const recording of begun.splice(0)) await recording.close();
    await expectNothingLeft(before);
    await folder.remove();
  });

  function begin(options: Partial<FileRecordingSessionDependencies> = {}): Recording {
    const session = recordingSession({ fileSystem: disk.fileSystem, geometry: SMALL_GEOMETRY, ...options });
    const recording = session.begin(requestIn(folder.path));
    begun.push(recording);
    return recording;
  }

  /** Appends batches with a checkpoint each until one fails; resolves with the failure. */
  async function recordUntilItFails(recording: Recording, batch = 12, count = frames.length): Promise<unknown> {
    try {
      for (let from = recording.frames; from < count; from += batch) {
        await recording.append(frames.slice(from, Math.min(from + batch, count)));
        await recording.checkpoint();
      }
      return undefined;
    } catch (failure) {
      return failure;
    }
  }

  /** The files hold what the result says, row by row; a video that ends without a frame is not there. */
  async function expectWhatIsSaid(result: RecordingResult, counted: number): Promise<void> {
    expect(result.frames).toBeLessThanOrEqual(counted);
    if (result.paths === null) {
      expect(result).toMatchObject({ frames: 0, bytes: 0, durationS: 0 });
      expect(await readdir(folder.path)).toEqual([]);
      return;
    }
    const facts = await verifyRecording({ ...result.paths, frames: result.frames, width: 64, height: 48 });
    expect(facts.embedded?.at(-1)?.number).toBe(result.frames);
  }

  it('goes on after short writes', async () => {
    disk.inject({ operation: 'writev', effect: { kind: 'short', bytes: 1000 } });
    const recording = begin();
    expect(await recordUntilItFails(recording, 40)).toBeUndefined();
    const result = await recording.close();
    expect(result).not.toHaveProperty('failure');
    expect(result.frames).toBe(400);
    await expectWhatIsSaid(result, 400);
  });

  it('says so when a file takes no bytes at all', async () => {
    const recording = begin();
    await recording.append(frames.slice(0, 5));
    disk.inject({ operation: 'writev', effect: { kind: 'short', bytes: 0 }, times: 1 });
    await expect(recording.append(frames.slice(5, 10))).rejects.toMatchObject({ code: 'io_error' });
    await expectWhatIsSaid(await recording.close(), 5);
  });

  it('waits for a stalled write', async () => {
    let goOn = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const recording = begin();
    await recording.append(frames.slice(0, 5));
    const stalled = disk.inject({ operation: 'writev', effect: { kind: 'stall', until }, times: 1 });
    const appended = recording.append(frames.slice(5, 10));
    expect(stalled.hits).toBe(1);
    expect(recording.frames).toBe(5);
    goOn();
    await appended;
    expect(recording.frames).toBe(10);
    await expectWhatIsSaid(await recording.close(), 10);
  });

  it('keeps the frames of a batch that fitted, with their rows', async () => {
    const recording = begin();
    await recording.append(frames.slice(0, 5));
    const batch = frames.slice(5, 15);
    const threeFrames = batch
      .slice(0, 3)
      .reduce((sum, frame) => sum + 8 + frame.byteLength + (frame.byteLength & 1), 0);
    disk.inject({ operation: 'writev', effect: { kind: 'short', bytes: threeFrames + 500 }, times: 1 });
    disk.inject({ operation: 'writev', effect: { kind: 'fail', errno: 'ENOSPC' }, times: 1 });
    await expect(recording.append(batch)).rejects.toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(/^write failed for .*\.avi \(ENOSPC\)\. The disk is full/),
      context: { operation: 'write', path: recording.paths?.videoPath, errno: 'ENOSPC', device: 'picam:0', trial: 1 },
    });
    expect(recording.frames).toBe(8);
    await expect(recording.append(batch)).rejects.toThrow('only close may follow');
    await expect(recording.checkpoint()).rejects.toThrow('only close may follow');
    const result = await recording.close();
    expect(result).toMatchObject({ frames: 8 });
    expect(result).not.toHaveProperty('failure');
    expect(await recording.close()).toBe(result);
    await expect(recording.append(batch)).rejects.toThrow('closed');
    await expectWhatIsSaid(result, 8);
  });

  describe('that is full', () => {
    it.each([0, 1, 2, 5, 20, 130])(
      'leaves a whole recording of what fitted, with %i blocks left after the first frames',
      async (blocks) => {
        const recording = begin();
        await recording.append(frames.slice(0, 3));
        disk.limitTo(blocks);
        const failure = await recordUntilItFails(recording, 9);
        expect(failure).toMatchObject({ code: 'disk_full' });
        const counted = recording.frames;
        const result = await recording.close();
        expect(result.frames).toBeGreaterThanOrEqual(3);
        await expectWhatIsSaid(result, counted);
      },
    );

    it.each([0, 4, 5, 7])('from the start, with %i blocks, leaves nothing or a whole one', async (blocks) => {
      disk.limitTo(blocks);
      const recording = begin();
      expect(await recordUntilItFails(recording)).toMatchObject({ code: 'disk_full' });
      const counted = recording.frames;
      await expectWhatIsSaid(await recording.close(), counted);
    });

    it('gives newest frames up for the rows and the index of the others', async () => {
      const recording = begin({ geometry: { ...SMALL_GEOMETRY, segmentBytes: 2 ** 22, growthBytes: 2 ** 21 } });
      await recording.append(frames.slice(0, 3));
      await recording.append(frames.slice(3, 300));
      disk.limitTo(0);
      const result = await recording.close();
      expect(result.frames).toBeGreaterThan(200);
      expect(result.frames).toBeLessThan(300);
      expect(result.failure).toMatchObject({ code: 'disk_full', context: { device: 'picam:0', trial: 1 } });
      await expectWhatIsSaid(result, 300);
    });

    it('does not try for longer than a shutdown has', async () => {
      let ns = 0n;
      const clock = { ...systemClock, monotonicNs: () => (ns += 1_000_000_000n) };
      const recording = begin({ clock, geometry: DEFAULT_GEOMETRY });
      await recording.append(frames.slice(0, 3));
      await recording.append(frames.slice(3, 100));
      disk.limitTo(0);
      const result = await recording.close();
      expect(result.frames).toBe(3);
      await expectWhatIsSaid(result, 100);
    });

    it('has no room for indexes of their own: the live index serves', async () => {
      const recording = begin();
      await recording.append(frames.slice(0, 60));
      await recording.checkpoint();
      disk.limitTo(0);
      const result = await recording.close();
      expect(result).toMatchObject({ frames: 60, failure: { code: 'disk_full' } });
      expect(result.bytes).toBe((await stat(result.paths?.videoPath ?? '')).size);
      await expectWhatIsSaid(result, 60);
    });
  });

  describe('that fails once or for good', () => {
    /** Every kind of border within 150 frames. */
    const geometry = { ...SMALL_GEOMETRY, groupBytes: 100_000, segmentBytes: 2 ** 18 };
    const operations = ['writev', 'truncate', 'datasync'] as const;

    /** Runs a recording whose disk fails after so many calls of the operation; `false` where it did not come to that. */
    async function failAfter(operation: (typeof operations)[number], path: string, after: number, times: number) {
      const place = await temporaryFolder();
      expectDamage(place.path, 'the header tells of a larger frame that the disk did not take', ['V11']);
      try {
        const faulty = new FaultyFileSystem();
        const session = recordingSession({
          fileSystem: faulty.fileSystem,
          geometry,
          sync: 'onCheckpoint',
        });
        const recording = session.begin(requestIn(place.path));
        const fault = faulty.inject({ operation, path, after, times, effect: { kind: 'fail', errno: 'EIO' } });
        const failure = await recordUntilItFails(recording, 50, 150);
        const counted = recording.frames;
        const result = await recording.close();
        if (fault.hits === 0) return false;
        const isSilent = failure === undefined && result.failure === undefined;
        // Only what a reader can do without may fail without a word, once: it is tried again.
        if (isSilent)
          expect({ operation, times, frames: result.frames }).toEqual({ operation: 'writev', times: 1, frames: 150 });
        if (result.paths === null) expect(await readdir(place.path)).toEqual([]);
        else if (after % 8 === 0)
          await expectWhatIsSaid(result, counted); // readers take their time
        else expect(await readTiming(pathsOf(result.paths).timingPath)).toHaveLength(result.frames);
        expect(result.frames).toBeLessThanOrEqual(counted);
        return true;
      } finally {
        await place.remove();
      }
    }

    it.each(
      operations.flatMap((operation) =>
        ['.avi', '_timing.csv'].flatMap((path) => [
          [operation, path, 1] as const,
          [operation, path, Number.POSITIVE_INFINITY] as const,
        ]),
      ),
    )('%s of %s (%d times), at any moment: the files hold what is said of them', async (operation, path, times) => {
      let after = 0;
      while (await failAfter(operation, path, after, times)) after += 1;
      expect(after).toBeGreaterThan(0);
    });

    it.each(['.avi', '_timing.csv'])('reports a failed close of %s', async (path) => {
      const recording = begin();
      await recording.append(frames.slice(0, 5));
      const fault = disk.inject({ operation: 'close', path, times: 1, effect: { kind: 'fail', errno: 'EIO' } });
      const result = await recording.close();
      expect(fault.hits).toBe(1);
      expect(result).toMatchObject({ frames: 5, failure: { code: 'io_error', context: { operation: 'close' } } });
      await expectWhatIsSaid(result, 5);
    });

    it('says what it could not remove', async () => {
      disk.inject({ operation: 'writev', path: '.avi', after: 3, effect: { kind: 'fail', errno: 'EIO' } });
      disk.inject({ operation: 'rm', effect: { kind: 'fail', errno: 'EROFS' } });
      const recording = begin();
      await expect(recording.append(frames.slice(0, 1))).rejects.toMatchObject({ code: 'io_error' });
      const result = await recording.close();
      expect(result).toMatchObject({ paths: null, frames: 0, failure: { code: 'io_error' } });
    });
  });

  it('refuses a frame that no RIFF has room for', async () => {
    const recording = begin({ geometry: { ...SMALL_GEOMETRY, segmentBytes: 2 ** 17, firstSegmentFrames: 100 } });
    await recording.append(frames.slice(0, 4));
    await recording.append(jpegFrames(1, { from: 5, padding: () => 40_000 }));
    const times = { sensorTimestampNs: 1n, arrivedMonotonicNs: 1n, wallClockUs: 1n };
    const giant = new Frame([Buffer.alloc(2 ** 17)], 2 ** 17, times, []);
    await expect(recording.append([giant])).rejects.toMatchObject({
      code: 'io_error',
      message: expect.stringMatching(/does not fit a video/),
    });
    await expectWhatIsSaid(await recording.close(), 5);
  });

  it('commits by itself where its owner never does, so that rows do not pile up', async () => {
    const recording = recordingSession().begin(requestIn(folder.path));
    for (let from = 0; from < 4200; from += 100) await recording.append(jpegFrames(100, { from: from + 1 }));
    const rows = await readTiming(recording.paths?.timingPath ?? '');
    expect(rows.length).toBeGreaterThanOrEqual(4096);
    await expectWhatIsSaid(await recording.close(), 4200);
  });
});
