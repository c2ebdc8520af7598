/**
 * Records a video beyond 4 GB with the built module and holds it against independent readers: counts, size, duration and
 * seeks to both sides of 1 GB and 4 GB. Build first. Needs ffmpeg; OpenCV, GStreamer and mediainfo are used where they are.
 *
 *   node scripts/verify-large-recording.mjs [--size GB] [--out FOLDER] [--keep]
 *
 * `--size` default 4.3. The files go to a temporary folder (or a new one in FOLDER) and are removed unless `--keep` is given.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import * as fileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../dist/core/clock.js';
import { Frame } from '../dist/core/frame.js';
import { FileRecordingSession } from '../dist/recording/file-recording-session.js';
import { GSTREAMER, MEDIAINFO, OPENCV, PYTHON, missingText } from './readers.mjs';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '4.3' },
    out: { type: 'string', default: tmpdir() },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(`usage: node scripts/verify-large-recording.mjs [--size GB] [--out FOLDER] [--keep]

  --size GB     of the video (default 4.3)
  --out FOLDER  where a folder for the files is made (default: a temporary folder)
  --keep        leaves the files there
`);
  process.exit();
}

const FPS = 60;
const FRAME_BYTES = 281_000;
const PERIOD_NS = 16_666_667n;

const picture = readFileSync(new URL('../fixtures/frame-320x240.jpg', import.meta.url));
/** Behind the number: comments that make the frame as large as one of 1456x1088, then the picture. */
const rest = Buffer.concat([...comments(FRAME_BYTES - picture.length), picture.subarray(2)]);

/** @param {number} bytes how much they fill */
function comments(bytes) {
  const segments = [];
  for (let left = bytes; left > 4; left -= 65_535) {
    const segment = Buffer.alloc(Math.min(left, 65_535), ' ');
    segment.writeUInt16BE(0xfffe);
    segment.writeUInt16BE(segment.length - 2, 2);
    segments.push(segment);
  }
  return segments;
}

/** @param {number} number from 1 */
function numberedFrame(number) {
  const text = `frame=${number} `;
  const head = Buffer.from(`\xff\xd8\xff\xfe\0\0${text}`, 'latin1');
  head.writeUInt16BE(text.length + 2, 4);
  const ns = BigInt(number) * PERIOD_NS;
  const times = { sensorTimestampNs: ns, arrivedMonotonicNs: ns, wallClockUs: ns / 1000n };
  return new Frame([head, rest], head.length + rest.length, times, []);
}

/** @param {string} sessionDir @param {number} bytes */
async function record(sessionDir, bytes) {
  const recording = new FileRecordingSession({ fileSystem, clock: systemClock }).begin({
    sessionDir,
    deviceId: 'picam:0',
    cameraLabel: 'large',
    trialNumber: 1,
    trialLabel: '',
    width: 320,
    height: 240,
    fps: FPS,
  });
  let committed = 0;
  while (recording.bytes < bytes) {
    const next = recording.frames + 1;
    await recording.append(Array.from({ length: 16 }, (_, index) => numberedFrame(next + index)));
    if (recording.bytes - committed < 2 ** 26) continue;
    await recording.checkpoint();
    committed = recording.bytes;
  }
  return recording.close();
}

