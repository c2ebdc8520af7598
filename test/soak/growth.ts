import { fitTrend, mean, slopeError, type Trend } from './trend.js';

export type Verdict = 'growing' | 'not growing' | 'too short to tell';

/** What was held at one moment. */
export interface Point {
  /** How much of a day had gone by, above 0. */
  readonly days: number;
  readonly held: number;
}

export interface Growth {
  readonly verdict: Verdict;
  /** By the trend line, at the first point and at the last. */
  readonly from: number;
  readonly to: number;
  /** In a day, of the mean level. */
  readonly percentADay: number;
  /** Half of the 95 % interval; `null`: too few rounds to know. */
  readonly errorPercent: number | null;
  /** `too short to tell`: how many times longer a run would tell. */
  readonly timesLonger: number | null;
}

export interface GrowthRules {
  /** In a day, percent. */
  readonly maxPercent: number;
  /** So many points belong to one round of what happens, after which all begins anew. */
  readonly round: number;
}

/** Fewer do not show how much they scatter. */
const FEWEST_ROUNDS = 4;
/** Nobody runs it for longer than this. */
const MOST_TIMES = 1_000;

/**
 * Growth is judged per day, so that the limit means the same for a run of any length.
 *
 * A round is one point, the mean of its samples: what differs between its steps (a camera's thread that is young again,
 * collections of garbage) cancels out. Rounds still resemble each other; `slopeError` allows for it.
 *
 * A young process settles: it grows with the logarithm of time, and a straight line takes that for a leak. So what a day
 * would add counts as `growing` only where it comes at a steady pace beside such a curve. What the run itself shows
 * counts whatever its shape. `not growing` is judged by the line, which is too high for a process that settles.
 */
export function growthOf(points: readonly Point[], { maxPercent, round }: GrowthRules): Growth {
  const rounds = roundsOf(points, round);
  if (rounds.length < FEWEST_ROUNDS) return tooFew(points, round);
  const held = rounds.map((point) => point.held);
  const days = rounds.map((point) => point.days);
  const logs = days.map((day) => Math.log(day));
  const line = fitTrend(days, held);
  const curve = fitTrend(logs, held);
  const steady = fitTrend(days, held, [logs]);

  const percent = 100 / line.meanY;
  const percentADay = percent * line.slope;
  const errorPercent = percent * slopeError(line);
  const [first, last] = [points[0]?.days ?? 0, points.at(-1)?.days ?? 0];
  const inADay = Math.min(least(line), least(steady));
  const shown = Math.max(least(line) * (last - first), least(curve) * Math.log(last / first));

  const figures = { ...ends(line, points), percentADay, errorPercent, timesLonger: null };
  if (percent * Math.max(shown, inADay) > maxPercent) return { ...figures, verdict: 'growing' };
  if (percentADay + errorPercent < maxPercent) return { ...figures, verdict: 'not growing' };
  return { ...figures, verdict: 'too short to tell', timesLonger: timesLonger(line, maxPercent) };
}

/** Whole rounds, the last one ending with the last point: each begins at another step, and holds every step once. */
function roundsOf(points: readonly Point[], round: number): readonly Point[] {
  const count = Math.floor(points.length / round);
  const first = points.length - count * round;
  return Array.from({ length: count }, (_, index) => {
    const own = points.slice(first + index * round, first + (index + 1) * round);
    return { days: mean(own.map(({ days }) => days)), held: mean(own.map(({ held }) => held)) };
  });
}

function least(trend: Trend): number {
  return trend.slope - slopeError(trend);
}

function ends({ meanX, meanY, slope }: Trend, points: readonly Point[]): Pick<Growth, 'from' | 'to'> {
  const at = (days: number): number => meanY + slope * (days - meanX);
  return { from: at(points[0]?.days ?? 0), to: at(points.at(-1)?.days ?? 0) };
}

function tooFew(points: readonly Point[], round: number): Growth {
  const days = points.map((point) => point.days);
  const line = fitTrend(
    days,
    points.map(({ held }) => held),
  );
  return {
    ...ends(line, points),
    percentADay: (100 * line.slope) / line.meanY,
    errorPercent: null,
    verdict: 'too short to tell',
    timesLonger: Math.max(2, (FEWEST_ROUNDS * round) / points.length),
  };
}

/** With an error of half the limit most runs can tell. Twice at least: this length could not. */
function timesLonger(line: Trend, maxPercent: number): number {
  let times = 2;
  const isTooRough = (): boolean => 100 * slopeError(line, times) > (maxPercent / 2) * line.meanY;
  while (times < MOST_TIMES && isTooRough()) times *= 1.1;
  return times;
}
