import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { readLeftBehind } from '../../../../src/recording/avi/avi-reader.js';
import { makeFrame } from '../../../harness/fake-camera-source.js';
import { recordingSession, requestIn } from '../../../harness/recordings.js';
import { expectDamage } from '../../../harness/recordings-held.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
  expectDamage(folder.path, 'the frames are no pictures', ['V9']);
});

afterEach(async () => {
  await folder.remove();
});

it('finds the frames of the last commit in a recording that nobody closes', async () => {
  const recording = recordingSession().begin(requestIn(folder.path));
  const frames = Array.from({ length: 30 }, (_, index) => makeFrame(index + 1));
  await recording.append(frames.slice(0, 20));
  await recording.checkpoint();
  await recording.append(frames.slice(20));
  const { paths } = recording;
  if (paths === null) throw new Error('Nothing was recorded.');
  const left = await readLeftBehind(realFileSystem, paths.videoPath);
  expect(left.frames).toBe(20);
  expect(left.durationS).toBeCloseTo(20 * 0.033_333, 3);
  expect(left.bytes).toBeGreaterThan(2_000);
  await recording.close();
});

it('says io_error of a file that is not there, and of one that is none of ours', async () => {
  const videoPath = join(folder.path, 'a.avi');

  await expect(readLeftBehind(realFileSystem, videoPath)).rejects.toMatchObject({ code: 'io_error' });
  await writeFile(videoPath, Buffer.alloc(8192, 'RIFF'));
  await expect(readLeftBehind(realFileSystem, videoPath)).rejects.toMatchObject({ code: 'io_error' });
});
