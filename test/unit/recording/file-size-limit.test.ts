import { readFile, readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { withResolve } from '../../../src/core/within.js';
import type { Recording, RecordingPart, RecordingResult } from '../../../src/recording/recording-session.js';
import { FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { jpegFrames } from '../../harness/jpeg-frames.js';
import { expectNothingLeft, holdings } from '../../harness/nothing-left.js';
import { PROMPT_DISK } from '../../harness/prompt-disk.js';
import { pathsOf, recordingSession, requestIn, SMALL_GEOMETRY } from '../../harness/recordings.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const KIB = 1024;
const frames = jpegFrames(150, { padding: (number) => (number * 37) % 900 });
const largeFrames = jpegFrames(1, { padding: () => 30 * KIB });
/** Header, live index, room for the indexes of the end, and a frame of 2 KiB. */
const ENOUGH_FOR_A_PART = 40 * KIB;

/** As a reader finds them that walks the file, chunk by chunk. */
function framesOf(video: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let at = video.indexOf('movi', 0, 'latin1') + 4;
  while (at + 8 <= video.length) {
    const name = video.toString('latin1', at, at + 4);
    const bytes = video.readUInt32LE(at + 4);
    if (name === '00dc') found.push(video.subarray(at + 8, at + 8 + bytes));
    at += name === 'RIFF' || name === 'LIST' ? 12 : 8 + bytes + (bytes & 1);
  }
  expect(at).toBe(video.length);
  return found;
}

describe('a file that cannot grow', () => {
  const before = holdings();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'the same frames are recorded twice', ['V16', 'V17', 'V20']);
  });

  afterEach(async () => {
    await expectNothingLeft(before);
    await folder.remove();
  });

  interface Steps {
    readonly batch: number;
    readonly isCheckpointed: boolean;
    /** Called with the number of frames so far, before each batch. */
    readonly beforeBatch?: (frames: number) => void;
  }

  async function record(recording: Recording, { batch, isCheckpointed, beforeBatch }: Steps): Promise<void> {
    for (let from = 0; from < frames.length; from += batch) {
      beforeBatch?.(from);
      await recording.append(frames.slice(from, from + batch));
      if (isCheckpointed) await recording.checkpoint();
    }
  }

  /** Numbers of the frames in a part's video; its rows are those of the same frames. */
  async function numbersIn({ paths, frames: count }: RecordingPart): Promise<number[]> {
    const { videoPath, timingPath } = pathsOf(paths);
    const numbers = framesOf(await readFile(videoPath)).map(
      (frame) => /frame=(\d+) sensor_timestamp_ns=(\d+) /.exec(frame.toString('latin1')) ?? [],
    );
    const rows = (await readFile(timingPath, 'utf8')).trimEnd().split('\n').slice(1);
    expect(numbers).toHaveLength(count);
    expect(rows.map((row) => row.split(',')[7])).toEqual(numbers.map((found) => found[2]));
    return numbers.map((found) => Number(found[1]));
  }

  async function numbersOf(result: RecordingResult): Promise<number[]> {
    if (result.paths === null) return [];
    const numbers: number[] = [];
    for (const part of result.parts ?? [result as RecordingPart]) numbers.push(...(await numbersIn(part)));
    return numbers;
  }

  const firstNumbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
  const begin = (disk: FaultyFileSystem, trialNumber: number): Recording => {
    const session = recordingSession({ fileSystem: disk.fileSystem, geometry: SMALL_GEOMETRY });
    return session.begin(requestIn(folder.path, { trialNumber }));
  };

  it('is followed by the next part, without a frame missing, whatever the limit and however it is written', async () => {
    let trial = 0;
    const steps = fc.record({
      limit: fc.integer({ min: 80 * KIB, max: 400 * KIB }),
      batch: fc.integer({ min: 1, max: 60 }),
      isCheckpointed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(steps, async ({ limit, ...how }) => {
        const disk = new FaultyFileSystem(PROMPT_DISK);
        disk.limitFilesTo(limit);
        trial += 1;
        const recording = begin(disk, trial);
        await record(recording, how);
        const result = await recording.close();
        expect(result).not.toHaveProperty('failure');
        expect(await numbersOf(result)).toEqual(firstNumbers(frames.length));
        for (const part of result.parts?.slice(0, -1) ?? []) expect(part.endedBy).toBe('fileSize');
      }),
      { numRuns: 20 },
    );
  });

  it('loses nothing that is not said where the limit comes in the middle of a file', async () => {
    let trial = 0;
    const steps = fc.record({
      /** How far behind the bytes written by then: the head of a cover (8 bytes) has to fit. */
      room: fc.integer({ min: 8, max: 100 * KIB }),
      after: fc.nat({ max: 120 }),
      batch: fc.integer({ min: 1, max: 60 }),
      isCheckpointed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(steps, async ({ room, after, ...how }) => {
        const disk = new FaultyFileSystem(PROMPT_DISK);
        trial += 1;
        const recording = begin(disk, trial);
        let limit = Number.POSITIVE_INFINITY;
        const beforeBatch = (count: number): void => {
          if (count < after || limit < Number.POSITIVE_INFINITY) return;
          limit = recording.bytes + room;
          disk.limitFilesTo(limit);
        };
        const failure = await record(recording, { ...how, beforeBatch }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (failure !== undefined) {
          expect(failure).toMatchObject({ code: 'io_error', message: expect.stringContaining('largest file size') });
          expect(limit).toBeLessThan(ENOUGH_FOR_A_PART);
        }
        const result = await recording.close();
        const numbers = await numbersOf(result);
        expect(numbers).toEqual(firstNumbers(result.frames));
        if (failure === undefined) expect(result.frames).toBe(frames.length);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['small', frames],
    ['large', largeFrames],
  ])('is told with its true cause where not even one %s frame fits, and leaves nothing', async (_size, [frame]) => {
    if (frame === undefined) throw new Error('There is no frame.');
    const kept: number[] = [];
    for (let limitKib = 4; limitKib <= 120; limitKib += 4) {
      const disk = new FaultyFileSystem(PROMPT_DISK);
      disk.limitFilesTo(limitKib * KIB);
      const recording = begin(disk, limitKib);
      const failure: unknown = await recording.append([frame]).catch((thrown: unknown) => thrown);
      const { frames: count } = await recording.close();
      if (failure === undefined) {
        kept.push(count);
        continue;
      }
      expect(failure).toMatchObject({
        code: 'io_error',
        message: expect.stringMatching(
          /\(EFBIG\)\. The largest file size of the file system or of the process is reached/,
        ),
      });
      expect(count).toBe(0);
      expect(await readdir(folder.path)).toEqual([]);
      expect(kept).toEqual([]); // with more room there is no failure again
    }
    expect(kept).toContain(1);
  });

  it('names no open video from the end of one part to the next, because a closed number may be another file', async () => {
    const disk = new FaultyFileSystem(PROMPT_DISK);
    const recording = begin(disk, 1);
    const atTheEnd: unknown[] = [];
    disk.observe(({ operation, path }) => {
      if (operation === 'close' && path.endsWith('.avi')) atTheEnd.push(recording.openVideo);
    });
    await recording.append(frames.slice(0, 20));
    expect(recording.openVideo?.fd).toBeGreaterThan(2);
    disk.limitFilesTo(100 * KIB);
    await record(recording, { batch: 20, isCheckpointed: true });
    expect(atTheEnd.length).toBeGreaterThan(0);
    expect(new Set(atTheEnd)).toEqual(new Set([null]));
    await recording.close();
    expect(recording.openVideo).toBeNull();
  });

  it.each(['video', 'rows'])(
    'ends the recording with what is whole where the %s of the next part cannot be made',
    async (which) => {
      const disk = new FaultyFileSystem(PROMPT_DISK);
      const recording = begin(disk, 1);
      await recording.append(frames.slice(0, 60));
      const path = which === 'video' ? '_take2.avi' : '_take2_timing.csv';
      disk.inject({ operation: 'writev', path, effect: { kind: 'fail', errno: 'EFBIG' } });
      disk.limitFilesTo(150 * KIB);
      await expect(record(recording, { batch: 20, isCheckpointed: true })).rejects.toMatchObject({ code: 'io_error' });
      const result = await recording.close();
      expect(result.paths?.take).toBe(1);
      expect(result).not.toHaveProperty('parts');
      expect((await numbersOf(result)).length).toBe(result.frames);
    },
  );

  it('saves the frames of the last part before it asks a disk that does not answer for the others', async () => {
    const disk = new FaultyFileSystem(PROMPT_DISK);
    disk.limitFilesTo(100 * KIB);
    const recording = begin(disk, 1);
    await recording.append(frames.slice(0, 100));
    disk.limitFilesTo(Number.POSITIVE_INFINITY);
    await recording.append(frames.slice(100));
    const first = recording.paths?.videoPath ?? '';
    const answer = withResolve<void>();
    const question = disk.inject({ operation: 'stat', path: first, effect: { kind: 'stall', until: answer.promise } });
    const isLastWhole = new Promise<void>((resolve) => {
      disk.observe(({ operation, path }) => {
        if (operation === 'close' && path.endsWith('_timing.csv')) resolve();
      });
    });
    const closing = recording.close();
    await isLastWhole;
    answer.resolve();
    const result = await closing;
    expect(question.hits).toBe(1);
    expect(await numbersOf(result)).toEqual(firstNumbers(frames.length));
  });

  it('ends the recording with the rows that fit where those alone cannot grow', async () => {
    const disk = new FaultyFileSystem(PROMPT_DISK);
    const recording = begin(disk, 1);
    await recording.append(frames.slice(0, 60));
    await recording.checkpoint();
    disk.inject({ operation: 'writev', path: '.csv', effect: { kind: 'fail', errno: 'EFBIG' } });
    await recording.append(frames.slice(60, 80));
    await expect(recording.checkpoint()).rejects.toMatchObject({
      message: expect.stringContaining('largest file size'),
    });
    const result = await recording.close();
    expect(await numbersOf(result)).toEqual(firstNumbers(60));
  });
});
