// @ts-check

/** Medians, spreads and ratios. Pure. */

/**
 * @typedef {object} Spread
 * @property {number} median
 * @property {number} min
 * @property {number} max
 */

/**
 * Middle value; the mean of the two middle ones where their number is even.
 *
 * @param {readonly number[]} values
 * @returns {number}
 */
export function median(values) {
  if (values.length === 0) throw new RangeError('There is no median of nothing.');
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  return (lower + upper) / 2;
}

/**
 * @param {readonly number[]} values
 * @returns {Spread}
 */
export function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * Each value over the one at the same place in `others`: runs of the same round saw the same weather.
 *
 * @param {readonly number[]} values
 * @param {readonly number[]} others
 * @returns {number[]}
 */
export function pairwiseRatios(values, others) {
  if (values.length !== others.length) throw new RangeError('Pairs need as many of the one as of the other.');
  return values.map((value, index) => value / (others[index] ?? Number.NaN));
}

/**
 * The list begun `turns` places later, so that in a row of rounds nobody is always first or always after the same one.
 *
 * @template T
 * @param {readonly T[]} items
 * @param {number} turns
 * @returns {T[]}
 */
export function rotated(items, turns) {
  const start = items.length === 0 ? 0 : turns % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/**
 * @typedef {object} Distribution
 * @property {number} count
 * @property {number} mean
 * @property {number} p50
 * @property {number} p90
 * @property {number} p99
 * @property {number} p999
 * @property {number} max
 */

/**
 * Percentiles by nearest rank: each is a value that was measured, and with fewer than 1000 of them p999 is the largest.
 *
 * @param {readonly number[]} values
 * @returns {Distribution}
 */
export function distribution(values) {
  if (values.length === 0) throw new RangeError('Nothing is distributed.');
  const sorted = Float64Array.from(values).sort();
  /** @param {number} share */
  const at = (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { count: sorted.length, mean, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}
