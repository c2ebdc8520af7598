// @ts-check
import { moduleRunner } from './contenders.mjs';
import { fileSystemOf } from './machine.mjs';
import { bytesReadBy, cpuTimeOf, residentBytesOf, totalOf } from './process-figures.mjs';
import { GB, MB } from './units.mjs';

/** One long recording, and what each GB of it costs: a cost that grows with length would show as a slope. */

const SAMPLE_MS = 100;

/**
 * @typedef {object} Sample
 * @property {number} seconds
 * @property {number} bytes read from the camera so far
 * @property {number} cpuSeconds
 * @property {number} residentBytes
 */

/**
 * @typedef {object} GrowthStep
 * @property {number} gigabytes where it ends
 * @property {number} megabytesPerSecond
 * @property {number} cpuSecondsPerGb
 * @property {number} residentMb the most that was seen in it
 */

/**
 * @typedef {object} Growth
 * @property {string} place
 * @property {string} fileSystem
 * @property {number} gigabytes
 * @property {number} frames
 * @property {readonly GrowthStep[]} steps
 */

/**
 * @param {import('./bench.mjs').Setup} setup
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {number} gigabytes
 * @returns {Promise<Growth>}
 */
export async function measureGrowth(setup, workspace, gigabytes) {
  /** @type {Sample[]} */
  const samples = [];
  const watch = (/** @type {number} */ pid) => {
    const started = performance.now();
    const bytesBefore = bytesReadBy(pid);
    const take = () => {
      samples.push({
        seconds: (performance.now() - started) / 1000,
        bytes: bytesReadBy(pid) - bytesBefore,
        cpuSeconds: totalOf(cpuTimeOf(pid)),
        residentBytes: residentBytesOf(pid),
      });
    };
    const timer = setInterval(take, SAMPLE_MS);
    take();
    return () => {
      clearInterval(timer);
      take();
    };
  };
  const { frames, bytes } = await workspace.within((folder) => moduleRunner(setup, 1, watch).run(folder, gigabytes));
  return {
    place: workspace.place,
    fileSystem: fileSystemOf(workspace.place),
    gigabytes: bytes / GB,
    frames,
    steps: growthSteps(samples, stepFor(bytes)),
  };
}

/** @param {number} bytes @returns {number} bytes of a step: not so few that the resolution of CPU times shows */
const stepFor = (bytes) => (bytes >= 4 * GB ? GB : bytes / 4);

/**
 * @param {readonly Sample[]} samples in order
 * @param {number} stepBytes
 * @returns {GrowthStep[]} each of them ends with the first sample that is so far from the last one's end
 */
export function growthSteps(samples, stepBytes) {
  /** @type {GrowthStep[]} */
  const steps = [];
  let from = samples[0];
  let residentBytes = 0;
  for (const sample of samples) {
    residentBytes = Math.max(residentBytes, sample.residentBytes);
    if (from === undefined || sample.bytes < from.bytes + stepBytes) continue;
    const bytes = sample.bytes - from.bytes;
    steps.push({
      gigabytes: sample.bytes / GB,
      megabytesPerSecond: bytes / MB / (sample.seconds - from.seconds),
      cpuSecondsPerGb: (sample.cpuSeconds - from.cpuSeconds) / (bytes / GB),
      residentMb: residentBytes / MB,
    });
    from = sample;
    residentBytes = 0;
  }
  return steps;
}
