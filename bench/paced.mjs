// @ts-check
import { fileSystemOf } from './machine.mjs';
import { othersPercent, usedSoFar } from './machine-share.mjs';
import { runModule } from './module-run.mjs';
import { camerasText, placedStep } from './placed-step.mjs';
import { ticksPerSecond } from './process-figures.mjs';
import { distribution } from './statistics.mjs';
import { MB } from './units.mjs';

/** Cameras at their rate: what they cost, what is lost, and how late their frames are. */

/** @typedef {import('./statistics.mjs').Distribution} Distribution */
/** @typedef {import('./probe/frame-timer.mjs').Samples} Samples */

/**
 * @typedef {object} FrameTimes
 * @property {Distribution} workUs
 * @property {Distribution} workWithCallsUs
 * @property {Distribution} commitUs
 * @property {Distribution} threadUs
 * @property {Distribution} readerBusyMs
 * @property {Distribution} readerGapMs
 */

/**
 * @typedef {FrameTimes & { arrivedMs: Distribution, writtenMs: Distribution, durableMs: Distribution }} PacedTimes
 */

/**
 * @typedef {object} Paced
 * @property {string} place
 * @property {string} fileSystem
 * @property {number} cameras
 * @property {number} fps
 * @property {number} seconds
 * @property {number} frames
 * @property {number} dropped by the module, or missed
 * @property {number} latestMs the most that a stand-in was behind its schedule: the machine's fault, and part of every latency
 * @property {number} othersPercent what other programs had of the machine's CPU meanwhile
 * @property {number} corePercent the module's CPU time, of one core
 * @property {number} coreSystemPercent of that the kernel's
 * @property {number} cpuUsPerFrame the module's, all threads
 * @property {number} peakResidentMb
 * @property {PacedTimes} times
 */

/** The times of frames need no longer run, s. */
const LONGEST_PROBED_S = 60;

/**
 * @param {Pick<import('./bench.mjs').Setup, 'module' | 'frames'> & { options: { cpuProfile: string | undefined } }} setup
 * @param {{ paced: Paced[] }} measured
 * @param {string} place
 * @param {{ cameras: number, seconds: number, fps: number }} settings
 * @returns {import('./steps.mjs').Step}
 */
export function pacedStep(setup, measured, place, { cameras, seconds, fps }) {
  return placedStep(
    place,
    {
      title: `on schedule in ${place}, ${camerasText(cameras)} at ${fps} fps`,
      seconds: seconds + Math.min(seconds, LONGEST_PROBED_S) + 8,
      bytes: cameras * seconds * fps * setup.frames.meanBytes,
    },
    async (workspace) => {
      measured.paced.push(await measurePaced(setup, workspace, { cameras, seconds, fps }));
    },
  );
}

/**
 * Two runs: what the module costs and loses, as it is; then the times of its frames, with the probe, which costs something
 * itself. Losses of both count.
 *
 * @param {Parameters<typeof pacedStep>[0]} setup
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {{ cameras: number, seconds: number, fps: number }} what
 * @returns {Promise<Paced>}
 */
async function measurePaced({ module, frames, options }, workspace, { cameras, seconds, fps }) {
  /** @param {number} count of each camera @param {boolean} probed */
  const run = (count, probed) =>
    workspace.within((folder) =>
      runModule(folder, {
        module,
        files: frames.files,
        cameras,
        frames: count,
        expectedBytes: cameras * count * frames.meanBytes,
        fps,
        paced: true,
        probed,
        cpuProfile: options.cpuProfile,
      }),
    );
  const before = usedSoFar();
  const bare = await run(Math.ceil(seconds * fps), false);
  const others = othersPercent(before, usedSoFar(), ticksPerSecond());
  const probedCount = Math.ceil(Math.min(seconds, LONGEST_PROBED_S) * fps);
  const probed = await run(probedCount, true);
  const { cpuSeconds, cpuSystemSeconds, ...whole } = bare.run;
  return {
    place: workspace.place,
    fileSystem: fileSystemOf(workspace.place),
    cameras,
    fps,
    seconds: whole.seconds,
    frames: whole.frames,
    dropped: bare.dropped + probed.dropped,
    latestMs: Math.max(bare.latestMs, probed.latestMs),
    othersPercent: others,
    corePercent: (100 * cpuSeconds) / whole.seconds,
    coreSystemPercent: (100 * cpuSystemSeconds) / whole.seconds,
    cpuUsPerFrame: (1e6 * cpuSeconds) / whole.frames,
    peakResidentMb: (whole.peakResidentBytes ?? 0) / MB,
    times: {
      ...frameTimes(probed.samples, probedCount),
      ...latencies(probed.samples, probedCount),
    },
  };
}

/**
 * @param {readonly Samples[]} samples of each camera
 * @param {number} frames of each camera, the last ones; what came before is warm-up
 * @returns {FrameTimes}
 */
export function frameTimes(samples, frames) {
  return {
    workUs: pooled(samples, frames, 'workUs'),
    workWithCallsUs: pooled(samples, frames, 'workWithCallsUs'),
    commitUs: pooledShare(samples, frames, 'commitUs'),
    threadUs: pooled(samples, frames, 'threadUs'),
    readerBusyMs: pooledShare(samples, frames, 'readerBusyMs'),
    readerGapMs: pooledShare(samples, frames, 'readerGapMs'),
  };
}

/** @param {readonly Samples[]} samples @param {number} frames */
function latencies(samples, frames) {
  return {
    arrivedMs: pooled(samples, frames, 'arrivedMs'),
    writtenMs: pooled(samples, frames, 'writtenMs'),
    durableMs: pooled(samples, frames, 'durableMs'),
  };
}

/**
 * @param {readonly Samples[]} samples
 * @param {number} frames
 * @param {keyof Samples} name
 */
function pooled(samples, frames, name) {
  return distribution(samples.flatMap((one) => one[name].slice(-frames)));
}

/**
 * Of what does not come once a frame the same share is left out as of the frames.
 *
 * @param {readonly Samples[]} samples
 * @param {number} frames
 * @param {'readerBusyMs' | 'readerGapMs' | 'commitUs'} name
 */
function pooledShare(samples, frames, name) {
  return distribution(
    samples.flatMap((one) => {
      const share = Math.min(1, frames / Math.max(1, one.workUs.length));
      return one[name].slice(-Math.ceil(share * one[name].length));
    }),
  );
}
