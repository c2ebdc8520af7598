import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendFileSync } from 'node:fs';
import { appendFile, copyFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openToInspect } from '../../../../src/inspect/open-file.js';
import { checkVideo } from '../../../../src/inspect/video/check-video.js';
import { byTable, combinedCrc32 } from '../../../../src/inspect/video/crc32.js';
import type { PartialSum } from '../../../../src/inspect/video/frame-pass.js';
import { type VideoIndex, readVideoIndex } from '../../../../src/inspect/video/video-index.js';
import type { VideoCheckOptions, VideoInspection } from '../../../../src/inspect/video/video-inspection.js';
import { ProcessOwners } from '../../../../src/recording/avi/recording-owner.js';
import { jpegFrames, sensorTimestampOf } from '../../../harness/jpeg-frames.js';
import { DEAD, ownersThat, patch, word } from '../../../harness/left-open-rig.js';
import { jpegOf, madeVideo } from '../../../harness/made-video.js';
import { recordingSession, requestIn, SMALL_GEOMETRY } from '../../../harness/recordings.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

const LARGE_FRAMES = 40;

describe('the check of a video', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let video: Awaited<ReturnType<typeof madeVideo>>;
  /** Frames of 20 KB, so that 4 KiB of zeros lie within one. */
  let large: Awaited<ReturnType<typeof madeVideo>>;
  let index: VideoIndex;
  beforeAll(async () => {
    folder = await temporaryFolder();
    video = await madeVideo(join(folder.path, 'many'));
    const frames = jpegFrames(LARGE_FRAMES, { large: true });
    large = await madeVideo(join(folder.path, 'large'), { frames, width: 320, height: 240, commitEach: 5 });
    index = await indexOf(video.path);
  });
  afterAll(() => folder.remove());

  async function indexOf(path: string): Promise<VideoIndex> {
    const handle = await openToInspect(path);
    try {
      return await readVideoIndex(handle);
    } finally {
      await handle.close();
    }
  }

  async function check(path: string, options: Partial<VideoCheckOptions> = {}): Promise<VideoInspection> {
    const handle = await openToInspect(path);
    try {
      return await checkVideo(handle, { depth: 'whole', ...options });
    } finally {
      await handle.close();
    }
  }

  /** A copy of the video, changed. */
  async function changed(change: (path: string, bytes: Buffer) => Promise<void>, from = video.path): Promise<string> {
    const path = join(folder.path, 'changed.avi');
    await copyFile(from, path);
    await change(path, await readFile(path));
    return path;
  }

  const failed = ({ findings }: VideoInspection): string[] =>
    findings.filter(({ kind }) => kind === 'failed').map(({ id, frame }) => (frame === null ? id : `${id} ${frame}`));

  const at = (frame: number): number => index.dataAt[frame - 1] ?? 0;
  const bytesOf = (frame: number): number => index.dataBytes[frame - 1] ?? 0;

  it.each(['quick', 'whole', 'decode'] as const)('passes a video of several groups and RIFFs (%s)', async (depth) => {
    const inspection = await check(video.path, { depth });
    expect(inspection.findings).toEqual([]);
    expect(inspection).toMatchObject({ state: 'closed', frames: 1500, width: 64, height: 48 });
    const quick = ['V1', 'V2', 'V3', 'V4', 'V5', 'V6', 'V7', 'V8', 'V11'];
    const more = { quick: [], whole: ['V9'], decode: ['V9', 'V10'] }[depth];
    expect(inspection.checked).toEqual([...quick.slice(0, 8), ...more, 'V11']);
    expect(inspection.index).toEqual(index);
    expect(inspection.pixelFormat).toBe(depth === 'quick' ? null : 'yuvj420p');
  });

  it('sums up the bytes of the frames, and tells the number and time that each carries', async () => {
    const sums: PartialSum[] = [];
    const carried: [number, number, bigint][] = [];
    await check(video.path, {
      sums: { framesPerSum: 1000, add: (sum) => sums.push(sum) },
      onEmbedded: (frame, number, sensorNs) => carried.push([frame, number, sensorNs]),
    });
    for (const block of [0, 1]) {
      const pieces = sums.filter((sum) => sum.block === block);
      const bytes = Buffer.concat(video.frames.slice(block * 1000, (block + 1) * 1000).map(jpegOf));
      expect(pieces.length).toBeGreaterThan(1);
      expect(pieces.reduce((crc, piece) => combinedCrc32(crc, piece.crc, piece.bytes), 0)).toBe(byTable(bytes, 0));
      expect(pieces.reduce((sum, piece) => sum + piece.bytes, 0)).toBe(bytes.length);
    }
    expect(carried).toHaveLength(1500);
    expect(carried[899]).toEqual([900, 900, sensorTimestampOf(900)]);
  });

  it.each<readonly [string, string[], (path: string, bytes: Buffer) => Promise<void>]>([
    ['bytes behind its end', ['V8'], (path) => appendFile(path, 'more')],
    ['a bit changed in the header', ['V1'], (path) => patch(path, 25, Buffer.from('u'))],
    ['another rate in the header', ['V1'], (path, bytes) => patch(path, 128, word(bytes.readUInt32LE(128) ^ 1))],
    ['a bit changed in a slot', ['V3'], (path, bytes) => patch(path, 244, word(bytes.readUInt32LE(244) ^ 64))],
    ['another count in strh', ['V3'], (path) => patch(path, 140, word(1501))],
    ['a larger largest frame', ['V11'], (path) => patch(path, 144, word(99_999))],
    [
      'an entry of an index changed',
      ['V4 11'],
      async (path, bytes) => {
        const slot = Number(bytes.readBigUInt64LE(244));
        const entry = slot + 32 + 8 * 10;
        await patch(path, entry, word(bytes.readUInt32LE(entry) ^ 0x4000));
      },
    ],
    [
      'an entry of idx1 changed',
      ['V7'],
      async (path, bytes) => {
        const entry = bytes.indexOf('idx1', 0, 'latin1') + 8 + 16 * 7;
        await patch(path, entry + 8, word(bytes.readUInt32LE(entry + 8) ^ 2));
      },
    ],
    ['a chunk of another length', ['V5 700'], (path) => patch(path, at(700) - 4, word(5))],
    ['a chunk of another name', ['V5 700'], (path) => patch(path, at(700) - 8, Buffer.from('01dc'))],
    [
      'a frame outside the index',
      ['V6'],
      async (path, bytes) => {
        const cover = bytes.indexOf('JUNK', at(50), 'latin1');
        await patch(path, cover, Buffer.from('00dc'));
      },
    ],
    ['a frame without its end', ['V9 1000'], (path) => patch(path, at(1000) + bytesOf(1000) - 2, Buffer.alloc(2, 1))],
    ['a second picture in a frame', ['V9 3'], (path) => patch(path, at(3) + 1200, Buffer.from([0xff, 0xd8]))],
    ['an end within a frame', ['V9 3'], (path) => patch(path, at(3) + 1200, Buffer.from([0xff, 0xd9]))],
    [
      'a frame of another size',
      ['V9 1200'],
      async (path, bytes) => {
        const header = bytes.indexOf('ffc0', at(1200), 'hex');
        await patch(path, header + 6, Buffer.from([40]));
      },
    ],
  ])('finds %s, and nothing else', async (_, expected, change) => {
    const path = await changed(change);
    expect(failed(await check(path))).toEqual(expected);
  });

  it('says what is wrong with the markers of a picture', async () => {
    const saysOf = async (marker: string): Promise<string | undefined> => {
      const path = await changed((copy, bytes) => {
        const scanAt = bytes.indexOf('ffda', at(1200), 'hex') + 20;
        return patch(copy, scanAt, Buffer.from(marker, 'hex'));
      });
      return (await check(path)).findings.find(({ id }) => id === 'V9')?.message;
    };
    expect(await saysOf('ffd8')).toMatch(/^a second picture begins at its byte \d+$/);
    expect(await saysOf('ffd9')).toMatch(/^it ends at its byte \d+, and has \d+ bytes$/);
  });

  it('finds 4 KiB of zeros in a picture when it decodes', async () => {
    const places = await indexOf(large.path);
    const path = await changed((copy) => patch(copy, (places.dataAt[29] ?? 0) + 9000, Buffer.alloc(4096)), large.path);
    expect(failed(await check(large.path, { depth: 'decode' }))).toEqual([]);
    expect(failed(await check(path, { depth: 'decode' }))).toEqual(['V10 30']);
    expect(failed(await check(path))).toEqual([]);
  });

  it('says once that a file is cut, wherever that is', async () => {
    const { fileBytes } = index;
    for (const bytes of [0, 4095, 4096, 9000, at(300), at(700) + 100, at(1400), fileBytes - 1]) {
      const path = await changed((copy) => truncate(copy, bytes));
      expect([bytes, failed(await check(path))]).toEqual([bytes, ['V1']]);
    }
  });

  it('says of a video left open that it is, how many frames it has, and holds them all the same', async () => {
    const session = recordingSession({ geometry: SMALL_GEOMETRY, owners: ownersThat(DEAD) });
    const recording = session.begin(requestIn(join(folder.path, 'left')));
    const path = join(folder.path, 'left.avi');
    for (let from = 0; from < 1500; from += 50) {
      await recording.append(video.frames.slice(from, from + 50));
      await recording.checkpoint();
    }
    await recording.append(jpegFrames(20, { from: 1501 }));
    const bytes = await readFile(recording.paths?.videoPath ?? '');
    const committed = bytes.readUInt32LE(140);
    await writeFile(path, bytes);
    await recording.close();
    expect(committed).toBeGreaterThanOrEqual(1500);
    // The mark of a process of this machine that is gone (`recording-owner.ts`): its number is above every other.
    const own = Buffer.from(await new ProcessOwners().self());
    await patch(path, 4040, own);
    const live = await check(path);
    expect(live).toMatchObject({ state: 'recording', checked: ['V2'] });
    expect(live.findings.map(({ id, kind }) => [id, kind])).toEqual([['V2', 'note']]);
    own.writeUInt32LE(0x7fff_fff0, 0);
    await patch(path, 4040, own);
    const left = await check(path);
    expect(left).toMatchObject({ state: 'left_open', frames: committed });
    expect(left.findings).toEqual([
      {
        id: 'V2',
        kind: 'lost',
        frame: null,
        message: `its writer ended before it could close it: ${committed} frames are whole, and what came behind them is lost`,
      },
    ]);
    await patch(path, at(700) - 4, word(5));
    expect(failed(await check(path))).toEqual(['V5 700']);
  });

  it('ends when it is told to, and does not follow a file that changes', async () => {
    const ended = check(video.path, { isGentle: true, signal: AbortSignal.abort(new Error('enough')) });
    await expect(ended).rejects.toThrow('enough');
    const path = await changed(async () => {});
    let isLonger = false;
    const grows = check(path, {
      onEmbedded: () => {
        if (isLonger) return;
        isLonger = true;
        appendFileSync(path, 'x');
      },
    });
    await expect(grows).rejects.toMatchObject({ name: 'NotReadable', reason: 'changed' });
  });
});
