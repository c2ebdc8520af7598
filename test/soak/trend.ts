import { standardErrors } from './student.js';

/** A straight line of least squares, and what its error depends on. */
export interface Trend {
  readonly slope: number;
  /** The line goes through (`meanX`, `meanY`). */
  readonly meanX: number;
  readonly meanY: number;
  readonly points: number;
  /** Figures fitted: level, slope and one for each shape beside it. */
  readonly parameters: number;
  /** Sum of squares that the fit leaves. */
  readonly left: number;
  /** Sum of squares of x that only the slope can explain. */
  readonly spread: number;
  /** Of each residual with the one before, -1 to 1. */
  readonly correlation: number;
}

/** Near 1 the error has no bound. */
const HIGHEST_CORRELATION = 0.99;

/** `shapes`: what may explain `y` beside a straight line over `x`. The slope is then the part that they leave. */
export function fitTrend(
  x: readonly number[],
  y: readonly number[],
  shapes: readonly (readonly number[])[] = [],
): Trend {
  const explaining: (readonly number[])[] = [];
  for (const column of [x.map(() => 1), ...shapes, x]) explaining.push(without(column, explaining));
  const steady = explaining.at(-1) ?? [];
  const residuals = without(y, explaining);
  const left = dot(residuals, residuals);
  const spread = dot(steady, steady);
  return {
    slope: dot(steady, y) / spread,
    meanX: mean(x),
    meanY: mean(y),
    points: x.length,
    parameters: explaining.length,
    left,
    spread,
    correlation: left === 0 ? 0 : dot(residuals.slice(1), residuals.slice(0, -1)) / left,
  };
}

/**
 * Half the width of the slope's 95 % interval.
 *
 * Neighbours resemble each other, so n points are worth only n (1 - r) / (1 + r) independent ones (r: their correlation).
 * Residuals show r too low, because the fit follows them: (parameters + (parameters + 1) r) / n is the known bias.
 * A few points tell r badly, so it is taken one of its own standard errors (1 / sqrt(n)) higher: without that, 4 of 100
 * runs of noise that resembles itself were called growing or not growing, with it 1 (growth.test.ts).
 * `times`: for a run so many times longer.
 */
export function slopeError(trend: Trend, times = 1): number {
  const { parameters, correlation } = trend;
  const points = trend.points * times;
  const bias = (parameters + (parameters + 1) * Math.max(correlation, 0)) / points;
  const likely = correlation + bias + 1 / Math.sqrt(points);
  const r = Math.min(HIGHEST_CORRELATION, Math.max(0, likely));
  const worth = (1 - r) / (1 + r);
  const freedom = Math.max(1, points * worth - parameters);
  // The fit has swallowed as many independent points as it has parameters.
  const variance = trend.left * times * Math.max(1 / (points - parameters), worth / freedom);
  return standardErrors(freedom) * Math.sqrt(variance / worth / (trend.spread * times ** 3));
}

/** What of a column the others do not explain. They are at right angles to each other. */
function without(column: readonly number[], others: readonly (readonly number[])[]): readonly number[] {
  let rest = column;
  for (const other of others) {
    const share = dot(rest, other) / dot(other, other);
    rest = rest.map((value, index) => value - share * (other[index] ?? 0));
  }
  return rest;
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
