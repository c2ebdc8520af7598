// @ts-check
import { createReadStream, readFileSync } from 'node:fs';
import { toldOf } from './take-judge.mjs';

/** What the files of a take of the virtual camera hold: its rows, and the pictures in its video, each with its own timestamp. */

/** Of the comment that the virtual camera writes into each picture: `frame=N sensor_timestamp_ns=T`. */
const MARK = Buffer.from(' sensor_timestamp_ns=');
/** Digits of a timestamp, and more. */
const LONGEST_STAMP = 24;
const READ_BYTES = 4 * 1024 * 1024;
const SENSOR_TIMESTAMP_COLUMN = 7;

/**
 * @typedef {object} TakeFiles
 * @property {bigint[]} rows sensor timestamp of each row of the timing file, nanoseconds
 * @property {bigint[]} pictures the one that each picture of the video carries
 */

/**
 * @param {string} videoPath
 * @param {string} timingPath
 * @returns {Promise<TakeFiles>}
 */
export async function readTake(videoPath, timingPath) {
  return { rows: rowsOf(readFileSync(timingPath, 'utf8')), pictures: await picturesIn(videoPath) };
}

/**
 * What was told of takes when they ended, with their files.
 *
 * @param {readonly import('../module-host.mjs').Status[]} stopped each a `recording_stopped`
 */
export async function takesOf(stopped) {
  const takes = [];
  for (const { data } of stopped) {
    const { video_path: video, timing_path: timing } = data;
    if (typeof video !== 'string' || typeof timing !== 'string') throw new Error('A camera recorded nothing.');
    takes.push({ told: toldOf(data), files: await readTake(video, timing) });
  }
  return takes;
}

/** @param {string} csv */
export function rowsOf(csv) {
  return csv
    .split('\n')
    .slice(1, -1)
    .map((row) => BigInt(row.split(',')[SENSOR_TIMESTAMP_COLUMN] ?? ''));
}

/** @param {string} path */
async function picturesIn(path) {
  const finder = new StampFinder();
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    finder.push(/** @type {Buffer} */ (chunk));
  }
  return finder.end();
}

/** Finds the timestamps of pictures in a video that comes piece by piece. */
export class StampFinder {
  /** @type {bigint[]} */
  #stamps = [];
  /** @type {Buffer} */
  #rest = Buffer.alloc(0);

  /** @param {Buffer} piece */
  push(piece) {
    const bytes = Buffer.concat([this.#rest, piece]);
    // What begins near the end may go on in the next piece.
    const searched = Math.max(0, bytes.length - MARK.length - LONGEST_STAMP);
    this.#search(bytes, searched);
    this.#rest = bytes.subarray(searched);
  }

  /** @returns {bigint[]} */
  end() {
    this.#search(this.#rest, this.#rest.length);
    this.#rest = Buffer.alloc(0);
    return this.#stamps;
  }

  /** @param {Buffer} bytes @param {number} before marks that begin there or later are left */
  #search(bytes, before) {
    for (let at = bytes.indexOf(MARK); at !== -1 && at < before; at = bytes.indexOf(MARK, at + 1)) {
      const text = bytes.toString('latin1', at + MARK.length, at + MARK.length + LONGEST_STAMP);
      const digits = /^\d+/.exec(text)?.[0];
      if (digits !== undefined) this.#stamps.push(BigInt(digits));
    }
  }
}
