import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { withResolve } from '../../../src/core/within.js';
import type { Recording, RecordingPart, RecordingResult } from '../../../src/recording/recording-session.js';
import { FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { jpegFrames, usualMetadata } from '../../harness/jpeg-frames.js';
import { MemoryLogSink } from '../../harness/memory-log-sink.js';
import { expectNothingLeft, holdings } from '../../harness/nothing-left.js';
import { pathsOf, recordingSession, requestIn, SMALL_GEOMETRY } from '../../harness/recordings.js';
import { assertRowsInStep, readMetadata } from '../../harness/rows-in-step.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const frames = jpegFrames(120, { padding: (number) => (number * 37) % 900, metadata: usualMetadata });

describe('the metadata of the frames of a recording', () => {
  const before = holdings();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let disk: FaultyFileSystem;

  beforeEach(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'the same frames are recorded twice', ['V16', 'V20']);
    disk = new FaultyFileSystem();
  });

  afterEach(async () => {
    await expectNothingLeft(before);
    await folder.remove();
  });

  const begin = (writesMetadata = true, trialNumber = 1, options = {}): Recording => {
    const session = recordingSession({ fileSystem: disk.fileSystem, geometry: SMALL_GEOMETRY, ...options });
    return session.begin(requestIn(folder.path, { trialNumber, ...(writesMetadata ? { writesMetadata } : {}) }));
  };

  /** Records until it fails; resolves with whether it did. */
  async function record(recording: Recording, batch: number, commitEvery: number): Promise<boolean> {
    try {
      for (let from = 0; from < frames.length; from += batch) {
        await recording.append(frames.slice(from, from + batch));
        if (Math.floor(from / batch) % commitEvery === 0) await recording.checkpoint();
      }
      return false;
    } catch {
      return true; // what it says is held elsewhere
    }
  }

  async function expectInStep(result: RecordingResult, writesMetadata: boolean): Promise<void> {
    if (result.paths === null) return;
    for (const part of result.parts ?? [result as RecordingPart]) {
      const paths = pathsOf(part.paths);
      expect(paths.metadataPath !== undefined).toBe(writesMetadata);
      await assertRowsInStep(paths, part.frames);
    }
  }

  it('are written beside the timing file, a row a frame, what the camera told in its column', async () => {
    const recording = begin();
    await recording.append(frames.slice(0, 1));
    const { paths } = recording;
    expect(paths?.metadataPath).toBe(paths?.videoPath.replace(/\.avi$/, '_metadata.csv'));
    await record(recording, 7, 3);
    const result = await recording.close();
    await expectInStep(result, true);
    const rows = await readMetadata(paths?.metadataPath ?? '');
    expect(rows).toHaveLength(121);
    expect(rows[5]).toMatchObject({ ExposureTime: '5005', ColourGains: '[ 1.781250, 2.171875 ]', other: '' });
  });

  it('are nowhere without being asked for', async () => {
    const recording = begin(false);
    await record(recording, 7, 3);
    const { paths } = await recording.close();
    expect(paths).not.toHaveProperty('metadataPath');
    expect(await readdir(folder.path, { recursive: true })).toHaveLength(5);
  });

  it('have their columns by the first frame that tells something, and empty fields where nothing is told', async () => {
    const some = jpegFrames(6, { metadata: (number) => (number === 2 || number === 5 ? `A=${number}` : '') });
    const recording = begin();
    await recording.append([...jpegFrames(1), ...some.slice(1)]);
    const { paths } = await recording.close();
    const rows = await readMetadata(pathsOf(paths).metadataPath ?? '');
    expect(rows.map((row) => row['A'])).toEqual(['', '2', '', '', '5', '']);
    await assertRowsInStep(pathsOf(paths), 6);
  });

  it('are bounded, and what is left out is said once', async () => {
    const log = new MemoryLogSink();
    const recording = begin(true, 1, { log: log.log.bind(log) });
    const large = jpegFrames(20, { metadata: () => `A=${'x'.repeat(9000)}` });
    for (let from = 0; from < large.length; from += 5) {
      await recording.append(large.slice(from, from + 5));
      await recording.checkpoint();
    }
    const { paths } = await recording.close();
    await assertRowsInStep(pathsOf(paths), 20);
    expect(log.lines.filter(({ message }) => message.startsWith('The camera tells more of a frame'))).toMatchObject([
      { level: 'warn', context: { device: 'picam:0', trial: 1, path: pathsOf(paths).metadataPath } },
    ]);
  });

  it('count as a name of the take, whether they are wanted or not', async () => {
    const first = begin();
    await first.append(frames.slice(0, 2));
    const { paths } = await first.close();
    const { videoPath, timingPath, metadataPath = '' } = pathsOf(paths);
    const kept = await readFile(metadataPath);
    await rm(videoPath);
    await rm(timingPath);
    const without = begin(false);
    await without.append(frames.slice(0, 2));
    expect((await without.close()).paths).toMatchObject({ take: 2 });
    const second = begin();
    await second.append(frames.slice(0, 2));
    expect((await second.close()).paths).toMatchObject({
      take: 3,
      metadataPath: expect.stringMatching(/_take3_metadata\.csv$/),
    });
    expect(await readFile(metadataPath)).toEqual(kept);
    expect((await readdir(join(metadataPath, '..'))).sort()).toHaveLength(6);
  });

  it('are found where they were moved, and missed where they alone were removed', async () => {
    const moved = begin();
    await moved.append(frames.slice(0, 10));
    const { metadataPath = '', videoPath = '' } = moved.paths ?? {};
    await rename(metadataPath, join(folder.path, 'elsewhere.csv'));
    expect(await moved.locate()).toMatchObject({ kind: 'moved', path: metadataPath, paths: { videoPath } });
    const atTheEnd = await moved.close();
    expect(atTheEnd.paths?.metadataPath).toMatch(/elsewhere\.csv$/);
    await assertRowsInStep(pathsOf(atTheEnd.paths), 10);

    const removed = begin(true, 2);
    await removed.append(frames.slice(0, 10));
    const path = removed.paths?.metadataPath ?? '';
    await rm(path);
    expect(await removed.locate()).toEqual({ kind: 'removed', path });
    const result = await removed.close();
    expect(result).toMatchObject({
      frames: 10,
      paths: { metadataPath: null },
      failure: { code: 'invalid_session_dir', context: { path } },
    });
    const { take, videoPath: video = '', timingPath: timing = '' } = result.paths ?? {};
    await assertRowsInStep({ take: take ?? 0, videoPath: video ?? '', timingPath: timing ?? '' }, 10);
  });

  it('have no path any more where a finished part of them was moved', async () => {
    const geometry = { ...SMALL_GEOMETRY, groupBytes: 50_000, maxGroups: 2 };
    const recording = begin(true, 1, { geometry });
    await record(recording, 10, 1);
    const path = recording.paths?.metadataPath ?? '';
    await rename(path, join(folder.path, 'elsewhere.csv'));
    const { parts = [], unreachable } = await recording.close();
    expect(parts.length).toBeGreaterThan(1);
    expect(parts[0]?.paths).toMatchObject({ metadataPath: null, timingPath: expect.stringMatching(/_timing\.csv$/) });
    expect(unreachable).toMatchObject({ kind: 'unreachable' });
    for (const part of parts.slice(1)) await assertRowsInStep(pathsOf(part.paths), part.frames);
  });

  it('hold up a commit whose disk does not answer, and are whole when it does', async () => {
    const recording = begin();
    await recording.append(frames.slice(0, 10));
    const answer = withResolve<void>();
    disk.inject({
      operation: 'writev',
      path: '_metadata.csv',
      times: 1,
      effect: { kind: 'stall', until: answer.promise },
    });
    await recording.append(frames.slice(10, 30));
    const commit = recording.checkpoint();
    expect(await recording.locate()).toEqual({ kind: 'inPlace' });
    answer.resolve();
    await commit;
    const { paths } = await recording.close();
    await assertRowsInStep(pathsOf(paths), 30);
  });

  it('leave nothing where their file cannot be begun, and say why', async () => {
    disk.inject({ operation: 'writev', path: '_metadata.csv', effect: { kind: 'fail', errno: 'ENOSPC' } });
    const recording = begin();
    await expect(recording.append(frames.slice(0, 1))).rejects.toMatchObject({
      code: 'disk_full',
      context: { path: expect.stringMatching(/_metadata\.csv$/) },
    });
    await recording.close();
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('overwrite nothing that comes between the names of the take', async () => {
    await writeFile(join(folder.path, 'x'), '');
    const takes = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const recording = recordingSession().begin(
          requestIn(folder.path, index % 2 === 0 ? { writesMetadata: true } : {}),
        );
        await recording.append(frames.slice(0, 1 + index));
        return recording.close();
      }),
    );
    for (const [index, { paths }] of takes.entries()) await assertRowsInStep(pathsOf(paths), 1 + index);
    expect(new Set(takes.map(({ paths }) => paths?.take)).size).toBe(8);
  });
});
