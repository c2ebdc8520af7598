import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GSTREAMER, MEDIAINFO, OPENCV, PYTHON } from '../../../scripts/readers.mjs';
import { isPresent } from '../../harness/present-readers.js';

const run = promisify(execFile);

/** Frames that a reader decoded from start to end, and whether it could read the last but one after a seek. */
export interface ReaderFindings {
  readonly frames: number;
  readonly seeks: boolean;
}

export interface Reader {
  readonly name: string;
  readonly isThere: boolean;
  readonly read: (videoPath: string) => Promise<ReaderFindings>;
}

const OPENCV_SCRIPT = `
import cv2, sys
video = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG if sys.argv[2] == 'ffmpeg' else cv2.CAP_OPENCV_MJPEG)
frames = 0
while video.read()[0]: frames += 1
told = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
seeks = told == frames and video.set(cv2.CAP_PROP_POS_FRAMES, frames - 2) and video.read()[0]
print(frames, int(seeks))
`;

const hasOpenCv = isPresent(OPENCV);

async function openCv(videoPath: string, backend: 'ffmpeg' | 'own'): Promise<ReaderFindings> {
  const { stdout } = await run(PYTHON, ['-c', OPENCV_SCRIPT, videoPath, backend]);
  const [frames, seeks] = stdout.trim().split(' ').map(Number);
  return { frames: frames ?? 0, seeks: seeks === 1 };
}

export const openCvThroughFfmpeg: Reader = {
  name: 'OpenCV',
  isThere: hasOpenCv,
  read: (videoPath) => openCv(videoPath, 'ffmpeg'),
};

/** Knows AVI 1.0 only: idx1, the first RIFF. */
export const openCvOwn: Reader = { name: "OpenCV's own", isThere: hasOpenCv, read: (path) => openCv(path, 'own') };

export const gstreamer: Reader = {
  name: 'GStreamer',
  isThere: isPresent(GSTREAMER),
  async read(videoPath) {
    const { stdout } = await run(
      'gst-launch-1.0',
      ['-v', ...`filesrc location=${videoPath} ! avidemux ! image/jpeg ! fakesink silent=false sync=false`.split(' ')],
      { maxBuffer: 2 ** 28 },
    );
    return { frames: stdout.split('chain   ***').length - 1, seeks: true };
  },
};

export const mediaInfo: Reader = {
  name: 'mediainfo',
  isThere: isPresent(MEDIAINFO),
  async read(videoPath) {
    const { stdout } = await run('mediainfo', ['--Inform=Video;%FrameCount%', videoPath]);
    const all = await run('mediainfo', [videoPath]);
    return { frames: Number(stdout), seeks: !all.stdout.includes('IsTruncated') };
  },
};

/** Packets behind a seek to that time, by ffmpeg, as the MD5 of each: what a viewer sees who jumps there. */
export async function hashesAfterSeek(videoPath: string, seconds: number): Promise<string[]> {
  const { stdout, stderr } = await run(
    'ffmpeg',
    ['-v', 'warning', '-nostdin', '-ss', `${seconds}`, '-i', videoPath, '-c', 'copy', '-f', 'framemd5', '-'],
    { maxBuffer: 2 ** 28 },
  );
  if (stderr.trim() !== '') throw new Error(`ffmpeg says: ${stderr}`);
  const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)?.trim() ?? '');
}
