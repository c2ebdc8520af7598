/** Whole milliseconds from one moment of the monotonic clock to a later one; never below 0. */
export function msBetween(fromNs: bigint, toNs: bigint): number {
  return Math.max(0, Number((toNs - fromNs) / 1_000_000n));
}
