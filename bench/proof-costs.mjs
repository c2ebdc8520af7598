// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import * as fileSystem from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { spread } from './statistics.mjs';

/**
 * What it costs a recording that it can be proven afterwards: checksums of its frames, and the info file. By CPU time of this
 * process, in which nothing else runs meanwhile, over the product's own code: next to a write of 280 KB both would be lost in
 * what writes differ by.
 */

const FPS = 30;
const ROUNDS = 7;
const FRAMES_A_ROUND = 300;
/** Frames of a commit: of 400 ms. */
const COMMIT_FRAMES = 12;
const INFO_FILES_A_ROUND = 10;
/** The info file is written once; a short recording is the worst case. */
const RECORDING_SECONDS = 60;
const GAPS = 1000;
const US_PER_S = 1e6;

/**
 * @typedef {object} ProofCosts
 * @property {import('./statistics.mjs').Spread} checksumUs for a frame
 * @property {import('./statistics.mjs').Spread} infoFrameUs for a frame: its times and its row are noted for the info file
 * @property {import('./statistics.mjs').Spread} infoFileUs once: an info file with as many gaps as it may have
 * @property {number} meanFrameBytes
 */

/** @typedef {typeof import('../src/recording/checksums/frame-checksums.js')} Checksums */
/** @typedef {typeof import('../src/recording/info/row-times.js')} RowTimesModule */
/** @typedef {typeof import('../src/recording/info/write-info.js')} WriteInfo */
/** @typedef {typeof import('../src/recording/takes/camera-folder.js')} Folders */

/**
 * `null`: the build has none of it.
 *
 * @param {import('./bench.mjs').Setup} setup
 * @param {import('./workspace.mjs').Workspace} workspace
 * @returns {Promise<ProofCosts | null>}
 */
export async function measureProofCosts({ module, frames }, workspace) {
  const recording = join(dirname(module), '..', 'recording');
  if (!existsSync(join(recording, 'checksums'))) return null;
  /** @param {string} path @returns {Promise<unknown>} */
  const load = (path) => import(pathToFileURL(join(recording, path)).href);
  const { FrameChecksums } = /** @type {Checksums} */ (await load('checksums/frame-checksums.js'));
  const { RowTimes } = /** @type {RowTimesModule} */ (await load('info/row-times.js'));
  const { writeInfo } = /** @type {WriteInfo} */ (await load('info/write-info.js'));
  const { identifyFolder } = /** @type {Folders} */ (await load('takes/camera-folder.js'));

  const jpegs = frames.files.map((file) => ({ bytes: [readFileSync(file)] }));
  const sumUp = () => {
    const checksums = new FrameChecksums();
    forEachFrame(
      (number) => {
        checksums.note(jpegs[number % jpegs.length] ?? { bytes: [] });
      },
      () => {
        checksums.settle();
      },
    );
  };
  const note = () => {
    const times = new RowTimes();
    const hash = createHash('sha256');
    const rows = Buffer.from(
      '1,CSICameras,picam:0,baseline,1767687441.123456,12345.123456789,1,12345100000000,1\n'.repeat(COMMIT_FRAMES),
    );
    forEachFrame(
      (number) => {
        const sensorTimestampNs = BigInt(number + 1) * 33_333_333n;
        times.note({ sensorTimestampNs, arrivedMonotonicNs: sensorTimestampNs, wallClockUs: 1n });
      },
      () => {
        hash.update(rows);
      },
    );
  };
  return {
    checksumUs: await costUs(sumUp, FRAMES_A_ROUND),
    infoFrameUs: await costUs(note, FRAMES_A_ROUND),
    infoFileUs: await workspace.within(async (path) => {
      const folder = await identifyFolder(fileSystem, path);
      let number = 0;
      const write = async () => {
        for (let count = 0; count < INFO_FILES_A_ROUND; count += 1) {
          const videoPath = join(path, `video${(number += 1)}.avi`);
          await writeInfo(fileSystem, { videoPath, folder, sync: 'never' }, largeInfo());
        }
      };
      return costUs(write, INFO_FILES_A_ROUND);
    }),
    meanFrameBytes: frames.meanBytes,
  };
}

/** @param {ProofCosts | null} costs @returns {number | null} of a core, for a camera at 30 fps */
export function checksumPercent(costs) {
  return costs === null ? null : (100 * FPS * costs.checksumUs.median) / US_PER_S;
}

/** @param {ProofCosts | null} costs @returns {number | null} of a core, over a recording of a minute at 30 fps */
export function infoPercent(costs) {
  if (costs === null) return null;
  const us = FPS * RECORDING_SECONDS * costs.infoFrameUs.median + costs.infoFileUs.median;
  return (100 * us) / (RECORDING_SECONDS * US_PER_S);
}

/** @param {(number: number) => void} frame @param {() => void} commit */
function forEachFrame(frame, commit) {
  for (let number = 0; number < FRAMES_A_ROUND; number += 1) {
    frame(number);
    if ((number + 1) % COMMIT_FRAMES === 0) commit();
  }
}

/**
 * CPU time of a round's work, for each of its parts. Rounds before the first one let V8 compile.
 *
 * @param {() => unknown} work
 * @param {number} parts
 */
async function costUs(work, parts) {
  for (let round = 0; round < 3; round += 1) await work();
  /** @type {number[]} */
  const costs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / parts);
  }
  return spread(costs);
}

/** As large as an info file becomes. What is in it does not matter. */
function largeInfo() {
  const gaps = Array.from({ length: GAPS }, (_, index) => ({ after_frame: index, frames: 1, reason: 'buffer_full' }));
  const info = { VideoCodec: 'mjpeg', csi_cameras: { schema: 1, gaps, gaps_total: GAPS } };
  return /** @type {import('../src/recording/info/info-file.js').InfoFile} */ (/** @type {unknown} */ (info));
}
