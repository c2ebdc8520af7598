import { expect, it } from '@jest/globals';
import { type FileHandle, open } from 'node:fs/promises';
import { openToInspect } from '../../src/inspect/open-file.js';
import { checkVideo } from '../../src/inspect/video/check-video.js';
import { readVideoIndex } from '../../src/inspect/video/video-index.js';
import { jpegFrames } from '../harness/jpeg-frames.js';
import { madeVideo } from '../harness/made-video.js';
import { expectDamage } from '../harness/recordings-held.js';
import { temporaryFolder } from '../harness/temporary-folder.js';

it('decodes the pictures of a large video in threads, finds each broken one, and ends the threads', async () => {
  const folder = await temporaryFolder();
  let handle: FileHandle | undefined;
  try {
    // 5 MB: more than is decoded without a thread.
    expectDamage(folder.path, 'three pictures have zeros in them', ['V10']);
    const frames = jpegFrames(200, { large: true });
    const { path } = await madeVideo(folder.path, { frames, width: 320, height: 240 });
    handle = await openToInspect(path);
    const index = await readVideoIndex(handle);
    const file = await open(path, 'r+');
    for (const frame of [3, 77, 200])
      await file.write(Buffer.alloc(4096), 0, 4096, (index.dataAt[frame - 1] ?? 0) + 9000);
    await file.close();
    const { findings, bytesRead } = await checkVideo(handle, { depth: 'decode' });
    expect(findings.map(({ id, frame }) => `${id} ${frame}`)).toEqual(['V10 3', 'V10 77', 'V10 200']);
    expect(bytesRead).toBeGreaterThan(2 * 200 * 20_000);
  } finally {
    await handle?.close();
    await folder.remove();
  }
});
