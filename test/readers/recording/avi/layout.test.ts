import { createHash } from 'node:crypto';
import { copyFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Frame } from '../../../../src/core/frame.js';
import { type AviGeometry, DEFAULT_GEOMETRY } from '../../../../src/recording/avi/avi-layout.js';
import type { Recording } from '../../../../src/recording/recording-session.js';
import { describeWithFfprobe } from '../../../harness/describe-with-ffprobe.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { SMALL_GEOMETRY, pathsOf, recordingSession, requestIn } from '../../../harness/recordings.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';
import { decodeMessages, verifyRecording } from '../../../harness/verify-recording.js';
import { gstreamer, hashesAfterSeek, mediaInfo, openCvOwn, openCvThroughFfmpeg } from '../readers.js';

const otherReaders = [openCvThroughFfmpeg, gstreamer, mediaInfo].filter((reader) => reader.isThere);

const hashOf = (frame: Frame | undefined): string =>
  createHash('md5')
    .update(Buffer.concat(frame?.bytes ?? []))
    .digest('hex');

describeWithFfprobe('the video, by readers that are not ours', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  /** Odd and even sizes, in two pieces as at the border of a reader's block. */
  const frames = jpegFrames(1500, { padding: (number) => (number * 7) % 900, inTwoPieces: true });

  async function record(geometry: AviGeometry, all: readonly Frame[], batch: number): Promise<Recording> {
    const recording = recordingSession({ geometry }).begin(requestIn(folder.path));
    for (let from = 0; from < all.length; from += batch) {
      await recording.append(all.slice(from, from + batch));
      await recording.checkpoint();
    }
    return recording;
  }

  async function expectWhole(recording: Recording, count: number): Promise<string> {
    const { paths: found, ...result } = await recording.close();
    const paths = pathsOf(found);
    expect(result).toMatchObject({ frames: count, bytes: (await stat(paths.videoPath)).size });
    expect(result).not.toHaveProperty('failure');
    const facts = await verifyRecording({ ...paths, frames: count, width: 64, height: 48 });
    expect(facts.embedded?.map((frame) => frame.number)).toEqual(frames.slice(0, count).map((_, index) => index + 1));
    expect(result.durationS).toBeCloseTo(facts.durationS, 3);
    return paths.videoPath;
  }

  async function expectReadersToFind(video: string, count: number): Promise<void> {
    const findings = await Promise.all(otherReaders.map(async ({ name, read }) => ({ name, ...(await read(video)) })));
    expect(findings).toEqual(otherReaders.map(({ name }) => ({ name, frames: count, seeks: true })));
  }

  it.each([
    ['in one RIFF', DEFAULT_GEOMETRY, 300, 25],
    ['across RIFFs and groups of an index', SMALL_GEOMETRY, 1500, 40],
    ['in batches of more parts than one write takes', DEFAULT_GEOMETRY, 1500, 1500],
    ['in batches larger than a RIFF', SMALL_GEOMETRY, 1500, 700],
    ['a frame at a time', SMALL_GEOMETRY, 200, 1],
    ['with full groups by number', { ...SMALL_GEOMETRY, liveEntries: 512, groupBytes: 2 ** 31 }, 1500, 100],
  ])('is whole %s', async (_, geometry, count, batch) => {
    const video = await expectWhole(await record(geometry, frames.slice(0, count), batch), count);
    await expectReadersToFind(video, count);
    for (const number of [Math.floor(count / 2), count - 1]) {
      const hashes = await hashesAfterSeek(video, (number + 0.25) / 30);
      expect({ number, first: hashes[0] }).toEqual({ number, first: hashOf(frames[number]) });
      expect(hashes).toHaveLength(count - number);
    }
  });

  it('has the old index, for readers that know no other', async () => {
    const recording = await record(DEFAULT_GEOMETRY, frames.slice(0, 60), 20);
    const video = await expectWhole(recording, 60);
    if (openCvOwn.isThere) expect(await openCvOwn.read(video)).toEqual({ frames: 60, seeks: true });
    expect((await readFile(video)).includes('idx1')).toBe(true);
  });

  it('holds the frames byte for byte', async () => {
    const video = await expectWhole(await record(SMALL_GEOMETRY, frames.slice(0, 500), 60), 500);
    expect(await hashesAfterSeek(video, 0)).toEqual(frames.slice(0, 500).map(hashOf));
  });

  it.each([
    ['in one RIFF', DEFAULT_GEOMETRY],
    ['across RIFFs', SMALL_GEOMETRY],
  ])('opens and seeks while it is being recorded, %s', async (_, geometry) => {
    const recording = await record(geometry, frames.slice(0, 700), 50);
    await recording.append(frames.slice(700, 704)); // not committed: not to be seen
    const copy = join(folder.path, 'copy.avi');
    await copyFile(recording.paths?.videoPath ?? '', copy);
    await recording.close();
    expect(await decodeMessages(copy)).toBe('');
    expect(await hashesAfterSeek(copy, 0)).toEqual(frames.slice(0, 700).map(hashOf));
    expect((await hashesAfterSeek(copy, 691.25 / 30))[0]).toBe(hashOf(frames[691]));
    await expectReadersToFind(copy, 700);
  });

  it('is playable with one frame, and with one of 20 KB', async () => {
    const small = await record(DEFAULT_GEOMETRY, frames.slice(0, 1), 1);
    await expectWhole(small, 1);
    const large = recordingSession().begin(requestIn(folder.path, { width: 320, height: 240 }));
    await large.append(jpegFrames(1, { large: true }));
    const { paths } = await large.close();
    if (paths === null) throw new Error('Nothing was recorded.');
    expect(paths.take).toBe(2);
    await verifyRecording({ ...paths, frames: 1, width: 320, height: 240 });
  });

  it('plays as long as the recording took, with frames missing and a rate that was not the expected one', async () => {
    const slow = jpegFrames(400, { periodNs: 41_234_567n }).filter((__, index) => index % 7 !== 3);
    const recording = recordingSession().begin(requestIn(folder.path, { fps: 60 }));
    await recording.append(slow);
    const { paths, frames: count, durationS } = await recording.close();
    if (paths === null) throw new Error('Nothing was recorded.');
    const facts = await verifyRecording({ ...paths, frames: slow.length, width: 64, height: 48 });
    const spanS = Number((slow.at(-1)?.timelineNs ?? 0n) - (slow[0]?.timelineNs ?? 0n)) / 1e9;
    expect(count).toBe(slow.length);
    expect(durationS - durationS / count).toBeCloseTo(spanS, 3);
    expect(facts.durationS).toBeCloseTo(durationS, 3);
  });

  it('runs on the arrival of frames where the camera gives no timestamps', async () => {
    const blind = jpegFrames(50, { times: () => ({ sensorTimestampNs: 0n }) });
    const recording = recordingSession().begin(requestIn(folder.path, { fps: 10 }));
    await recording.append(blind);
    const { paths, durationS } = await recording.close();
    if (paths === null) throw new Error('Nothing was recorded.');
    await verifyRecording({ ...paths, frames: 50, width: 64, height: 48 });
    expect(durationS).toBeCloseTo(50 / 30, 2);
  });
});
