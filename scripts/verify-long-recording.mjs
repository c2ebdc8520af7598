/**
 * Records very long videos with the built module and measures what their length costs: a day of tiny frames (recording, opening,
 * jumping, beside the same frames written by ffmpeg), and more than 100 GB of large ones, sparse. Build first. Needs ffmpeg;
 * OpenCV and GStreamer (through /usr/bin/python3) are used where they are. `npm run hold -- day` builds and runs it.
 *
 *   node scripts/verify-long-recording.mjs [--hours H] [--gigabytes GB] [--out FOLDER]
 *
 * `--hours` default 24 at 30 frames a second (some 0.7 GB are needed twice), `--gigabytes` default 105 (some 0.5 GB on a disk that
 * knows holes). 0 leaves one out. Beyond 820 GB (or 66 hours) the recording goes on in a second part. Files go to a temporary folder and are removed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import * as realFileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../dist/core/clock.js';
import { Frame } from '../dist/core/frame.js';
import { FileRecordingSession } from '../dist/recording/file-recording-session.js';
import { GSTREAMER_LIBRARY, OPENCV, PYTHON, missingText } from './readers.mjs';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '24' },
    gigabytes: { type: 'string', default: '105' },
    out: { type: 'string', default: tmpdir() },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(`usage: node scripts/verify-long-recording.mjs [--hours H] [--gigabytes GB] [--out FOLDER]

  --hours H       of tiny frames at 30 a second (default 24; some 0.7 GB are needed twice); 0: none
  --gigabytes GB  of large frames, sparse (default 105; some 0.5 GB on a disk that knows holes); 0: none
  --out FOLDER    where the files go meanwhile (default: a temporary folder)
`);
  process.exit();
}

const FPS = 30;
const PERIOD_NS = 33_333_333n;
/** What a large frame consists of behind its picture: decoders stop at the end marker. The disk never sees it. */
const ZEROS = Buffer.alloc(2 ** 20);
const BATCH = 30;
/** Gray, 16x16: as small as a picture gets. */
const picture = Buffer.from(
  '/9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAg+Pkk+SVVVVVVVVWRdZGhoaGRkZGRoaGhwcHCDg4NwcHBoaHBwfHyDg4+Tj4eHg4eTk5ubm7q6srLZ2eD/////xABKAAEAAAAAAAAAAAAAAAAAAAAAAQEAAAAAAAAAAAAAAAAAAAAAEAEAAAAAAAAAAAAAAAAAAAAAEQEAAAAAAAAAAAAAAAAAAAAA/8AAEQgAEAAQAwEiAAIRAAMRAP/aAAwDAQACEQMRAD8AAA//2Q==',
  'base64',
);

/** @param {number} number from 1 @param {boolean} isLarge */
function numberedFrame(number, isLarge) {
  const text = `frame=${number} `;
  const head = Buffer.from(`\xff\xd8\xff\xfe\0\0${text}`, 'latin1');
  head.writeUInt16BE(text.length + 2, 4);
  const ns = BigInt(number) * PERIOD_NS;
  const times = { sensorTimestampNs: ns, arrivedMonotonicNs: ns, wallClockUs: ns / 1000n };
  const pieces = isLarge ? [head, picture.subarray(2), ZEROS] : [head, picture.subarray(2)];
  return new Frame(
    pieces,
    pieces.reduce((sum, piece) => sum + piece.length, 0),
    times,
    [],
  );
}

/** The real file system, but that `ZEROS` are left out where they would be written: holes read as zeros. */
const sparseFileSystem = {
  ...realFileSystem,
  /** @param {Parameters<typeof realFileSystem.open>} args */
  async open(...args) {
    const handle = await realFileSystem.open(...args);
    const writev = handle.writev.bind(handle);
    handle.writev = async (parts, position) => {
      let at = Number(position);
      /** @type {NodeJS.ArrayBufferView[]} */
      let run = [];
      let runAt = at;
      for (const part of parts) {
        if (part.buffer !== ZEROS.buffer) {
          run.push(part);
          at += part.byteLength;
          continue;
        }
        await writev(run, runAt);
        at += part.byteLength;
        [run, runAt] = [[], at];
      }
      if (run.length > 0) await writev(run, runAt);
      return { bytesWritten: at - Number(position), buffers: parts };
    };
    return handle;
  },
};

/** Records `count` frames; the time a frame took in each tenth of them. @param {string} name @param {number} count @param {boolean} isLarge */
async function record(name, count, isLarge) {
  const session = new FileRecordingSession({ fileSystem: sparseFileSystem, clock: systemClock, sync: 'onClose' });
  const recording = session.begin({
    sessionDir: join(folder, name),
    deviceId: 'picam:0',
    cameraLabel: name,
    trialNumber: 1,
    trialLabel: '',
    width: 16,
    height: 16,
    fps: FPS,
  });
  const tenths = [];
  let since = performance.now();
  let done = 0;
  for (let number = 1; number <= count; number += BATCH) {
    const some = Math.min(BATCH, count - number + 1);
    await recording.append(Array.from({ length: some }, (_, index) => numberedFrame(number + index, isLarge)));
    // A commit each second of a recording at its pace.
    await recording.checkpoint();
    done += some;
    if (done < count / 10 && number + some <= count) continue;
    tenths.push(((performance.now() - since) * 1000) / done);
    [since, done] = [performance.now(), 0];
  }
  since = performance.now();
  const result = await recording.close();
  if (result.paths === null || result.failure !== undefined) throw result.failure ?? new Error('Nothing was recorded.');
  console.log(
    `${name}: ${result.frames} frames, ${(result.bytes / 1e9).toFixed(1)} GB, a frame took ` +
      `${tenths.map((us) => us.toFixed(1)).join(' ')} us in each tenth, closing ${Math.round(performance.now() - since)} ms`,
  );
  let before = 0;
  return (result.parts ?? [{ ...result, paths: result.paths }]).map(({ paths, frames, durationS }) => {
    const part = { video: paths.videoPath ?? '', frames, durationS, before };
    before += frames;
    return part;
  });
}

