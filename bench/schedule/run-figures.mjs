// @ts-check
import { pairwiseRatios, spread } from '../statistics.mjs';

/** From watched windows to the figures that are told, and to their spread over rounds. Pure. */

/** @typedef {import('../statistics.mjs').Spread} Spread */
/** @typedef {'cpuUsPerFrame' | 'switchesPerFrame' | 'readsPerFrame' | 'corePercent' | 'switchesPerSecond'} FigureName */

/**
 * @typedef {object} ScheduleRun
 * @property {string} contender
 * @property {number} round from 0
 * @property {number} seconds of the window
 * @property {number} frames due in the window; 0 where there is no camera
 * @property {Readonly<Record<FigureName, number | null>>} figures `null`: a figure a frame, where there were none
 * @property {Readonly<Record<string, number>>} corePercentByThread by the thread's name
 * @property {number} unseenPercent of the CPU time; see `WindowCost.unseenCpuUs`
 * @property {number} othersPercent what other programs had of the machine's CPU meanwhile
 */

/**
 * @typedef {object} ScheduleSummary
 * @property {string} contender
 * @property {number} runs
 * @property {Readonly<Record<FigureName, Spread | null>>} figures
 */

/**
 * One contender over another, round by round.
 *
 * @typedef {object} ScheduleRatio
 * @property {string} contender
 * @property {string} to
 * @property {Spread} cpu
 * @property {Spread} switches
 */

/** With less than this share of the bytes that were due, what was measured is a contender that could not follow. */
const LEAST_READ = 0.9;

/**
 * @param {{ contender: string, round: number, othersPercent: number }} which
 * @param {import('./window.mjs').WindowCost} cost
 * @param {{ fps: number, frameBytes: number } | null} sent `null`: there is no camera
 * @returns {ScheduleRun}
 */
export function scheduleRun(which, cost, sent) {
  const { seconds, cpuUs, voluntarySwitches, readCalls } = cost;
  const frames = sent === null ? 0 : seconds * sent.fps;
  if (sent !== null && cost.bytesRead < LEAST_READ * frames * sent.frameBytes) {
    const read = Math.round(cost.bytesRead / sent.frameBytes);
    throw new Error(
      `${which.contender} read ${read} of ${Math.round(frames)} frames: it or the producer could not keep up.`,
    );
  }
  /** @param {number} value */
  const perFrame = (value) => (frames === 0 ? null : value / frames);
  return {
    ...which,
    seconds,
    frames,
    figures: {
      cpuUsPerFrame: perFrame(cpuUs),
      switchesPerFrame: perFrame(voluntarySwitches),
      readsPerFrame: perFrame(readCalls),
      corePercent: corePercent(cpuUs, seconds),
      switchesPerSecond: voluntarySwitches / seconds,
    },
    corePercentByThread: Object.fromEntries(
      Object.entries(cost.cpuUsByThread).map(([name, us]) => [name, corePercent(us, seconds)]),
    ),
    unseenPercent: (100 * cost.unseenCpuUs) / (cpuUs + cost.unseenCpuUs),
  };
}

/** @param {number} cpuUs @param {number} seconds */
const corePercent = (cpuUs, seconds) => cpuUs / (seconds * 10_000);

/**
 * @param {readonly ScheduleRun[]} runs
 * @returns {ScheduleSummary[]} one a contender, in the order of their first runs
 */
export function summarizeSchedule(runs) {
  return [...new Set(runs.map(({ contender }) => contender))].map((contender) => {
    const own = runs.filter((run) => run.contender === contender);
    /** @param {FigureName} name */
    const over = (name) => {
      const values = own.flatMap(({ figures }) => figures[name] ?? []);
      return values.length === 0 ? null : spread(values);
    };
    return {
      contender,
      runs: own.length,
      figures: {
        cpuUsPerFrame: over('cpuUsPerFrame'),
        switchesPerFrame: over('switchesPerFrame'),
        readsPerFrame: over('readsPerFrame'),
        corePercent: over('corePercent'),
        switchesPerSecond: over('switchesPerSecond'),
      },
    };
  });
}

/**
 * @param {readonly ScheduleRun[]} runs
 * @param {string} to
 * @returns {ScheduleRatio[]} of each contender that gets frames, but `to`; none where `to` did not run
 */
export function scheduleRatios(runs, to) {
  const others = byRound(runs, to);
  if (others.length === 0) return [];
  const contenders = new Set(runs.filter(({ frames }) => frames > 0).map(({ contender }) => contender));
  contenders.delete(to);
  return [...contenders].map((contender) => {
    const own = byRound(runs, contender);
    /** @param {FigureName} name */
    const paired = (name) => spread(pairwiseRatios(valuesOf(own, name), valuesOf(others, name)));
    return { contender, to, cpu: paired('cpuUsPerFrame'), switches: paired('switchesPerFrame') };
  });
}

/**
 * @param {readonly ScheduleRun[]} runs
 * @param {string} contender
 * @returns {ScheduleRun[]}
 */
export function byRound(runs, contender) {
  return runs.filter((run) => run.contender === contender).sort((a, b) => a.round - b.round);
}

/**
 * @param {readonly ScheduleRun[]} runs
 * @param {FigureName} name
 * @returns {number[]} `NaN` where a run has no such figure
 */
export function valuesOf(runs, name) {
  return runs.map(({ figures }) => figures[name] ?? Number.NaN);
}
