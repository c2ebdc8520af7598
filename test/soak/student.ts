/** Student's t with 97.5 % of the distribution below it, by degrees of freedom. (Any statistics textbook's table.) */
const QUANTILES: readonly (readonly [freedom: number, t: number])[] = [
  [1, 12.706],
  [2, 4.303],
  [3, 3.182],
  [4, 2.776],
  [5, 2.571],
  [6, 2.447],
  [8, 2.306],
  [10, 2.228],
  [15, 2.131],
  [20, 2.086],
  [30, 2.042],
  [60, 2.0],
  [Infinity, 1.96],
];

/** How many standard errors make an interval that holds the truth 95 times of 100. Below one degree of freedom: as for one. */
export function standardErrors(freedom: number): number {
  const above = QUANTILES.findIndex(([known]) => known >= freedom);
  const [high, low] = [QUANTILES[above], QUANTILES[above - 1]];
  if (high === undefined) return 1.96;
  if (low === undefined) return high[1];
  // Between two rows t is close to straight in 1 / freedom.
  const share = (1 / low[0] - 1 / freedom) / (1 / low[0] - 1 / high[0]);
  return low[1] + share * (high[1] - low[1]);
}
