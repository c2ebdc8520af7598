import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { jpegFrames } from '../../harness/jpeg-frames.js';
import { describeWithFfprobe } from '../../harness/describe-with-ffprobe.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { SMALL_GEOMETRY, recordingSession, requestIn } from './recordings.js';

const run = promisify(execFile);

/** The files as a death after some write left them, and what was committed by then. */
interface Moment {
  readonly videoPath: string;
  readonly rows: number;
  readonly committed: number;
  /** Frames by the stream's header. */
  readonly inHeader: number;
}

/** Every border of the layout (growth, a group's end, a RIFF's end, the end of the file) within 140 frames. */
const GEOMETRY = { ...SMALL_GEOMETRY, groupBytes: 100_000, segmentBytes: 2 ** 18, firstSegmentFrames: 90 };

describeWithFfprobe('a process that dies at any moment', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  /** Records and closes, and copies both files after each operation that changed the video, from the first commit on. */
  async function record(): Promise<Moment[]> {
    const moments: Moment[] = [];
    const disk = new FaultyFileSystem();
    const recording = recordingSession({ fileSystem: disk.fileSystem, geometry: GEOMETRY }).begin(
      requestIn(folder.path),
    );
    let committed = 0;
    disk.observe(async ({ operation, path }) => {
      if (committed === 0 || !path.endsWith('.avi') || (operation !== 'writev' && operation !== 'truncate')) return;
      const videoPath = join(folder.path, `${moments.length}.avi`);
      await copyFile(path, videoPath);
      const rows = (await readFile(path.replace('.avi', '_timing.csv'), 'utf8')).split('\n').length - 2;
      const inHeader = (await readFile(videoPath)).readUInt32LE(140);
      moments.push({ videoPath, rows, committed, inHeader });
    });
    const frames = jpegFrames(140, { padding: (number) => (number * 11) % 700 });
    for (let from = 0; from < frames.length; from += 10) {
      await recording.append(frames.slice(from, from + 10));
      await recording.checkpoint();
      committed = recording.frames;
    }
    expect(await recording.close()).toMatchObject({ frames: 140 });
    return moments;
  }

  /** Frames that ffmpeg finds in each of the videos: one process for all, since its start is what takes the time. */
  async function countFrames(moments: readonly Moment[], codec: readonly string[]): Promise<number[]> {
    const inputs = moments.flatMap(({ videoPath }) => ['-i', videoPath]);
    const maps = moments.flatMap((_, index) => ['-map', `${index}:v`]);
    const { stdout, stderr } = await run(
      'ffmpeg',
      ['-v', 'warning', '-nostdin', ...inputs, ...maps, ...codec, '-f', 'framecrc', '-'],
      { maxBuffer: 2 ** 26 },
    );
    expect(stderr).toBe('');
    const counts = moments.map(() => 0);
    for (const line of stdout.split('\n')) {
      const [stream = ''] = line.split(',');
      if (/^\d+$/.test(stream)) counts[Number(stream)] = (counts[Number(stream)] ?? 0) + 1;
    }
    return counts;
  }

  it('leaves a video that opens without repair and holds every committed frame, and its row', async () => {
    const moments = await record();
    expect(moments.length).toBeGreaterThan(60);
    const found = await countFrames(moments, ['-c', 'copy']);
    expect(found.map((count, index) => ({ index, holdsAll: count >= (moments[index]?.committed ?? 0) }))).toEqual(
      moments.map((_, index) => ({ index, holdsAll: true })),
    );
    expect(found).toEqual(moments.map(({ inHeader }) => inHeader));
    expect(found.map((count, index) => count <= (moments[index]?.rows ?? 0))).not.toContain(false);
    expect(await countFrames(moments, [])).toEqual(found);
  });
});
