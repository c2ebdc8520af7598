import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { RecordingPaths } from '../../src/recording/recording-session.js';
import { readTiming } from './read-timing.js';

/** Every row of a metadata file, by a reader that is not ours: `frame_index`, `sensor_timestamp_ns`, and what was told. */
export async function readMetadata(path: string): Promise<Readonly<Record<string, string>>[]> {
  const text = await readFile(path, 'utf8');
  assert(text.startsWith('frame_index,sensor_timestamp_ns,'), `header of ${path}`);
  assert(text.endsWith('\n'), `${path} ends with a whole row`);
  return parse(text, { columns: true });
}

/** Frames of a video by its header (`dwTotalFrames`). */
async function framesIn(videoPath: string): Promise<number> {
  return (await readFile(videoPath)).readUInt32LE(48);
}

/** The rows of timing = the rows of metadata (where there are any) = the frames of the video = `frames`, one by one. */
export async function assertRowsInStep(paths: RecordingPaths, frames: number): Promise<void> {
  const { videoPath, timingPath, metadataPath } = paths;
  assert.equal(await framesIn(videoPath), frames, `frames of ${videoPath}`);
  const timing = await readTiming(timingPath);
  const stamps = timing.map((row) => [`${row.frameIndex}`, `${row.sensorTimestampNs}`]);
  assert.equal(stamps.length, frames, `rows of ${timingPath}`);
  if (metadataPath === undefined) return;
  const metadata = await readMetadata(metadataPath);
  assert.deepEqual(
    metadata.map((row) => [row['frame_index'], row['sensor_timestamp_ns']]),
    stamps,
    `rows of ${metadataPath}`,
  );
}
