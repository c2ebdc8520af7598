// @ts-check
import { CONTENDER, runModule } from './module-run.mjs';
import { CAT, ffmpegPeer, runPeer, startCostOf, synced } from './peers.mjs';
import { median } from './statistics.mjs';
import { GB } from './units.mjs';

/** Everybody who takes part, ready to run. */

/** @typedef {import('./bench.mjs').Setup} Setup */

const START_COST_RUNS = 3;

/**
 * @typedef {object} Runner
 * @property {string} name
 * @property {(folder: string, gigabytes: number) => Promise<import('./peers.mjs').Run>} run
 */

/**
 * @param {Setup} setup
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {boolean} isDisk then each peer runs a second time, durable as ours is
 * @returns {Promise<Runner[]>}
 */
export async function peerRunners({ ffmpeg, frames }, workspace, isDisk) {
  const { files } = frames;
  const peers = [CAT, ...(ffmpeg === undefined ? [] : [ffmpegPeer(ffmpeg)])];
  const runners = [];
  for (const peer of isDisk ? [...peers, ...peers.map(synced)] : peers) {
    const costs = [];
    for (let time = 0; time < START_COST_RUNS; time += 1) {
      costs.push(await workspace.within((folder) => startCostOf(peer, folder, files)));
    }
    const startCost = median(costs);
    runners.push({
      name: peer.name,
      /** @type {Runner['run']} */
      run: (folder, gigabytes) => runPeer(peer, folder, { files, frames: countFor(gigabytes, frames), startCost }),
    });
  }
  return runners;
}

/**
 * @param {Setup} setup
 * @returns {Runner}
 */
export function moduleRunner({ module, frames, options }) {
  return {
    name: CONTENDER,
    run: (folder, gigabytes) =>
      runModule(folder, {
        module,
        files: frames.files,
        frames: countFor(gigabytes, frames),
        expectedBytes: gigabytes * GB,
        cpuProfile: options.cpuProfile,
      }),
  };
}

/**
 * @param {number} gigabytes
 * @param {import('./frames.mjs').FrameSet} frames
 * @returns {number}
 */
function countFor(gigabytes, frames) {
  return Math.ceil((gigabytes * GB) / frames.meanBytes);
}