/** The shortest of `runs`, seconds, and what it printed then. @param {string} command @param {readonly string[]} args */
function timed(command, args, runs = 7) {
  let best = Number.POSITIVE_INFINITY;
  let said = '';
  for (let run = 0; run < runs; run += 1) {
    const since = performance.now();
    const { stdout, stderr } = spawnSync(command, args, { encoding: 'latin1', maxBuffer: 2 ** 28 });
    const seconds = (performance.now() - since) / 1000;
    if (seconds >= best) continue;
    [best, said] = [seconds, `${stdout}${stderr}`.trim()];
  }
  return { seconds: best, said };
}

const OPENCV_SCRIPT = `
import cv2, sys, time
start = time.time()
video = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
told = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
good = video.read()[0]
print("%d frames, open %.3f s" % (told, time.time() - start), end="")
start = time.time()
for at in [told // 4, told // 2, told - 2]:
    good = good and video.set(cv2.CAP_PROP_POS_FRAMES, at) and video.read()[0] and round(video.get(cv2.CAP_PROP_POS_FRAMES)) == at + 1
print(", 3 seeks %.3f s, %s" % (time.time() - start, "good" if good else "BAD"))
`;
const GSTREAMER_SCRIPT = fileURLToPath(new URL('../test/crash/gstreamer.py', import.meta.url));

/** @param {string} what @param {{video: string, frames: number, durationS: number, before: number}} recorded `before`: frames of the parts before it */
function open(what, { video, frames, durationS, before }) {
  const entries = '-v error -show_entries stream=nb_frames,duration -of csv=p=0'.split(' ');
  const probe = timed('ffprobe', [...entries, video]);
  const told = probe.said.split(',').map(Number);
  const isRight = told[1] === frames && Math.abs((told[0] ?? 0) - durationS) < 1 / FPS;
  const wrong = [];
  let seekS = 0;
  for (const index of [1, Math.floor(frames / 3), Math.floor(frames / 2), frames - 2, frames - 1]) {
    const at = (((index + 0.25) * durationS) / frames).toFixed(6);
    const seek = [
      '-v',
      'error',
      '-nostdin',
      '-ss',
      at,
      '-t',
      '0.001',
      '-i',
      video,
      '-c',
      'copy',
      '-f',
      'image2pipe',
      '-',
    ];
    const { seconds, said } = timed('ffmpeg', seek, 1);
    seekS = Math.max(seekS, seconds);
    if (Number(/frame=(\d+)/.exec(said.slice(0, 100))?.[1]) !== before + index + 1) wrong.push(index + 1);
  }
  if (!isRight || wrong.length > 0) process.exitCode = 1;
  console.log(
    `${what}: ffprobe ${probe.seconds.toFixed(3)} s ${isRight ? 'good' : `BAD ${probe.said}`}; ` +
      `ffmpeg -ss at most ${seekS.toFixed(3)} s, wrong: ${wrong.join(' ') || 'none'}`,
  );
  for (const [reader, args] of /** @type {const} */ ([
    [OPENCV, ['-c', OPENCV_SCRIPT, video]],
    [GSTREAMER_LIBRARY, [GSTREAMER_SCRIPT, '--jump', String(frames), video, String(before)]],
  ])) {
    const missing = missingText(reader);
    const said = missing === undefined ? timed(PYTHON, args).said : `SKIPPED: ${missing}`;
    if (said.includes('BAD')) process.exitCode = 1;
    console.log(`${what}: ${reader.name}: ${said}`);
  }
}

/** @param {string} what @param {number} index of the part */
function nameOf(what, index) {
  return index === 0 ? what : `${what}, part ${index + 1}`;
}

const folder = mkdtempSync(join(values.out, 'csi-cameras-long-'));
try {
  const frames = Math.round(Number(values.hours) * 3600 * FPS);
  if (frames > 0) {
    const parts = await record('day', frames, false);
    for (const [index, part] of parts.entries()) {
      open(nameOf('day', index), part);
      const peer = join(folder, 'peer.avi');
      spawnSync('ffmpeg', ['-v', 'error', '-nostdin', '-i', part.video, '-c', 'copy', peer]);
      console.log(`the same by ffmpeg: ${(statSync(peer).size / 1e9).toFixed(1)} GB`);
      open('the same by ffmpeg', { ...part, video: peer });
      rmSync(peer);
    }
    rmSync(join(folder, 'day'), { recursive: true });
  }
  const bytes = Number(values.gigabytes) * 1e9;
  if (bytes > 0) {
    const parts = await record('large', Math.ceil(bytes / ZEROS.length), true);
    for (const [index, part] of parts.entries()) open(nameOf('large', index), part);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
