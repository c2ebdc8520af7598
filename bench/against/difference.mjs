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
 * @property {Spread} percent of the other, round by round: above 0 this build costs more
 * @property {number} rounds
 * @property {number} digits after the point, for people
 */

/** With fewer rounds, chance alone puts all of them on one side too often. */
const LEAST_ROUNDS = 3;

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
        percent: spread(percentDifferences(a, b)),
        rounds: a.length,
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
 * A difference can be told where every round has it on the same side.
 *
 * @param {Pick<Difference, 'percent' | 'rounds'>} difference
 * @returns {string} as in `costs 3 % more (1 to 5 %)`
 */
export function verdictOf({ percent: { median, min, max }, rounds }) {
  const range = `${signed(min)} to ${signed(max)} %`;
  if (rounds < LEAST_ROUNDS) return `too few rounds to tell (${range})`;
  if (min > 0) return `costs ${size(median)} % more (${size(min)} to ${size(max)} %)`;
  if (max < 0) return `costs ${size(median)} % less (${size(max)} to ${size(min)} %)`;
  return `no difference that can be measured (${range})`;
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
