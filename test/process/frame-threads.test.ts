import { expect, it } from '@jest/globals';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { openToInspect } from '../../src/inspect/open-file.js';
import { checkVideo } from '../../src/inspect/video/check-video.js';
import { type FrameDemands, type FrameJob, FramePass } from '../../src/inspect/video/frame-pass.js';
import { FrameThreads } from '../../src/inspect/video/frame-threads.js';
import { readVideoIndex } from '../../src/inspect/video/video-index.js';
import { jpegFrames } from '../harness/jpeg-frames.js';
import { madeVideo } from '../harness/made-video.js';
import { expectDamage } from '../harness/recordings-held.js';
import { temporaryFolder } from '../harness/temporary-folder.js';

const FRAMES = 1500;
const BROKEN_ONES = [3, 77, 200, 555, 990, 1500];

it('decodes the pictures of a large video with helpers, and finds each broken one', async () => {
  const folder = await temporaryFolder();
  let handle: FileHandle | undefined;
  let helpers: FrameThreads | undefined;
  try {
    expectDamage(folder.path, 'some pictures have zeros in them', ['V10']);
    // Ten jobs and more, so that some are given away and are done before others.
    const frames = jpegFrames(FRAMES, { large: true });
    const { path } = await madeVideo(folder.path, { frames, width: 320, height: 240 });
    handle = await openToInspect(path);
    const index = await readVideoIndex(handle);
    const file = await open(path, 'r+');
    for (const frame of BROKEN_ONES)
      await file.write(Buffer.alloc(4096), 0, 4096, (index.dataAt[frame - 1] ?? 0) + 9000);
    await file.close();
    helpers = new FrameThreads(handle.fd, 2);
    while (!helpers.isFree) await pause(1);
    const carried: number[] = [];
    const { findings, bytesRead } = await checkVideo(handle, {
      depth: 'decode',
      helpers,
      onEmbedded: (frame) => carried.push(frame),
    });
    expect(findings.map(({ id, frame }) => `${id} ${frame}`)).toEqual(BROKEN_ONES.map((frame) => `V10 ${frame}`));
    expect(carried).toEqual(Array.from({ length: FRAMES }, (_, at) => at + 1));
    expect(bytesRead).toBeGreaterThan(FRAMES * 20_000);
  } finally {
    await helpers?.close();
    await handle?.close();
    await folder.remove();
  }
});

it('finds in threads what it finds without, also with more jobs than threads, and says when one ended', async () => {
  const folder = await temporaryFolder();
  let handle: FileHandle | undefined;
  let threads: FrameThreads | undefined;
  try {
    expectDamage(folder.path, 'a picture has zeros in it', ['V10']);
    const { path } = await madeVideo(folder.path, { frames: jpegFrames(60, { large: true }), width: 320, height: 240 });
    handle = await openToInspect(path);
    const { dataAt, dataBytes } = await readVideoIndex(handle);
    const file = await open(path, 'r+');
    await file.write(Buffer.alloc(4096), 0, 4096, (dataAt[41] ?? 0) + 9000);
    await file.close();
    const demands: FrameDemands = {
      size: { width: 320, height: 240 },
      isDecoded: true,
      framesPerSum: 25,
      wantsEmbedded: true,
    };
    const jobOf = (first: number): FrameJob => ({
      demands,
      frames: Uint32Array.from({ length: 10 }, (_, index) => first + index),
      dataAt: dataAt.slice(first - 1, first + 9),
      dataBytes: dataBytes.slice(first - 1, first + 9),
      sampling: null,
    });
    const jobs = [1, 11, 21, 31, 41, 51].map(jobOf);
    const pass = new FramePass(handle.fd);
    const expected = jobs.map((job) => pass.look(job));
    expect(expected.flatMap(({ broken }) => broken)).toMatchObject([{ id: 'V10', frame: 42 }]);
    expect(expected[2]?.sums).toMatchObject([{ block: 0 }, { block: 1 }]);
    expect(expected[5]?.embedded.frames).toHaveLength(10);

    threads = new FrameThreads(handle.fd, 2);
    const asked = [];
    for (const job of jobs) {
      while (!threads.isFree) await pause(1);
      asked.push(threads.look(job));
    }
    expect(await Promise.all(asked)).toEqual(expected);
    await threads.close();
    expect(threads.isFree).toBe(true);
    await expect(threads.look(jobOf(1))).rejects.toThrow('ended');
  } finally {
    await threads?.close();
    await handle?.close();
    await folder.remove();
  }
});
