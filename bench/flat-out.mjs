// @ts-check
import { spawnSync } from 'node:child_process';
import { flatOutSettings, moduleRunner, peerRunners } from './contenders.mjs';
import { fileSystemOf } from './machine.mjs';
import { othersPercent, usedSoFar } from './machine-share.mjs';
import { CONTENDER, runModule } from './module-run.mjs';
import { frameTimes } from './paced.mjs';
import { ticksPerSecond } from './process-figures.mjs';
import { rotated, spread } from './statistics.mjs';
import { ratesOf, ratiosTo, summarize } from './summary.mjs';

/** As fast as it goes, ours beside the peers, in turns. */

/** @typedef {import('./summary.mjs').RatedRun} RatedRun */

/**
 * @typedef {object} FlatOut
 * @property {string} place
 * @property {string} fileSystem
 * @property {number} cameras
 * @property {number} gigabytes of a run, all cameras together
 * @property {import('./statistics.mjs').Spread} othersPercent what other programs had of the machine's CPU meanwhile
 * @property {readonly import('./summary.mjs').ContenderSummary[]} contenders
 * @property {readonly import('./summary.mjs').Ratios[]} ratios ours over each other's
 * @property {import('./paced.mjs').FrameTimes | null} times of one more run of ours, with the probe; `null`: not made
 * @property {readonly RatedRun[]} runs
 */

/**
 * @typedef {object} FlatOutSettings
 * @property {readonly import('./peers.mjs').Peer[]} peers
 * @property {number} cameras
 * @property {number} [limitMs] no new round after this long
 * @property {boolean} [probed] one more run of ours that takes the time of each frame
 */

/**
 * `options.runs` rounds: each runs every contender once, and the order moves on by one each round.
 *
 * @param {import('./bench.mjs').Setup} setup
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {FlatOutSettings} settings
 * @returns {Promise<FlatOut>}
 */
export async function measureFlatOut(setup, workspace, { peers, cameras, limitMs = Infinity, probed = false }) {
  const { options } = setup;
  const deadline = performance.now() + limitMs;
  const fileSystem = fileSystemOf(workspace.place);
  const isDisk = fileSystem !== 'tmpfs';
  const contenders = [
    ...(await peerRunners(setup, workspace, { peers, cameras, isDisk })),
    moduleRunner(setup, cameras),
  ];
  /** @type {RatedRun[]} */
  const runs = [];
  for (let round = 0; round < options.runs && (round === 0 || performance.now() < deadline); round += 1) {
    for (const { name, run, tries } of rotated(contenders, round)) {
      // What an earlier run left to be written would be written at this one's expense.
      if (isDisk) spawnSync('sync');
      const before = usedSoFar();
      const once = () => workspace.within((folder) => run(folder, options.gigabytes));
      const result = await withTries(once, tries);
      const others = othersPercent(before, usedSoFar(), ticksPerSecond());
      const rated = { round, place: workspace.place, othersPercent: others, ...result, ...ratesOf(result) };
      runs.push(rated);
      setup.progress(
        `  round ${round + 1}/${options.runs} ${name}: ${rated.megabytesPerSecond.toFixed(0)} MB/s, ` +
          `${rated.cpuSecondsPerGb.toFixed(2)} CPU s/GB`,
      );
    }
  }
  const summaries = summarize(runs);
  return {
    place: workspace.place,
    fileSystem,
    cameras,
    gigabytes: options.gigabytes,
    othersPercent: spread(runs.map((run) => run.othersPercent)),
    contenders: summaries,
    ratios: summaries.flatMap(({ contender }) =>
      contender === CONTENDER ? [] : (ratiosTo(runs, CONTENDER, contender) ?? []),
    ),
    times: probed ? await timesUnderLoad(setup, workspace, cameras) : null,
    runs,
  };
}

/**
 * @template T
 * @param {() => Promise<T>} run
 * @param {number} tries
 * @returns {Promise<T>}
 */
async function withTries(run, tries) {
  try {
    return await run();
  } catch (thrown) {
    if (tries <= 1) throw thrown;
    return withTries(run, tries - 1);
  }
}

/**
 * @param {import('./bench.mjs').Setup} setup
 * @param {import('./workspace.mjs').Workspace} workspace
 * @param {number} cameras
 */
async function timesUnderLoad(setup, workspace, cameras) {
  const settings = flatOutSettings(setup, cameras, setup.options.gigabytes);
  const { samples } = await workspace.within((folder) => runModule(folder, { ...settings, probed: true }));
  return frameTimes(samples, settings.frames);
}
