// @ts-check
import * as fileSystem from 'node:fs/promises';
import { systemClock } from '../../dist/core/clock.js';
import { Frame } from '../../dist/core/frame.js';
import { readJpegHeader } from '../../dist/inspect/jpeg/jpeg-header.js';
import { FileRecordingSession } from '../../dist/recording/file-recording-session.js';
import { FrameComposer } from '../../dist/virtual-camera/picture/frame-composer.js';

/** Recordings by the product's own session, of frames that carry their numbers and noise, faster than a camera gives them. */

const FPS = 60;
const PERIOD_US = 16_667;
const WALL_US = Date.UTC(2026, 0, 6, 12) * 1000;
const BLOCK_BYTES = 2 ** 23;
const EOI_BYTES = 2;
/** Pictures that resemble one another are searched faster than a camera's: a processor learns them by heart. */
const NOISE_BYTES = 2 ** 23;
const NOISE_STEP = 7919;

/**
 * @typedef {object} Wanted
 * @property {number} frames
 * @property {number} width
 * @property {number} height
 * @property {number} quality of the JPEGs, 1 to 100
 * @property {boolean} makesChecksums
 */

/**
 * @param {string} sessionDir
 * @param {Wanted} wanted
 * @returns {Promise<string>} path of the video
 */
export async function makeRecording(sessionDir, { frames, width, height, quality, makesChecksums }) {
  const composer = new FrameComposer({ width, height, quality, isMono: false, title: 'IMX296 CAMERA 0' });
  const noise = makeNoise();
  const block = Buffer.alloc(Math.max(BLOCK_BYTES, composer.maxFrameBytes));
  const session = new FileRecordingSession({ fileSystem, clock: systemClock, sync: 'never' });
  const recording = session.begin({
    sessionDir,
    deviceId: 'picam:0',
    cameraLabel: 'imx296_0',
    trialNumber: 1,
    trialLabel: '',
    width,
    height,
    fps: FPS,
    makesChecksums,
  });
  for (let number = 1; number <= frames;) {
    /** @type {Frame[]} */
    const some = [];
    for (let at = 0; number <= frames && at + composer.maxFrameBytes <= block.length; number += 1) {
      const sensorUs = number * PERIOD_US;
      const end = composer.compose(number, sensorUs, WALL_US + sensorUs, block, at);
      const jpeg = block.subarray(at, end);
      const scanAt = scanOf(jpeg);
      const from = (number * NOISE_STEP) % (NOISE_BYTES - jpeg.length);
      noise.copy(jpeg, scanAt, from, from + jpeg.length - scanAt - EOI_BYTES);
      some.push(frameOf(jpeg, sensorUs));
      at = end;
    }
    await recording.append(some);
    await recording.checkpoint();
  }
  const { paths, failure } = await recording.close();
  if (!paths?.videoPath) throw failure ?? new Error('Nothing was recorded.');
  await recording.describe?.(1, factsOf(frames));
  // What the disk has still to write would be felt by whoever reads next.
  const file = await fileSystem.open(paths.videoPath, 'r+');
  await file.sync();
  await file.close();
  return paths.videoPath;
}

/** @param {Buffer} jpeg */
function scanOf(jpeg) {
  const header = readJpegHeader(jpeg);
  if (typeof header === 'string') throw new Error(header);
  return header.scanAt;
}

/** @param {Buffer} jpeg @param {number} sensorUs */
function frameOf(jpeg, sensorUs) {
  const ns = BigInt(sensorUs) * 1000n;
  const times = {
    sensorTimestampNs: ns,
    arrivedMonotonicNs: ns + 30_000_000n,
    wallClockUs: BigInt(WALL_US + sensorUs),
  };
  return new Frame([jpeg], jpeg.length, times, []);
}

/** Bytes of an entropy code that nobody could decode, without FF. */
function makeNoise() {
  const noise = Buffer.allocUnsafe(NOISE_BYTES);
  let state = 1;
  for (let at = 0; at < noise.length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    noise[at] = Math.min(0xfe, state >>> 24);
  }
  return noise;
}

/** @param {number} frames @returns {import('../../src/recording/info/take-facts.js').TakeFacts} */
function factsOf(frames) {
  const byCause = { buffer_full: 0, timeout: 0, write_error: 0 };
  const nothing = { dropped: 0, dropped_by: byCause, skipped: 0, source_gaps: 0, disordered: 0 };
  return {
    account: { delivered: frames, recorded: frames, ...nothing },
    gaps: [],
    gapsTotal: 0,
    askedFps: FPS,
    settings: { asked: {}, given: {} },
    tool: null,
    model: 'imx296',
    end: { kind: 'stopped', reason: 'command', error: null },
    health: { start: null, end: null },
  };
}
