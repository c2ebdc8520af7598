// @ts-check
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ready-made frames: a picture with a sensor's noise, real JPEGs of some 280 KB, as a camera of 1456x1088 gives them. */

export const WIDTH = 1456;
export const HEIGHT = 1088;
export const FPS = 60;

const DISTINCT_FRAMES = 30;
const START_OF_IMAGE = Buffer.from([0xff, 0xd8, 0xff]);
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/**
 * @typedef {object} FrameSet
 * @property {string} madeBy
 * @property {readonly string[]} files each one JPEG
 * @property {number} meanBytes
 */

/**
 * @param {string} folder for the frames; empty
 * @param {string | undefined} ffmpeg
 * @param {string} virtualCamera its built main script, used where there is no ffmpeg
 * @returns {FrameSet}
 */
export function makeFrames(folder, ffmpeg, virtualCamera) {
  const madeBy = ffmpeg === undefined ? byVirtualCamera(folder, virtualCamera) : byFfmpeg(folder, ffmpeg);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.jpg'))
    .sort()
    .map((name) => join(folder, name));
  if (files.length === 0) throw new Error('No frames could be made.');
  const bytes = files.reduce((sum, file) => sum + checkedLength(file), 0);
  return { madeBy, files, meanBytes: Math.round(bytes / files.length) };
}

/**
 * @param {string} folder
 * @param {string} ffmpeg
 */
function byFfmpeg(folder, ffmpeg) {
  const still = `mandelbrot=size=${WIDTH}x${HEIGHT}:rate=${FPS}:start_scale=0.2:maxiter=1000,loop=loop=-1:size=1`;
  const picture = `${still},noise=c0s=6:c0f=t`;
  // The standard Huffman tables, as libjpeg in rpicam-apps uses them: with others FF bytes, which every search for the end
  // of a frame stumbles over, are three times as rare. Here they are one in 80, as in a noisy photograph.
  const encoding = '-pix_fmt yuvj420p -huffman default -q:v 2'.split(' ').concat('-frames:v', String(DISTINCT_FRAMES));
  run(ffmpeg, ['-v', 'error', '-f', 'lavfi', '-i', picture, ...encoding, join(folder, 'frame%03d.jpg')]);
  return 'ffmpeg';
}

/**
 * @param {string} folder
 * @param {string} script
 */
function byVirtualCamera(folder, script) {
  const size = ['--width', String(WIDTH), '--height', String(HEIGHT), '--framerate', String(DISTINCT_FRAMES)];
  const output = join(folder, 'stream.mjpeg');
  run(process.execPath, [script, '--nopreview', '--timeout', '1500', '--codec', 'mjpeg', ...size, '-o', output]);
  const stream = readFileSync(output);
  let count = 0;
  // The virtual camera writes no thumbnails: each FF D9 behind a start is an end.
  for (let start = stream.indexOf(START_OF_IMAGE); start !== -1 && count < DISTINCT_FRAMES; count += 1) {
    const end = stream.indexOf(END_OF_IMAGE, start);
    if (end === -1) break;
    writeFrame(folder, count, stream.subarray(start, end + END_OF_IMAGE.length));
    start = stream.indexOf(START_OF_IMAGE, end);
  }
  return 'the virtual camera';
}

/**
 * @param {string} folder
 * @param {number} number
 * @param {Buffer} bytes
 */
function writeFrame(folder, number, bytes) {
  writeFileSync(join(folder, `frame${String(number).padStart(3, '0')}.jpg`), bytes);
}

/**
 * @param {string} file
 * @returns {number} bytes
 */
function checkedLength(file) {
  const bytes = readFileSync(file);
  const isWhole = bytes.indexOf(START_OF_IMAGE) === 0 && bytes.lastIndexOf(END_OF_IMAGE) === bytes.length - 2;
  if (!isWhole) throw new Error(`${file} is not one whole JPEG.`);
  return bytes.length;
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function run(program, args) {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES });
  if (status !== 0) throw new Error(`${program} made no frames: ${error?.message ?? stderr}`);
}
