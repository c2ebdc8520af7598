// @ts-check
import { existsSync, readFileSync, writeFileSync, writevSync } from 'node:fs';

/**
 * A program of its own: the producer of every contender. It writes ready-made frames from its memory to stdout, one `writev`
 * a frame, as fast as the reader takes them or on schedule, and says in a report when it began and what it sent. All
 * contenders get the same bytes at the same cost; a file of frames would need as much disk or memory as the recording itself.
 *
 * Its one argument names its orders, a JSON file. With `metadata` it stands in for rpicam-vid.
 */

/**
 * @typedef {object} FeedOrders
 * @property {readonly string[]} files one JPEG each, repeated in turn
 * @property {number} frames how many to send after the go
 * @property {number} fps grid of the sensor timestamps
 * @property {boolean} metadata write `Name=Value` lines and an empty line behind each frame, as rpicam-vid does
 * @property {boolean} trickle send a frame every 16 ms until the go; otherwise nothing
 * @property {boolean} paced send each frame when its time on the grid has come, before and after the go: its timestamp is then the
 *   moment at which it was due. Never skips: what is late is sent as soon as it can be.
 * @property {string} goFile the go: this file exists
 * @property {string} reportFile
 */

/**
 * @typedef {object} FeedReport
 * @property {number} frames sent after the go
 * @property {number} bytes of JPEG sent after the go
 * @property {number} trickled frames sent before the go
 * @property {string} startedNs the first write after the go began, CLOCK_MONOTONIC, nanoseconds
 * @property {string} lastSensorTimestampNs
 * @property {number} latestMs paced: the most that a frame after the go was begun behind its time
 */

const TRICKLE_MS = 16;
const POLL_MS = 2;
/** Whoever should have given the go is no more. */
const GO_LIMIT_MS = 60_000;
const STDOUT = 1;
const pause = new Int32Array(new SharedArrayBuffer(4));

/** @param {number} durationMs */
function sleep(durationMs) {
  Atomics.wait(pause, 0, 0, durationMs);
}

/**
 * @param {bigint} dueNs monotonic
 * @returns {number} how late it is, ms
 */
function sleepUntil(dueNs) {
  for (;;) {
    const leftMs = Number(dueNs - process.hrtime.bigint()) / 1e6;
    if (leftMs <= 0) return -leftMs;
    sleep(leftMs);
  }
}

/** @param {Buffer[]} parts */
function writeAll(parts) {
  let left = parts;
  while (left.length > 0) {
    let written = 0;
    try {
      written = writevSync(STDOUT, left);
    } catch (thrown) {
      // Somebody made our end non-blocking.
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN')) throw thrown;
      sleep(1);
    }
    left = unwritten(left, written);
  }
}

/**
 * @param {Buffer[]} parts
 * @param {number} written
 * @returns {Buffer[]}
 */
function unwritten(parts, written) {
  let skip = written;
  for (const [index, part] of parts.entries()) {
    if (skip < part.length) return [part.subarray(skip), ...parts.slice(index + 1)];
    skip -= part.length;
  }
  return [];
}

/** @param {FeedOrders} orders */
function feed(orders) {
  const pictures = orders.files.map((file) => readFileSync(file));
  const durationUs = Math.floor(1e6 / orders.fps);
  const baseUs = process.hrtime.bigint() / 1000n;
  let number = 0;
  let sensorTimestampNs = 0n;
  let latestMs = 0;
  const sendNext = () => {
    const picture = pictures[number % pictures.length];
    if (picture === undefined) throw new Error('There are no frames to send.');
    // Real sensors stamp in whole microseconds.
    sensorTimestampNs = (baseUs + BigInt(Math.round((number * 1e6) / orders.fps))) * 1000n;
    number += 1;
    if (orders.paced) latestMs = Math.max(latestMs, sleepUntil(sensorTimestampNs));
    if (!orders.metadata) {
      writeAll([picture]);
      return picture.length;
    }
    const lines = `SensorTimestamp=${sensorTimestampNs}\nExposureTime=3000\nAnalogueGain=1.0\nDigitalGain=1.0\nColourTemperature=5000\nLux=400.0\nFrameDuration=${durationUs}\n\n`;
    writeAll([picture, Buffer.from(lines)]);
    return picture.length;
  };

  const deadline = performance.now() + GO_LIMIT_MS;
  while (!existsSync(orders.goFile)) {
    if (performance.now() > deadline) throw new Error('No go was given.');
    if (orders.trickle) sendNext();
    if (!orders.paced) sleep(orders.trickle ? TRICKLE_MS : POLL_MS);
  }
  const trickled = number;
  latestMs = 0;
  const startedNs = process.hrtime.bigint();
  let bytes = 0;
  for (let sent = 0; sent < orders.frames; sent += 1) bytes += sendNext();
  /** @type {FeedReport} */
  const report = {
    frames: orders.frames,
    bytes,
    trickled,
    startedNs: String(startedNs),
    lastSensorTimestampNs: String(sensorTimestampNs),
    latestMs,
  };
  writeFileSync(orders.reportFile, JSON.stringify(report));
  // A camera that fails. After an end with code 0 the module waits half a second whether its own stop follows: that is no work.
  if (orders.metadata) process.exitCode = 1;
}

feed(/** @type {FeedOrders} */ (JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'))));
