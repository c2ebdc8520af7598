// @ts-check
import { catRunner, moduleRunner } from './contenders.mjs';
import { fileSystemOf } from './machine.mjs';
import { bytesReadBy, cpuTimeOf, residentBytesOf, totalOf } from './process-figures.mjs';
import { GB, MB } from './units.mjs';

/**
 * One long recording, and what each GB of it costs: a cost that grows with length would show as a slope. Beside it `cat`, which has no
 * memory of what it did: what both of them show is the machine's.
 */

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
 * @property {string} contender
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
 * @returns {Promise<Growth[]>} of `cat`, then ours
 */
export async function measureGrowth(setup, workspace, gigabytes) {
  const makers = [
    (/** @type {import('./peers.mjs').Watch} */ watch) => catRunner(setup, watch),
    (/** @type {import('./peers.mjs').Watch} */ watch) => moduleRunner(setup, 1, watch),
  ];
  const all = [];
  for (const make of makers) {
    const { samples, watch } = sampler();
    const { name, run } = make(watch);
    const { frames, bytes } = await workspace.within((folder) => run(folder, gigabytes));
    all.push({
      contender: name,
      place: workspace.place,
      fileSystem: fileSystemOf(workspace.place),
      gigabytes: bytes / GB,
      frames,
      steps: growthSteps(samples, stepFor(bytes)),
    });
  }
  return all;
}

/** @returns {{ samples: Sample[], watch: import('./peers.mjs').Watch }} */
function sampler() {
  /** @type {Sample[]} */
  const samples = [];
  return {
    samples,
    watch: (pid) => {
      const started = performance.now();
      const bytesBefore = bytesReadBy(pid);
      const take = () => {
        try {
          samples.push({
            seconds: (performance.now() - started) / 1000,
            bytes: bytesReadBy(pid) - bytesBefore,
            cpuSeconds: totalOf(cpuTimeOf(pid)),
            residentBytes: residentBytesOf(pid),
          });
        } catch {
          // It has ended, and with it its figures: those of a tenth of a second ago are its last.
        }
      };
      const timer = setInterval(take, SAMPLE_MS);
      take();
      return () => {
        clearInterval(timer);
        take();
      };
    },
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
