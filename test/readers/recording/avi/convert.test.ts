import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { OPENCV, PYTHON } from '../../../../scripts/readers.mjs';
import { summaryOf } from '../../../../src/cli/record/summary.js';
import type { RecordingPaths } from '../../../../src/recording/recording-session.js';
import { describeWithFfprobe } from '../../../harness/describe-with-ffprobe.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { isPresent } from '../../../harness/present-readers.js';
import { pathsOf, recordingSession, requestIn } from '../../../harness/recordings.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

const run = promisify(execFile);

const COPY_WITH_OPENCV = `
import cv2, sys
video = cv2.VideoCapture(sys.argv[1])
size = (int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT)))
copy = cv2.VideoWriter(sys.argv[2], cv2.VideoWriter_fourcc(*'mp4v'), video.get(cv2.CAP_PROP_FPS), size)
while True:
    is_there, picture = video.read()
    if not is_there: break
    copy.write(picture)
`;

const RATES = [
  { fps: 119.6, count: 1200 },
  { fps: 119.60137, count: 1200 },
  { fps: 120.76, count: 1200 },
  { fps: 120.7613, count: 2000 },
  { fps: 99.98713, count: 1000 },
  { fps: 29.97, count: 300 },
  { fps: 0.1, count: 20 },
  { fps: 1000, count: 2000 },
];

describeWithFfprobe('a video at an unusual rate', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(() => folder.remove());

  async function record(fps: number, count: number): Promise<RecordingPaths> {
    const recording = recordingSession().begin(requestIn(folder.path, { fps }));
    await recording.append(jpegFrames(count, { periodNs: BigInt(Math.round(1e9 / fps)) }));
    return pathsOf((await recording.close()).paths);
  }

  async function frameTimes(path: string): Promise<string[]> {
    const entries = ['-show_entries', 'packet=pts', '-of', 'csv=p=0', '-v', 'error'];
    const { stdout } = await run('ffprobe', [...entries, path], { maxBuffer: 2 ** 28 });
    return stdout.trim().split('\n');
  }

  async function rowsOf({ timingPath }: RecordingPaths): Promise<number> {
    return (await readFile(timingPath, 'utf8')).trimEnd().split('\n').length - 1;
  }

  it.each(RATES)('has one frame a row in the copy that the summary tells how to make, $fps fps', async (wish) => {
    const paths = await record(wish.fps, wish.count);
    const { videoPath: video_path, timingPath: timing_path } = paths;
    const about = { device_id: 'picam:0', camera_id: 'picam:0', trial_number: 1, take: 1, reason: 'command' } as const;
    const counts = { delivered: wish.count, dropped: 0, skipped: 0, source_gaps: 0, timestamps_disordered: 0 };
    const file = { video_path, timing_path, info_path: null, frames: wish.count, duration_s: 1, bytes: 1 };
    const given = {
      exposure_time_us: null,
      gain: null,
      colour_temperature_k: null,
      lens_position_dioptres: null,
      lux: null,
    };
    const line = summaryOf([{ ...about, ...counts, ...file, given }], '64x48').match(/^ +(ffmpeg .*)$/mu)?.[1] ?? '';
    await run('sh', ['-c', line.replace('ffmpeg', 'ffmpeg -v error -nostdin')]);
    const times = await frameTimes(video_path.replace(/avi$/u, 'mp4'));
    expect(times).toHaveLength(await rowsOf(paths));
    expect(new Set(times).size).toBe(times.length);
  });

  (isPresent(OPENCV) ? it : it.skip).each(RATES)(
    "is copied whole by OpenCV's MPEG-4 writer, $fps fps",
    async (wish) => {
      const paths = await record(wish.fps, wish.count);
      const copy = paths.videoPath.replace(/avi$/u, 'mp4');
      await run(PYTHON, ['-c', COPY_WITH_OPENCV, paths.videoPath, copy]);
      expect(await frameTimes(copy)).toHaveLength(await rowsOf(paths));
    },
  );
});
