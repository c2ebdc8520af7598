import { roundStep } from './ticks.js';

export interface Histogram {
  /** Lower border of the first bin, and the width of each. */
  readonly from: number;
  readonly step: number;
  readonly counts: readonly number[];
  /** Beside the bins. */
  readonly shorter: number;
  readonly longer: number;
}

const BINS = 60;
/** Where all intervals are alike, so much around them is shown, as a share. */
const NARROWEST = 0.002;

/** Around the median, so wide that 99 of 100 values are well inside. `sorted`: ascending, at least one, all above 0. */
export function histogramOf(sorted: Float64Array): Histogram {
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)] ?? 0;
  const median = at(0.5);
  const half = 2 * Math.max(at(0.99) - median, median - at(0.01), median * NARROWEST);
  const low = Math.max(median - half, Math.min(at(0), median * (1 - NARROWEST)));
  const high = Math.min(median + half, Math.max(at(1), median * (1 + NARROWEST)));
  const step = roundStep(high - low, BINS);
  const from = Math.max(0, Math.floor(low / step) * step);
  const counts = Array.from({ length: Math.floor((high - from) / step) + 1 }, () => 0);
  let shorter = 0;
  let longer = 0;
  for (const value of sorted) {
    const bin = Math.floor((value - from) / step);
    if (bin < 0) shorter += 1;
    else if (bin >= counts.length) longer += 1;
    else counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { from, step, counts, shorter, longer };
}
