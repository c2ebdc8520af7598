import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { CAMERA_INDEX_RANGE, SIDE_RANGE } from '../../core/capture-limits.js';

/**
 * The values of flags. A value that cannot be honoured is wrong usage: a person who asks for 2000 frames a second must not
 * get 30. (A configuration file is read with more patience, because it must not stop an experiment.)
 */

/** Both ends are allowed. */
interface Range {
  readonly min: number;
  readonly max: number;
}

/** Longest recording that can be asked for, seconds: ten years. A typing error is likelier beyond. */
export const DURATION_RANGE = { min: 0.001, max: 315_360_000 } as const;
/** Numbers of trials, as the module takes them. */
export const TRIAL_RANGE = { min: 0, max: 999_999_999 } as const;
/** Free bytes that can be asked for. */
export const FREE_BYTES_RANGE = { min: 0, max: Number.MAX_SAFE_INTEGER } as const;

/** For example "0.005 to 1000", for help texts and errors. */
export function rangeText({ min, max }: Range): string {
  return `${min} to ${max}`;
}

const DECIMAL = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;

/** A decimal number in this range: `30`, `0.5`, `.5` or `1e3`, but not `0x10`, `NaN`, `-1` or an empty text. */
export function numberIn(range: Range): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!DECIMAL.test(text) || !isIn(range, value)) {
      throw new InvalidArgumentError(`It must be a number, ${rangeText(range)}.`);
    }
    return value;
  };
}

/** A whole number in this range, in digits. */
export function wholeIn(range: Range): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value) || !isIn(range, value)) {
      throw new InvalidArgumentError(`It must be a whole number, ${rangeText(range)}.`);
    }
    return value;
  };
}

/** The index of a camera: `0`, or `picam:0`, which is how the program itself names it. */
export function cameraIndex(text: string): number {
  return wholeIn(CAMERA_INDEX_RANGE)(text.replace(/^picam:/i, ''));
}

/** Which cameras, by their indices in the order of a person. `all`: those that are connected. */
export type CameraChoice = 'all' | readonly number[];

/** Camera 0, unless one is named. */
export const FIRST_CAMERA: CameraChoice = [0];

/** One more value of a flag that names cameras: an index, some with commas between, or `all`. No camera is named twice. */
export function cameraChoice(text: string, before: CameraChoice): CameraChoice {
  const named = before === FIRST_CAMERA ? [] : before;
  if (named === 'all' || (text === 'all' && named.length > 0)) {
    throw new InvalidArgumentError('`all` means every camera, so it stands alone.');
  }
  if (text === 'all') return 'all';
  const indices = [...named, ...text.split(',').map((one) => cameraIndex(one))];
  const twice = indices.find((index, at) => indices.indexOf(index) < at);
  if (twice !== undefined) throw new InvalidArgumentError(`picam:${twice} is named twice.`);
  return indices;
}

/** Width and height in pixels, for example `1456x1088`. */
export function size(text: string): { width: number; height: number } {
  const parts = /^(\d{1,9})x(\d{1,9})$/i.exec(text);
  const [width, height] = [Number(parts?.[1]), Number(parts?.[2])];
  if (parts === null || !isIn(SIDE_RANGE, width) || !isIn(SIDE_RANGE, height)) {
    throw new InvalidArgumentError(`It must look like 1456x1088, with sides of ${rangeText(SIDE_RANGE)} pixels.`);
  }
  return { width, height };
}

/** A path or another text that must say something. */
export function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}

/** A folder, as an absolute path. */
export function folder(text: string): string {
  return resolve(notEmpty(text));
}

/** A log level in any case. `warning` and `critical` are Python's names. */
export function level(text: string): string {
  const names: Record<string, string> = { warning: 'warn', critical: 'error' };
  const lower = text.toLowerCase();
  const name = names[lower] ?? lower;
  if (!['debug', 'info', 'warn', 'error'].includes(name)) {
    throw new InvalidArgumentError('It must be debug, info, warn or error.');
  }
  return name;
}

function isIn({ min, max }: Range, value: number): boolean {
  return value >= min && value <= max;
}
