import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NotReadable } from '../../../../src/inspect/not-readable.js';
import { openToInspect } from '../../../../src/inspect/open-file.js';
import { type VideoIndex, readFrame, readVideoIndex } from '../../../../src/inspect/video/video-index.js';
import { jpegOf, madeVideo } from '../../../harness/made-video.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

describe('the index of a video', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder.remove());

  async function indexOf(path: string): Promise<VideoIndex> {
    const handle = await openToInspect(path);
    try {
      return await readVideoIndex(handle);
    } finally {
      await handle.close();
    }
  }

  it('finds every frame of a video with several groups and RIFFs, byte for byte', async () => {
    const video = await madeVideo(folder.path);
    const handle = await openToInspect(video.path);
    try {
      const index = await readVideoIndex(handle);
      expect(index).toMatchObject({ width: 64, height: 48, state: 'closed', count: video.frames.length });
      expect(index.rate.rate / index.rate.scale).toBeCloseTo(30, 1);
      for (const [at, frame] of video.frames.entries()) {
        expect((await readFrame(handle, index, at + 1)).equals(jpegOf(frame))).toBe(true);
      }
      await expect(readFrame(handle, index, video.frames.length + 1)).rejects.toThrow(
        'There is no frame 1501 of 1500.',
      );
    } finally {
      await handle.close();
    }
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'The file has 0 bytes: too few for a recording of csi-cameras.'],
    ['another kind of file', Buffer.alloc(8192, 'RIFF'), 'The file is not a video that csi-cameras wrote.'],
  ])('says so where a file is %s', async (_, bytes, message) => {
    const path = join(folder.path, 'other.avi');
    await writeFile(path, bytes);
    await expect(indexOf(path)).rejects.toThrow(new NotReadable('not_ours', message));
  });

  it('opens no folder, and nothing that is not there', async () => {
    await expect(indexOf(folder.path)).rejects.toMatchObject({ reason: 'not_a_file' });
    await expect(indexOf(join(folder.path, 'none.avi'))).rejects.toMatchObject({ reason: 'absent' });
  });
});
