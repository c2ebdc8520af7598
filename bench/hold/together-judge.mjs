// @ts-check
import { pairwiseRatios, spread } from '../statistics.mjs';
import { spreadText } from '../table.mjs';
import { none, sum } from './take-judge.mjs';

/** Cameras in one process: whether all frames are there, and whether each further camera costs what the first one does. Pure. */

/**
 * One recording of some cameras by one process.
 *
 * @typedef {object} Stage
 * @property {number} cameras
 * @property {number} fps of each
 * @property {number} seconds that were measured
 * @property {number} frames told of all cameras
 * @property {number} dropped by the module
 * @property {number} missing at the source, or skipped
 * @property {number} mismatches frames that the module's count, the rows and the video disagree on
 * @property {number} uneven steps from frame to frame that are not one period
 * @property {number[]} corePercent CPU time of the module, of one core, in each slice of the time
 * @property {number[]} residentMb of the module, at the end of each slice
 * @property {number} othersPercent what other programs had of the machine's CPU
 */

/**
 * A camera must not make the others dearer. Were the cost that of pairs of cameras, four would cost four times as much a
 * frame as one; were each camera to make each other one a tenth dearer, 1.3 times as much. Below that lies what a machine with
 * fewer cores than busy threads adds to each: caches and wake-ups. (What a process costs without a camera is shared, and makes it less.)
 */
const DEAREST_FRAME = 1.25;
/**
 * A camera of three or four over the second one. It is 1 where each takes the same, and 2 where the memory grew with the square
 * of their number. Resident memory swings with the garbage of each thread, so it is judged of all rounds together.
 */
const LARGEST_MEMORY = 1.5;
/** With more of the machine's CPU taken by other programs the cost is theirs too. */
const QUIET_PERCENT = 25;

/**
 * @param {Stage} hold the long one
 * @param {readonly (readonly Stage[])[]} rounds each with one stage for each number of cameras
 * @returns {import('./take-judge.mjs').Judgement[]}
 */
export function judgeTogether(hold, rounds) {
  const all = [hold, ...rounds.flat()];
  /** @param {(stage: Stage) => number} figure */
  const total = (figure) => sum(all.map(figure));
  return [
    none(
      'frames dropped',
      total(({ dropped }) => dropped),
    ),
    none(
      'frames missing at the source',
      total(({ missing }) => missing),
    ),
    none(
      'steps that are not one period',
      total(({ uneven }) => uneven),
    ),
    none(
      'frames that told, rows and video disagree on',
      total(({ mismatches }) => mismatches),
    ),
    ...(rounds.length === 0 ? [] : judgeCost(rounds)),
  ];
}

/** @param {readonly (readonly Stage[])[]} rounds @returns {import('./take-judge.mjs').Judgement[]} */
function judgeCost(rounds) {
  const counts = countsIn(rounds);
  const [fewest = 1, ...more] = counts;
  const busiest = Math.max(...rounds.flat().map(({ othersPercent }) => othersPercent));
  /** @param {boolean} isWithin */
  const kept = (isWithin) => isWithin || (busiest > QUIET_PERCENT ? /** @type {const} */ ('busy') : false);
  const most = counts.at(-1) ?? fewest;
  const judgements = more.map((count) => {
    const ratios = spread(pairwiseRatios(perFrame(rounds, count), perFrame(rounds, fewest)));
    return {
      what: `CPU a frame: ${count} cameras over ${fewest}, round by round`,
      measured: spreadText(ratios, 2),
      limit: count === most ? `at most ${DEAREST_FRAME}` : 'none',
      kept: count !== most || kept(ratios.median <= DEAREST_FRAME),
    };
  });
  const [second] = more;
  if (second === undefined || second === most) return judgements;
  /** @param {number} from @param {number} to @param {readonly Stage[]} round */
  const slope = (from, to, round) => (residentOf(round, to) - residentOf(round, from)) / (to - from);
  const later = rounds.map((round) => slope(second, most, round));
  const earlier = rounds.map((round) => slope(fewest, second, round));
  const memory = sum(later) / sum(earlier);
  // Not by the quotient: it is negative, and so below any limit, where the second camera seems to take less than nothing.
  const isLinear = sum(later) <= LARGEST_MEMORY * sum(earlier);
  return [
    ...judgements,
    {
      what: `memory of a camera: each up to ${most} over the second`,
      measured: `${memory.toFixed(2)} (${spreadText(spread(later), 0)} over ${spreadText(spread(earlier), 0)} MB)`,
      limit: `at most ${LARGEST_MEMORY}`,
      kept: kept(isLinear),
    },
  ];
}

/** @param {readonly (readonly Stage[])[]} rounds @returns {number[]} numbers of cameras, the fewest first */
function countsIn(rounds) {
  return (rounds[0] ?? []).map(({ cameras }) => cameras).sort((a, b) => a - b);
}

/** @param {readonly (readonly Stage[])[]} rounds @param {number} cameras @returns {number[]} of each round */
function perFrame(rounds, cameras) {
  return rounds.map((round) => {
    const stage = round.find((one) => one.cameras === cameras);
    return stage === undefined ? Number.NaN : cpuUsPerFrame(stage);
  });
}

/** Of the frames that were due: that none is missing is judged apart. @param {Stage} stage */
export function cpuUsPerFrame({ corePercent, cameras, fps }) {
  return ((sum(corePercent) / corePercent.length / 100) * 1e6) / (cameras * fps);
}

/** Mean of the slices, MB. @param {readonly Stage[]} round @param {number} cameras */
function residentOf(round, cameras) {
  const { residentMb = [] } = round.find((stage) => stage.cameras === cameras) ?? {};
  return sum(residentMb) / residentMb.length;
}
