import { LOAD_LEVELS, type LoadLevel } from '../../core/load-level.js';

/** The figures that decide the load level, sampled once a second. */
export interface LoadFigures {
  /** 0 to 1, of the camera with the fullest buffer. */
  readonly bufferFill: number;
  /** Delay of a frame on the disk beyond five frame times after its exposure, ms. Of the slowest camera. */
  readonly writeDelayMs: number;
  /** Longest time that the event loop was blocked since the last sample, ms. */
  readonly eventLoopDelayMs: number;
  /** Temperature of the hottest thermal zone, degrees Celsius. Null if the machine has none. */
  readonly temperatureC: number | null;
  /** State of the supply monitor (Raspberry Pi). Null if the machine has none. */
  readonly isUnderVoltage: boolean | null;
}

/** The level, and for how many samples in a row the figures were above or below it. */
export interface Load {
  readonly level: LoadLevel;
  readonly samplesAbove: number;
  readonly samplesBelow: number;
}

/**
 * A figure at or above `high` asks for the next level. A figure at or below `low` permits the previous one. The gap
 * between them and the number of samples in a row are the hysteresis.
 */
const LIMITS = {
  bufferFill: { high: 0.5, low: 0.2 },
  writeDelayMs: { high: 500, low: 150 },
  /** Half of the 400 ms that 12 camera buffers last at 30 frames a second. */
  eventLoopDelayMs: { high: 200, low: 80 },
  /** A Raspberry Pi starts to slow down at 80 °C. */
  temperatureC: { high: 80, low: 75 },
} as const;

/** One stall of a second or one burst of writes does not count as load. */
export const SAMPLES_TO_RISE = 2;
/** Falling is slow, because a level that falls too early rises again at once. */
export const SAMPLES_TO_FALL = 10;

export const NO_LOAD: Load = { level: 'normal', samplesAbove: 0, samplesBelow: 0 };

/** The load after one more sample. It rises or falls by one level at a time. */
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

/** Index of the highest level that the figures ask for. */
function highestAskedFor(figures: LoadFigures): number {
  const isLate =
    figures.bufferFill >= LIMITS.bufferFill.high ||
    figures.writeDelayMs >= LIMITS.writeDelayMs.high ||
    figures.eventLoopDelayMs >= LIMITS.eventLoopDelayMs.high;
  if (isLate) return REPORTING_SLOWED;
  // Heat and a weak supply are only a threat. While nothing is late, thinning the preview is enough.
  const isThreatened =
    (figures.temperatureC ?? -Infinity) >= LIMITS.temperatureC.high || figures.isUnderVoltage === true;
  return isThreatened ? PREVIEW_THINNED : NORMAL;
}

/** Index of the lowest level that the figures permit. */
function lowestAllowed(figures: LoadFigures): number {
  const isInTime =
    figures.bufferFill <= LIMITS.bufferFill.low &&
    figures.writeDelayMs <= LIMITS.writeDelayMs.low &&
    figures.eventLoopDelayMs <= LIMITS.eventLoopDelayMs.low;
  if (!isInTime) return REPORTING_SLOWED;
  const isSafe = (figures.temperatureC ?? -Infinity) <= LIMITS.temperatureC.low && figures.isUnderVoltage !== true;
  return isSafe ? NORMAL : PREVIEW_THINNED;
}
