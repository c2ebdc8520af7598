// @ts-check
import { pairwiseRatios, spread } from './statistics.mjs';
import { GB, MB } from './units.mjs';

/** From runs to what is reported. Pure. */

/** @typedef {import('./peers.mjs').Run} Run */
/** @typedef {import('./statistics.mjs').Spread} Spread */

/**
 * @typedef {object} Rates
 * @property {number} megabytesPerSecond
 * @property {number} cpuSecondsPerGb start-up left out
 * @property {number} cpuSystemSecondsPerGb of that the kernel's
 * @property {number} cpuSecondsPerGbWithStart
 */

/** @typedef {Run & Rates & { round: number, place: string, othersPercent: number }} RatedRun */

/**
 * @typedef {object} ContenderSummary
 * @property {string} contender
 * @property {number} runs
 * @property {Spread} megabytesPerSecond
 * @property {Spread} cpuSecondsPerGb
 * @property {Spread} cpuSystemSecondsPerGb
 * @property {Spread} cpuSecondsPerGbWithStart
 * @property {Spread | null} peakResidentMb
 */

/**
 * Ours over another's: throughput is better above 1, CPU below.
 *
 * @typedef {object} Ratios
 * @property {string} to
 * @property {number} throughput of the medians
 * @property {number} cpu of the medians
 * @property {number} cpuWithStart of the medians, what programs use to start included
 * @property {Spread} throughputPaired round by round
 * @property {Spread} cpuPaired
 */

/**
 * @param {Run} run
 * @returns {Rates}
 */
export function ratesOf({ bytes, seconds, cpuSeconds, cpuSystemSeconds, cpuSecondsWithStart }) {
  return {
    megabytesPerSecond: bytes / MB / seconds,
    cpuSecondsPerGb: cpuSeconds / (bytes / GB),
    cpuSystemSecondsPerGb: cpuSystemSeconds / (bytes / GB),
    cpuSecondsPerGbWithStart: cpuSecondsWithStart / (bytes / GB),
  };
}

/**
 * One summary a contender, in the order of their first runs.
 *
 * @param {readonly RatedRun[]} runs of one place
 * @returns {ContenderSummary[]}
 */
export function summarize(runs) {
  return [...new Set(runs.map(({ contender }) => contender))].map((contender) => {
    const own = runs.filter((run) => run.contender === contender);
    const resident = own.flatMap(({ peakResidentBytes }) =>
      peakResidentBytes === undefined ? [] : [peakResidentBytes],
    );
    return {
      contender,
      runs: own.length,
      megabytesPerSecond: spread(own.map((run) => run.megabytesPerSecond)),
      cpuSecondsPerGb: spread(own.map((run) => run.cpuSecondsPerGb)),
      cpuSystemSecondsPerGb: spread(own.map((run) => run.cpuSystemSecondsPerGb)),
      cpuSecondsPerGbWithStart: spread(own.map((run) => run.cpuSecondsPerGbWithStart)),
      peakResidentMb: resident.length === 0 ? null : spread(resident.map((bytes) => bytes / MB)),
    };
  });
}

/**
 * @param {readonly RatedRun[]} runs of one place
 * @param {string} ours
 * @param {string} other
 * @returns {Ratios | null} `null` where one of them did not run
 */
export function ratiosTo(runs, ours, other) {
  const byRound = (/** @type {string} */ name) =>
    runs.filter(({ contender }) => contender === name).sort((a, b) => a.round - b.round);
  const [own, others] = [byRound(ours), byRound(other)];
  if (own.length === 0 || others.length === 0) return null;
  const [a, b] = [summarize(own)[0], summarize(others)[0]];
  if (a === undefined || b === undefined) return null;
  /** @param {(run: RatedRun) => number} figure */
  const paired = (figure) => spread(pairwiseRatios(own.map(figure), others.map(figure)));
  return {
    to: other,
    throughput: a.megabytesPerSecond.median / b.megabytesPerSecond.median,
    cpu: a.cpuSecondsPerGb.median / b.cpuSecondsPerGb.median,
    cpuWithStart: a.cpuSecondsPerGbWithStart.median / b.cpuSecondsPerGbWithStart.median,
    throughputPaired: paired((run) => run.megabytesPerSecond),
    cpuPaired: paired((run) => run.cpuSecondsPerGb),
  };
}