/** @param {string} command @param {readonly string[]} args */
function run(command, args) {
  const { stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  return error === undefined ? { stdout, stderr: stderr.trim() } : undefined;
}

/**
 * What a reader prints, or `undefined`, said, where it is not there.
 *
 * @param {import('./readers.mjs').Reader} reader
 * @param {string} command
 * @param {readonly string[]} args
 */
function runPresent(reader, command, args) {
  const missing = missingText(reader);
  if (missing === undefined) return run(command, args);
  console.log(`SKIPPED: ${missing}`);
  return undefined;
}

/** @param {string} text arguments without spaces in them */
function words(text) {
  return text.split(' ');
}

/** Number of the frame that ffmpeg finds at frame `index` (from 0). @param {string} video @param {number} index @param {number} fps */
function frameAt(video, index, fps) {
  const seek = ['-v', 'error', '-nostdin', '-ss', String((index + 0.25) / fps), '-i', video];
  const jpeg = execFileSync('ffmpeg', [...seek, ...words('-frames:v 1 -c copy -f image2pipe -')]);
  return Number(/frame=(\d+)/.exec(jpeg.toString('latin1', 0, 100))?.[1]);
}

const OPENCV_SCRIPT = `
import cv2, sys
video = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
frames = 0
while video.grab(): frames += 1
told = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
good = 0
for at in [told // 4, told // 2, told - 1000, told - 2]:
    good += bool(video.set(cv2.CAP_PROP_POS_FRAMES, at)) and video.read()[0] and video.get(cv2.CAP_PROP_POS_FRAMES) == at + 1
print(told, frames, good)
`;

const folder = mkdtempSync(join(values.out, 'csi-cameras-large-'));
/** @type {{reader: string, frames: string | number, notes: string}[]} */
const table = [];
let isGood = true;

/** @param {string} reader @param {number} found @param {number} expected @param {string} notes @param {boolean} isRight */
function tell(reader, found, expected, notes, isRight) {
  if (found !== expected || !isRight) isGood = false;
  table.push({ reader, frames: found, notes });
}

try {
  const started = performance.now();
  const result = await record(join(folder, 'session_large'), Number(values.size) * 1e9);
  const seconds = (performance.now() - started) / 1000;
  const video = result.paths?.videoPath ?? null;
  if (video === null || result.failure !== undefined) throw result.failure ?? new Error('Nothing was recorded.');
  const bytes = statSync(video).size;
  console.log(
    `${video}\n${result.frames} frames, ${bytes} bytes, ${(bytes / 1e6 / seconds).toFixed(0)} MB/s with sync`,
  );
  if (bytes !== result.bytes) isGood = false;

  const entries = '-v warning -count_packets -show_entries stream=nb_frames,nb_read_packets,duration';
  const probe = run('ffprobe', [...words(`${entries} -of default=noprint_wrappers=1:nokey=1`), video]);
  const [duration = 0, inHeader = 0, found = 0] = (probe?.stdout ?? '').trim().split('\n').map(Number);
  const isOnTime = Math.abs(duration - result.durationS) < 1 / FPS && inHeader === found;
  tell('ffprobe', found, result.frames, `${duration} s ${probe?.stderr}`, isOnTime && probe?.stderr === '');

  const decoded = run('ffmpeg', ['-v', 'warning', '-nostdin', '-i', video, '-f', 'null', '-']);
  tell(
    'ffmpeg, decoding',
    found,
    result.frames,
    decoded?.stderr === '' ? 'no message' : `${decoded?.stderr}`,
    decoded?.stderr === '',
  );

  const fps = result.frames / result.durationS;
  const marks = [1e9, 2 ** 30, 2 ** 32].map((mark) => Math.floor(mark / FRAME_BYTES));
  const indexes = [0, 1, ...marks.flatMap((mark) => [mark - 20, mark + 20]), result.frames - 2, result.frames - 1];
  const within = indexes.filter((index) => index < result.frames);
  const wrong = within.filter((index) => frameAt(video, index, fps) !== index + 1);
  tell(
    'ffmpeg, seeking',
    found,
    result.frames,
    `${within.length} seeks, wrong: ${wrong.join(' ') || 'none'}`,
    wrong.length === 0,
  );

  const opencv = runPresent(OPENCV, PYTHON, ['-c', OPENCV_SCRIPT, video]);
  if (opencv !== undefined) {
    const [told = 0, grabbed = 0, good = 0] = opencv.stdout.trim().split(' ').map(Number);
    tell(
      'OpenCV',
      grabbed,
      result.frames,
      `header ${told}, ${good} of 4 seeks ${opencv.stderr}`,
      told === grabbed && good === 4,
    );
  }
  const sink = words('! avidemux ! image/jpeg ! fakesink silent=false sync=false');
  const gst = runPresent(GSTREAMER, 'gst-launch-1.0', ['-v', 'filesrc', `location=${video}`, ...sink]);
  if (gst)
    tell(
      'GStreamer',
      gst.stdout.split('chain   ***').length - 1,
      result.frames,
      gst.stderr,
      !gst.stdout.includes('ERROR'),
    );
  const info = runPresent(MEDIAINFO, 'mediainfo', ['--Inform=Video;%FrameCount% %Duration%', video]);
  if (info)
    tell(
      'mediainfo',
      Number(info.stdout.split(' ')[0]),
      result.frames,
      `${info.stdout.split(' ')[1]?.trim()} ms`,
      true,
    );
  console.table(table);
} finally {
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
}
process.exitCode = isGood ? 0 : 1;
console.log(isGood ? 'All agree.' : 'They do NOT agree.');
