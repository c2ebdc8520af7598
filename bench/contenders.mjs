// @ts-check
import { FPS } from './frames.mjs';
import { CONTENDER, runModule } from './module-run.mjs';
import { CAT, GSTREAMER, ffmpegPeer, runPeer, startCostOf, synced } from './peers.mjs';
import { median } from './statistics.mjs';
import { GB } from './units.mjs';

/** Everybody who takes part, ready to run. */

/** @typedef {import('./bench.mjs').Setup} Setup */

const START_COST_RUNS = 3;

/**
 * @typedef {object} Runner
 * @property {string} name
 * @property {number} tries
 * @property {(folder: string, gigabytes: number) => Promise<import('./peers.mjs').Run>} run `gigabytes` of all cameras together
 */

/**
 * @param {Setup} setup
 * @returns {import('./peers.mjs').Peer[]} those that are installed
 */
export function peersOf({ ffmpeg, gstreamerMissing }) {
  return [
    CAT,
    ...(ffmpeg === undefined ? [] : [ffmpegPeer(ffmpeg)]),
    ...(gstreamerMissing === undefined ? [GSTREAMER] : []),
  ];
}

/**
 * @param {Setup} setup
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {{ peers: readonly import('./peers.mjs').Peer[], cameras: number, isDisk: boolean }} what `isDisk`: then each peer runs a
 *   second time, durable as ours is
 * @returns {Promise<Runner[]>}
 */
export async function peerRunners({ frames }, workspace, { peers, cameras, isDisk }) {
  const { files } = frames;
  const runners = [];
  for (const peer of isDisk ? [...peers, ...peers.map(synced)] : peers) {
    const costs = [];
    for (let time = 0; time < START_COST_RUNS; time += 1) {
      costs.push(await workspace.within((folder) => startCostOf(peer, folder, files)));
    }
    const startCost = median(costs);
    runners.push({
      name: peer.name,
      tries: peer.tries ?? 1,
      /** @type {Runner['run']} */
      run: (folder, gigabytes) => {
        const count = countFor(Math.min(gigabytes, peer.maxGigabytes ?? Infinity), frames, cameras);
        return runPeer(peer, folder, { files, frames: count, cameras, startCost });
      },
    });
  }
  return runners;
}

/**
 * @param {Setup} setup
 * @param {number} cameras
 * @param {import('./peers.mjs').Watch} [watch]
 * @returns {Runner}
 */
export function moduleRunner(setup, cameras, watch) {
  return {
    name: CONTENDER,
    tries: 1,
    run: async (folder, gigabytes) => {
      const settings = flatOutSettings(setup, cameras, gigabytes);
      return (await runModule(folder, watch === undefined ? settings : { ...settings, watch })).run;
    },
  };
}

/**
 * The peer that only moves bytes, start-up included.
 *
 * @param {Setup} setup
 * @param {import('./peers.mjs').Watch} watch
 * @returns {Runner}
 */
export function catRunner({ frames }, watch) {
  return {
    name: CAT.name,
    tries: 1,
    run: (folder, gigabytes) => {
      const count = countFor(gigabytes, frames, 1);
      return runPeer(CAT, folder, { files: frames.files, frames: count, startCost: 0, watch });
    },
  };
}

/**
 * @param {Setup} setup
 * @param {number} cameras
 * @param {number} gigabytes of all cameras together
 * @returns {import('./module-run.mjs').ModuleRunSettings}
 */
export function flatOutSettings({ module, frames, options }, cameras, gigabytes) {
  return {
    module,
    files: frames.files,
    cameras,
    frames: countFor(gigabytes, frames, cameras),
    expectedBytes: gigabytes * GB,
    fps: FPS,
    paced: false,
    cpuProfile: options.cpuProfile,
  };
}

/**
 * @param {number} gigabytes
 * @param {import('./frames.mjs').FrameSet} frames
 * @param {number} cameras
 * @returns {number} of each camera
 */
function countFor(gigabytes, frames, cameras) {
  return Math.ceil((gigabytes * GB) / frames.meanBytes / cameras);
}
