import { frameTimeNs } from './frame-pairs.js';

/** A longer step may be miscounted: the median is exact to some tenths of a percent. */
const MAX_FRAMES_A_STEP = 100;
/** Of a frame time. A step that is further from a whole number of frames tells of a camera that began anew. */
const MAX_DEVIATION = 0.25;

/** How fast a camera's clock makes frames. */
export interface OwnPeriod {
  /** Mean time from frame to frame, lost frames counted, nanoseconds. NaN for fewer than two frames. */
  readonly meanNs: number;
  readonly medianNs: number;
  /** Frames that are missing between the first and the last. */
  readonly missing: number;
}

/**
 * The camera's own period, from its times alone: all steps of whole frames, divided by how many frames they span. A line
 * through the offsets of two cameras would tell the difference of rates only until the first slip.
 */
export function ownPeriod(timesNs: Float64Array): OwnPeriod {
  const medianNs = frameTimeNs(timesNs);
  let [sumNs, spanned, missing] = [0, 0, 0];
  for (let index = 1; index < timesNs.length; index += 1) {
    const stepNs = (timesNs[index] ?? 0) - (timesNs[index - 1] ?? 0);
    const frames = Math.round(stepNs / medianNs);
    if (frames > 1) missing += frames - 1;
    const isWhole = Math.abs(stepNs - frames * medianNs) <= MAX_DEVIATION * medianNs;
    if (frames < 1 || frames > MAX_FRAMES_A_STEP || !isWhole) continue;
    sumNs += stepNs;
    spanned += frames;
  }
  return { meanNs: spanned === 0 ? medianNs : sumNs / spanned, medianNs, missing };
}
