import type { RowTimes } from './row-times.js';

/**
 * Frames that are missing between the rows, by the steps of the sensor's time alone. The recorder knows more: the frame
 * duration that the camera states, and frames that it dropped. So a step is only believed to hold missing frames where the
 * rate around it is steady and the step is a whole number of its periods. Everything else is uncertain.
 */

/** A longer step is not one frame. */
const GAP_RATIO = 1.5;
/** Steps on each side by which the period is judged. */
const NEIGHBOURS = 8;
const LEAST_NEIGHBOURS = 4;
/** So much of the neighbours lie near the median where the rate is steady. */
const STEADY_SHARE = 0.6;
const NEAR_MEDIAN = 0.1;
/** Jitter of both ends. */
const NEAR_ORDINARY = 0.3;
const NEAR_WHOLE = 0.25;
/** An exposure may be any number of periods long. Only such a step is held against an account. */
const VERY_NEAR_WHOLE = 0.1;
/** At an end of the recording a slower rate may have begun. */
const NEAR_WHOLE_AT_ENDS = 0.05;
/** The period of a long gap may be off by this. */
const UNSURE_PERIOD = 0.02;

export interface MissingFrames {
  readonly afterFrame: number;
  readonly frames: number;
}

export interface Missing {
  /** Certain ones, at most `MAX_LISTED`, in order. */
  readonly gaps: readonly MissingFrames[];
  readonly gapsTotal: number;
  /** Frames in all certain ones, as likely as not. */
  readonly frames: number;
  /** Surely so many. */
  readonly leastFrames: number;
  /** Long steps that may be a slower rate as well. */
  readonly uncertain: number;
  readonly firstUncertain: number | null;
}

const MAX_LISTED = 1000;

/** `jumps` of the sensor's clock are no gaps: `isJump`. */
export function missingFrames(times: RowTimes): Missing {
  const gaps: MissingFrames[] = [];
  let [gapsTotal, frames, leastFrames, uncertain] = [0, 0, 0, 0];
  let firstUncertain: number | null = null;
  let [last, periodNs] = [0, 0];
  for (let row = 1; row <= times.count; row += 1) {
    if (!times.isStamped(row)) continue;
    const from = last;
    last = row;
    if (from === 0) continue;
    const step = times.sensorStep(from, row);
    if (step <= 0) continue;
    const stepNs = step / (row - from);
    if (periodNs > 0 && stepNs <= periodNs * 1.2 && stepNs >= periodNs * 0.8) {
      periodNs += (stepNs - periodNs) / 8;
      continue;
    }
    const around = neighbours(times, from, row);
    periodNs = around.medianNs;
    if (periodNs === 0) continue;
    const ratio = step / periodNs;
    if (ratio <= (row - from) * GAP_RATIO) continue;
    if (!isCertain(ratio, around)) {
      uncertain += 1;
      firstUncertain ??= from;
      continue;
    }
    const between = row - from - 1;
    const missing = Math.round(ratio) - 1 - between;
    const least = Math.ceil(ratio * (1 - UNSURE_PERIOD) - 0.5) - 1 - between;
    if (missing <= 0) continue;
    gapsTotal += 1;
    frames += missing;
    if (ratio > 6 || Math.abs(ratio - Math.round(ratio)) <= VERY_NEAR_WHOLE) leastFrames += Math.max(0, least);
    if (gaps.length < MAX_LISTED) gaps.push({ afterFrame: row - 1, frames: missing });
  }
  return { gaps, gapsTotal, frames, leastFrames, uncertain, firstUncertain };
}

interface Neighbours {
  /** 0: there are too few. */
  readonly medianNs: number;
  readonly isSteady: boolean;
  /** The steps next to it are ordinary. */
  readonly isAlone: boolean;
  readonly isAtEnd: boolean;
}

function isCertain(ratio: number, { isSteady, isAlone, isAtEnd }: Neighbours): boolean {
  if (!isSteady || !isAlone) return false;
  // Of a long gap nobody knows a frame's part.
  const limit = isAtEnd ? NEAR_WHOLE_AT_ENDS : NEAR_WHOLE;
  return Math.abs(ratio - Math.round(ratio)) <= limit || (!isAtEnd && ratio > 6);
}

/** The steps around the one between the rows `from` and `to`. */
function neighbours(times: RowTimes, from: number, to: number): Neighbours {
  const before = stepsOf(times, from, -1);
  const behind = stepsOf(times, to, 1);
  const all = [...before, ...behind].sort((a, b) => a - b);
  const medianNs = all[Math.floor((all.length - 1) / 2)] ?? 0;
  if (all.length < LEAST_NEIGHBOURS) return { medianNs: 0, isSteady: false, isAlone: false, isAtEnd: true };
  const isNear = (ns: number | undefined, share: number): boolean =>
    ns === undefined || Math.abs(ns - medianNs) <= medianNs * share;
  const near = all.filter((ns) => isNear(ns, NEAR_MEDIAN)).length;
  return {
    medianNs,
    isSteady: near >= all.length * STEADY_SHARE,
    isAlone: isNear(before[0], NEAR_ORDINARY) && isNear(behind[0], NEAR_ORDINARY),
    isAtEnd: before.length < 2 || behind.length < 2,
  };
}

/** Steps of one frame each, the nearest first. */
function stepsOf(times: RowTimes, start: number, direction: 1 | -1): number[] {
  const steps: number[] = [];
  for (let at = start; steps.length < NEIGHBOURS; at += direction) {
    const next = at + direction;
    if (!times.isStamped(at) || !times.isStamped(next)) break;
    const step = times.sensorStep(Math.min(at, next), Math.max(at, next));
    if (step <= 0) break;
    steps.push(step);
  }
  return steps;
}
