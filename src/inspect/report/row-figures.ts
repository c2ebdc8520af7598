import type { TimingRows } from '../rows/timing-rows.js';
import { type Buckets, bucketsOf } from './buckets.js';
import { type Histogram, histogramOf } from './histogram.js';
import { frameTicks } from './ticks.js';

/** What plots show of the rows, so small that the rows themselves can be let go. */

export interface RowFigures {
  readonly count: number;
  readonly deviceId: string;
  readonly trial: number;
  readonly label: string;
  /** `recorder`: the camera gave no time, so the time of arrival stands in. */
  readonly clock: 'sensor' | 'recorder';
  /** Rows to which the camera gave no time, where it gave one to others. No interval begins or ends there. */
  readonly untold: number;
  readonly untoldFirstFrame: number | null;
  /** Wall clock of the first row, ms since 1970. */
  readonly startMs: number;
  /** From the first to the last frame, by `clock`. */
  readonly spanS: number;
  /** Where the axes of frames have their ticks, and the time of these frames since the first one. */
  readonly ticks: readonly { readonly frame: number; readonly atS: number }[];
  /** `null`: fewer than two rows, or all of them at one time. */
  readonly intervals: IntervalFigures | null;
  /** Arrival minus sensor time. `null` without sensor times. */
  readonly delays: DelayFigures | null;
}

/** All in ms, of the intervals above 0. Interval k lies between frame k and frame k + 1. */
export interface IntervalFigures {
  readonly buckets: Buckets;
  readonly histogram: Histogram;
  readonly least: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
  readonly most: number;
  /** The longest one is behind this frame. */
  readonly mostAfterFrame: number;
  /** Steps of 0 or back in time. */
  readonly disordered: number;
  readonly disorderedAfterFrame: number | null;
}

export interface DelayFigures {
  readonly buckets: Buckets;
  readonly least: number;
  readonly median: number;
  readonly most: number;
  readonly mostFrame: number;
}

const MOST_TICKS = 6;

/** `columns`: how many buckets a plot has at most. Takes 8 bytes a row while it works. */
export function rowFigures(rows: TimingRows, columns: number): RowFigures {
  const { count, sensorNs, monoNs } = rows;
  const hasSensor = sensorNs.subarray(0, count).some((time) => time !== 0n);
  // One array for all that is computed: 2.6 million rows would be 21 MB each time.
  const scratch = new Float64Array(count);
  const untold = fillWithTimes(scratch, hasSensor ? sensorNs : monoNs, hasSensor);
  // A frame without a time stands in the picture where the one before it does.
  const atS = (frame: number): number => {
    for (let index = frame - 1; index >= 0; index -= 1) {
      const time = scratch[index] ?? 0;
      if (!Number.isNaN(time)) return time / 1000;
    }
    return 0;
  };
  const ticks = count === 0 ? [] : frameTicks(count, MOST_TICKS).map((frame) => ({ frame, atS: atS(frame) }));
  return {
    count,
    deviceId: rows.deviceId,
    trial: rows.trial,
    label: rows.label,
    clock: hasSensor ? 'sensor' : 'recorder',
    untold: untold.count,
    untoldFirstFrame: untold.firstFrame,
    startMs: count === 0 ? 0 : Number(rows.unixUs[0] ?? 0n) / 1000,
    spanS: atS(count),
    ticks,
    intervals: intervalFigures(scratch, columns),
    delays: hasSensor ? delayFigures(scratch, monoNs, sensorNs, columns) : null,
  };
}

/**
 * ms since the first one. Differences fit into a double to the nanosecond for 104 days; the times themselves do not.
 * `isZeroNone`: 0 is no time, and becomes `NaN`.
 */
function fillWithTimes(
  into: Float64Array,
  times: BigInt64Array,
  isZeroNone: boolean,
): { readonly count: number; readonly firstFrame: number | null } {
  const first = (isZeroNone ? times.find((time) => time !== 0n) : times[0]) ?? 0n;
  let count = 0;
  let firstFrame: number | null = null;
  for (let index = 0; index < into.length; index += 1) {
    const time = times[index] ?? 0n;
    if (isZeroNone && time === 0n) {
      into[index] = Number.NaN;
      count += 1;
      firstFrame ??= index + 1;
    } else into[index] = Number(time - first) / 1e6;
  }
  return { count, firstFrame };
}

/** `times`: becomes the intervals, and then their order. */
function intervalFigures(times: Float64Array, columns: number): IntervalFigures | null {
  const steps = times.subarray(0, Math.max(0, times.length - 1));
  let untold = 0;
  let disordered = 0;
  let disorderedAfterFrame: number | null = null;
  let most = 0;
  let mostAfterFrame = 0;
  for (let index = 0; index < steps.length; index += 1) {
    // In whole nanoseconds, so that a difference of doubles leaves no dust.
    const step = Math.round(((times[index + 1] ?? 0) - (times[index] ?? 0)) * 1e6) / 1e6;
    steps[index] = step > 0 ? step : Number.NaN;
    if (step > most) {
      most = step;
      mostAfterFrame = index + 1;
    }
    if (step > 0) continue;
    if (Number.isNaN(step)) {
      untold += 1;
      continue;
    }
    disordered += 1;
    disorderedAfterFrame ??= index + 1;
  }
  const buckets = bucketsOf(steps, columns);
  const sorted = steps.sort().subarray(0, steps.length - disordered - untold); // NaN goes to the end
  if (sorted.length === 0) return null;
  return {
    buckets,
    histogram: histogramOf(sorted),
    least: quantile(sorted, 0),
    low: quantile(sorted, 0.005),
    median: quantile(sorted, 0.5),
    high: quantile(sorted, 0.995),
    most,
    mostAfterFrame,
    disordered,
    disorderedAfterFrame,
  };
}

/** `delays`: what is in it is overwritten. */
function delayFigures(delays: Float64Array, mono: BigInt64Array, sensor: BigInt64Array, columns: number): DelayFigures {
  let mostAt = 0;
  let most = Number.NEGATIVE_INFINITY;
  let told = 0;
  for (let index = 0; index < delays.length; index += 1) {
    const time = sensor[index] ?? 0n;
    const delay = time === 0n ? Number.NaN : Number((mono[index] ?? 0n) - time) / 1e6;
    delays[index] = delay;
    if (time !== 0n) told += 1;
    if (delay > most) {
      most = delay;
      mostAt = index;
    }
  }
  const buckets = bucketsOf(delays, columns);
  const sorted = delays.sort().subarray(0, told); // NaN goes to the end
  return {
    buckets,
    least: quantile(sorted, 0),
    median: quantile(sorted, 0.5),
    most: quantile(sorted, 1),
    mostFrame: mostAt + 1,
  };
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
}
