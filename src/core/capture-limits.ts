import { CONTROL_CHARACTER } from './safe-text.js';

/**
 * What a camera can be asked for. The configuration, the commands, the command line with its help, and the capture tool's
 * arguments use these ranges and rules: what one accepts, none of the others refuses.
 */

/** Frames a second. The slowest rate is one frame in 200 s, for exposures of minutes. */
export const FPS_RANGE = { min: 0.005, max: 1000 } as const;

/** Width and height, pixels. Sensors and encoders end far below the largest. */
export const SIDE_RANGE = { min: 16, max: 16_384 } as const;

/** JPEG quality. */
export const QUALITY_RANGE = { min: 1, max: 100 } as const;

/** Buffers in the camera. */
export const BUFFER_COUNT_RANGE = { min: 2, max: 64 } as const;

/** Index of a camera in the list of the capture tool. */
export const CAMERA_INDEX_RANGE = { min: 0, max: 63 } as const;

/** Of Linux, UTF-16 units. */
export const MAX_PATH = 4096;

/** Digits after the point with which a number is written for the capture tool. Its own numbers have no use for more. */
export const WRITTEN_DIGITS = 6;
/** The smallest number that is not written as 0. */
const SMALLEST = 10 ** -WRITTEN_DIGITS;
/** Shares of 0.1 and 0.9 may add up to a little more than 1. */
const SHARE_ROUNDING = 1e-9;

/** Width, height, bits and packing, as the capture tool names a sensor mode. */
export const SENSOR_MODE = /^([1-9]\d{1,4}):([1-9]\d{1,4}):(?:8|10|12|14|16):P$/;

/** A mode whose size can be asked for: where no size is set, it gives its own. */
export function isSensorMode(text: string): boolean {
  const [, ...sides] = SENSOR_MODE.exec(text) ?? [];
  return sides.length > 0 && sides.map(Number).every((side) => side >= SIDE_RANGE.min && side <= SIDE_RANGE.max);
}

/** Whether text can be part of a line: of a log, a message, a command. */
export function isOneLine(text: string): boolean {
  return !CONTROL_CHARACTER.test(text) && text.isWellFormed();
}

/** Sides so short that they would be written as 0 are refused: the tool takes 0 for "all of it". */
export function hasSides([, , width = 0, height = 0]: readonly number[]): boolean {
  return width >= SMALLEST && height >= SMALLEST;
}

/** `rectangle`: x, y, width and height, none of them negative. */
export function isWithinWhole([x = 0, y = 0, width = 0, height = 0]: readonly number[]): boolean {
  return x + width <= 1 + SHARE_ROUNDING && y + height <= 1 + SHARE_ROUNDING;
}
