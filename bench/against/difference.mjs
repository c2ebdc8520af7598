// @ts-check
import { byRound, valuesOf } from '../schedule/run-figures.mjs';
import { spread } from '../statistics.mjs';

/** What a change costs: the figures of two builds, round by round. Pure. */

/** @typedef {import('../schedule/run-figures.mjs').ScheduleRun} ScheduleRun */
/** @typedef {import('../schedule/run-figures.mjs').FigureName} FigureName */
/** @typedef {import('../statistics.mjs').Spread} Spread */

/**
 * @typedef {object} Difference
 * @property {string} what the state and the figure, for people
 * @property {Spread} present of this build
 * @property {Spread} other of the other one
 * @property {readonly number[]} percents of the other, a value a round: above 0 this build costs more
 * @property {number} digits after the point, for people
 */

const LEAST_ROUNDS = 3;

/**
 * Student's t for 99 % on both sides, by the degrees of freedom. With eight figures a run 95 % would find a difference that is none in every
 * third run. Between two entries the smaller one holds.
 *
 * @type {readonly (readonly [freedom: number, t: number])[]}
 */
const STUDENT_99 = [
  [2, 9.925],
  [3, 5.841],
  [4, 4.604],
  [5, 4.032],
  [6, 3.707],
  [7, 3.499],
  [8, 3.355],
  [10, 3.169],
  [15, 2.947],
  [30, 2.75],
];

/** @type {Readonly<Record<FigureName, { unit: string, digits: number }>>} */
const FIGURES = {
  cpuUsPerFrame: { unit: 'CPU us/frame', digits: 0 },
  switchesPerFrame: { unit: 'switches/frame', digits: 2 },
  readsPerFrame: { unit: 'reads/frame', digits: 2 },
  corePercent: { unit: '% of one core', digits: 2 },
  switchesPerSecond: { unit: 'switches/s', digits: 1 },
};

/** @type {readonly FigureName[]} */
const PER_FRAME = ['cpuUsPerFrame', 'switchesPerFrame', 'readsPerFrame'];
/** @type {readonly FigureName[]} */
const WITHOUT_FRAMES = ['corePercent', 'switchesPerSecond'];

/**
 * @param {readonly ScheduleRun[]} present runs of this build
 * @param {readonly ScheduleRun[]} other runs of the other build, in the same rounds
 * @returns {Difference[]} by contender, in the order of their first runs
 */
export function differencesOf(present, other) {
  return [...new Set(present.map(({ contender }) => contender))].flatMap((contender) => {
    const [ours, theirs] = [byRound(present, contender), byRound(other, contender)];
    const names = ours.every(({ frames }) => frames > 0) ? PER_FRAME : WITHOUT_FRAMES;
    return names.map((name) => {
      const [a, b] = [valuesOf(ours, name), valuesOf(theirs, name)];
      return {
        what: `${contender}: ${FIGURES[name].unit}`,
        present: spread(a),
        other: spread(b),
        percents: percentDifferences(a, b),
        digits: FIGURES[name].digits,
      };
    });
  });
}

/**
 * @param {readonly number[]} values
 * @param {readonly number[]} others of the same rounds
 * @returns {number[]} percent of the other; 0 where both are 0
 */
export function percentDifferences(values, others) {
  if (values.length !== others.length) throw new RangeError('Differences need as many of the one as of the other.');
  return values.map((value, round) => {
    const other = others[round] ?? Number.NaN;
    return value === other ? 0 : (100 * (value - other)) / other;
  });
}

/**
 * @param {readonly number[]} percents a value a round
 * @returns {string} as in `costs 3 % more (1 to 5 %)`; the range is that of the rounds
 */
export function verdictOf(percents) {
  const { median, min, max } = spread(percents);
  const range = `${signed(min)} to ${signed(max)} %`;
  if (percents.length < LEAST_ROUNDS) return `too few rounds to tell (${range})`;
  if (!differsFromZero(percents)) return `no difference that can be measured (${range})`;
  if (min > 0) return `costs ${size(median)} % more (${size(min)} to ${size(max)} %)`;
  if (max < 0) return `costs ${size(median)} % less (${size(max)} to ${size(min)} %)`;
  return `costs ${size(median)} % ${median > 0 ? 'more' : 'less'} (${range})`;
}

/**
 * A t-test of the rounds: their mean against how much they scatter. That all rounds lie on one side says too little: with three rounds
 * chance does it to every fourth figure.
 *
 * @param {readonly number[]} values three at least
 * @returns {boolean}
 */
function differsFromZero(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const freedom = values.length - 1;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / freedom;
  const t = STUDENT_99.findLast(([least]) => least <= freedom)?.[1] ?? Infinity;
  return Math.abs(mean) > t * Math.sqrt(variance / values.length);
}

/** @param {number} percent */
const size = (percent) => rounded(Math.abs(percent));

/** @param {number} percent */
function signed(percent) {
  const text = rounded(percent);
  return Number(text) > 0 ? `+${text}` : text;
}

/** Whole percents, and one more digit where they would be nothing. @param {number} percent */
function rounded(percent) {
  const text = percent.toFixed(Math.abs(percent) < 1 ? 1 : 0);
  return Number(text) === 0 ? '0' : text;
}
