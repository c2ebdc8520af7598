import { LOAD_LEVELS, type LoadLevel } from '../../core/load-level.js';

/** What the level is judged by, sampled once a second. */
export interface LoadFigures {
  /** 0 to 1, of the camera whose buffer is fullest. */
  readonly bufferFill: number;
  /** How much later than five frame times after its exposure a frame is on the disk, ms; of the slowest camera. */
  readonly writeDelayMs: number;
  /** The longest that the event loop was held up since the last sample, ms. */
  readonly eventLoopDelayMs: number;
  /** Degrees Celsius of the hottest thermal zone, or null where there is none. */
  readonly temperatureC: number | null;
  /** What the supply's monitor says (Raspberry Pi), or null where there is none. */
  readonly isUnderVoltage: boolean | null;
}

/** The level, and for how many samples in a row the figures have asked for another one. */
export interface Load {
  readonly level: LoadLevel;
  readonly samplesAbove: number;
  readonly samplesBelow: number;
}

/**
 * At `high` and above a figure asks for the next level, at `low` and below it lets the last one go. The gap between
 * them and the runs of samples are the hysteresis.
 */
const LIMITS = {
  bufferFill: { high: 0.5, low: 0.2 },
  writeDelayMs: { high: 500, low: 150 },
  /** 12 camera buffers at 30 frames a second last 400 ms: half of that. */
  eventLoopDelayMs: { high: 200, low: 80 },
  /** At 80 °C a Raspberry Pi begins to slow itself down. */
  temperatureC: { high: 80, low: 75 },
} as const;

/** One stall of a second or one burst of writes is no load. */
export const SAMPLES_TO_RISE = 2;
/** What is taken back early is given up again at once: going down is slow. */
export const SAMPLES_TO_FALL = 10;

export const NO_LOAD: Load = { level: 'normal', samplesAbove: 0, samplesBelow: 0 };

/** The load after one more sample: one level at a time, either way. */
export function nextLoadLevel({ level, samplesAbove, samplesBelow }: Load, figures: LoadFigures): Load {
  const at = LOAD_LEVELS.indexOf(level);
  if (at < highestAskedFor(figures)) {
    if (samplesAbove + 1 < SAMPLES_TO_RISE) return { level, samplesAbove: samplesAbove + 1, samplesBelow: 0 };
    return { ...NO_LOAD, level: LOAD_LEVELS[at + 1] ?? level };
  }
  if (at > lowestAllowed(figures)) {
    if (samplesBelow + 1 < SAMPLES_TO_FALL) return { level, samplesAbove: 0, samplesBelow: samplesBelow + 1 };
    return { ...NO_LOAD, level: LOAD_LEVELS[at - 1] ?? level };
  }
  return { ...NO_LOAD, level };
}

const NORMAL = LOAD_LEVELS.indexOf('normal');
const PREVIEW_THINNED = LOAD_LEVELS.indexOf('previewThinned');
const REPORTING_SLOWED = LOAD_LEVELS.indexOf('reportingSlowed');

/** Index of the level up to which the figures give reason to rise. */
function highestAskedFor(figures: LoadFigures): number {
  const isLate =
    figures.bufferFill >= LIMITS.bufferFill.high ||
    figures.writeDelayMs >= LIMITS.writeDelayMs.high ||
    figures.eventLoopDelayMs >= LIMITS.eventLoopDelayMs.high;
  if (isLate) return REPORTING_SLOWED;
  // Heat and a weak supply threaten; while nothing is late, half of the preview is enough to give.
  const isThreatened =
    (figures.temperatureC ?? -Infinity) >= LIMITS.temperatureC.high || figures.isUnderVoltage === true;
  return isThreatened ? PREVIEW_THINNED : NORMAL;
}

/** Index of the level down to which the figures let fall. */
function lowestAllowed(figures: LoadFigures): number {
  const isInTime =
    figures.bufferFill <= LIMITS.bufferFill.low &&
    figures.writeDelayMs <= LIMITS.writeDelayMs.low &&
    figures.eventLoopDelayMs <= LIMITS.eventLoopDelayMs.low;
  if (!isInTime) return REPORTING_SLOWED;
  const isSafe = (figures.temperatureC ?? -Infinity) <= LIMITS.temperatureC.low && figures.isUnderVoltage !== true;
  return isSafe ? NORMAL : PREVIEW_THINNED;
}
