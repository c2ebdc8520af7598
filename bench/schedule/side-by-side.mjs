// @ts-check
import { spawnSync } from 'node:child_process';
import { FPS } from '../frames.mjs';
import { fileSystemOf } from '../machine.mjs';
import { placedStep } from '../placed-step.mjs';
import { rotated, spread } from '../statistics.mjs';
import { moduleContender, peerContenders, YOUNG_STATES } from './contenders.mjs';
import { hasMemoryFor } from './memory-supply.mjs';
import { scheduleRatios, summarizeSchedule } from './run-figures.mjs';

/** One camera on schedule, ours beside the peers, in turns: what a frame costs where cameras really run. */

/** @typedef {import('./run-figures.mjs').ScheduleRun} ScheduleRun */

/**
 * @typedef {object} SideBySide
 * @property {string} place
 * @property {string} fileSystem
 * @property {boolean} usedMemory whether all of them wrote to memory that was used before (`memory-supply.mjs`)
 * @property {number} lost frames that recordings lack
 * @property {import('../statistics.mjs').Spread} othersPercent what other programs had of the machine's CPU meanwhile
 * @property {readonly import('./run-figures.mjs').ScheduleSummary[]} contenders
 * @property {readonly import('./run-figures.mjs').ScheduleRatio[]} ratios over ffmpeg's
 * @property {readonly ScheduleRun[]} runs
 */

/** The longest that one contender records, s: what memory and disk are asked for. */
const RECORDED_S = 25;

/** @typedef {{ plan: import('./contenders.mjs').SchedulePlan, rounds: number }} Settings */

/**
 * Each round lets every contender live once, and the order moves on by one each round.
 *
 * @param {import('../bench.mjs').Setup} setup
 * @param {{ schedule: SideBySide | null }} measured where the result goes
 * @param {string} place
 * @param {Settings} settings
 * @returns {import('../steps.mjs').Step}
 */
export function sideBySideStep(setup, measured, place, { plan, rounds }) {
  const contenders = [
    moduleContender(setup, plan.life),
    ...(plan.young === null ? [] : [moduleContender(setup, plan.young, YOUNG_STATES)]),
    ...peerContenders(setup, plan),
  ];
  const seconds = rounds * contenders.reduce((sum, contender) => sum + contender.seconds, 0);
  const title = `on schedule in ${place}, side by side: ${rounds} rounds`;
  const bytes = RECORDED_S * FPS * setup.frames.meanBytes;
  return placedStep(place, { title, seconds, bytes }, async (workspace) => {
    measured.schedule = await measureSideBySide(setup, workspace, { contenders, rounds });
  });
}

/**
 * @param {import('../bench.mjs').Setup} setup
 * @param {import('../workspace.mjs').Workspace} workspace
 * @param {{ contenders: readonly import('./contenders.mjs').ScheduleContender[], rounds: number }} settings
 * @returns {Promise<SideBySide>}
 */
async function measureSideBySide({ frames, progress }, workspace, { contenders, rounds }) {
  /** @type {ScheduleRun[]} */
  const all = [];
  let lost = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const { live } of rotated(contenders, round)) {
      const lived = await liveAlone(workspace, live, round);
      lost += lived.lost;
      all.push(...lived.runs);
      for (const run of lived.runs) progress(`  round ${round + 1}/${rounds} ${runText(run)}`);
    }
  }
  return {
    place: workspace.place,
    fileSystem: fileSystemOf(workspace.place),
    usedMemory: hasMemoryFor(frames.meanBytes * FPS, RECORDED_S),
    lost,
    othersPercent: spread(all.map(({ othersPercent }) => othersPercent)),
    contenders: summarizeSchedule(all),
    ratios: scheduleRatios(all, 'ffmpeg'),
    runs: all,
  };
}

/**
 * @param {import('../workspace.mjs').Workspace} workspace
 * @param {import('./contenders.mjs').ScheduleContender['live']} live
 * @param {number} round
 */
export async function liveAlone(workspace, live, round) {
  // What an earlier run left to be written would be written at this one's expense.
  spawnSync('sync');
  return workspace.within((folder) => live(folder, round));
}

/** @param {ScheduleRun} run @returns {string} */
export function runText({ contender, figures }) {
  const { cpuUsPerFrame, corePercent } = figures;
  const cost =
    cpuUsPerFrame === null ? `${corePercent?.toFixed(2)} % of a core` : `${cpuUsPerFrame.toFixed(0)} us a frame`;
  return `${contender}: ${cost}`;
}
