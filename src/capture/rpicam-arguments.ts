import type { vid } from 'node-libcamera';
import {
  BUFFER_COUNT_RANGE,
  CAMERA_INDEX_RANGE,
  FPS_RANGE,
  QUALITY_RANGE,
  SIDE_RANGE,
} from '../core/capture-limits.js';
import { errorWithAdvice } from '../core/errors.js';
import type { CaptureSettings } from './camera-source.js';

/** Options that some versions in use do not know. The stream still works without them, with less information. */
export const OPTIONAL_OPTIONS = ['--mode', '--no-raw', '--buffer-count', '--metadata', '--metadata-format'] as const;
export type OptionalOption = (typeof OPTIONAL_OPTIONS)[number];

/** The options of rpicam-vid that we use, typed by node-libcamera, plus those that it does not know yet. */
type UsedOptions = Pick<
  Parameters<typeof vid>[0],
  'nopreview' | 'timeout' | 'codec' | 'flush' | 'output' | 'quality' | 'width' | 'height'
> & {
  readonly camera: number;
  readonly framerate: number;
  readonly metadata: '-';
  readonly 'metadata-format': 'txt';
  readonly 'buffer-count': number;
  readonly 'no-raw': boolean;
  readonly mode: string;
};

const SENSOR_MODE = /^\d{2,5}:\d{2,5}:\d{1,2}:P$/;
/** 29.97 stays 29.97, and no value is written with an exponent. */
const FPS_DIGITS = 6;

/**
 * The arguments for a stream of JPEG frames with their metadata on stdout. All values are numbers and are checked
 * here. Never add `--initial pause`, `--signal` or `--keypress`: paused frames queue metadata, which shifts the
 * pairing. `sensorMode`: the value of `--mode`, where the size alone would not select it. Throws `unsupported_mode` for
 * values out of range.
 */
export function captureArguments(
  cameraIndex: number,
  settings: CaptureSettings,
  leftOut: ReadonlySet<OptionalOption> = new Set(),
  sensorMode: string | null = null,
): readonly string[] {
  checkWhole('camera index', cameraIndex, CAMERA_INDEX_RANGE);
  checkRange('frame rate', settings.fps, FPS_RANGE);
  checkWhole('JPEG quality', settings.jpegQuality, QUALITY_RANGE);
  checkWhole('buffer count', settings.bufferCount, BUFFER_COUNT_RANGE);
  const options: Partial<UsedOptions> = {
    nopreview: true,
    timeout: 0,
    codec: 'mjpeg',
    flush: true,
    output: '-',
    metadata: '-',
    'metadata-format': 'txt',
    camera: cameraIndex,
    framerate: settings.fps,
    quality: settings.jpegQuality,
    'buffer-count': settings.bufferCount,
    ...sensor(leftOut.has('--mode') ? null : sensorMode),
    ...size(settings),
  };
  return Object.entries(options).flatMap(([name, value]) => {
    const option = `--${name}`;
    if (isLeftOut(option, leftOut)) return [];
    if (value === true) return [option];
    return [option, typeof value === 'number' ? plainNumber(value) : String(value)];
  });
}

/** Whether the arguments ask for metadata lines after each frame. */
export function asksForMetadata(leftOut: ReadonlySet<OptionalOption>): boolean {
  return !isLeftOut('--metadata', leftOut);
}

/**
 * Both metadata options are left out together. The format alone has no effect, and metadata in the default format
 * (json) cannot be read frame by frame.
 */
function isLeftOut(option: string, leftOut: ReadonlySet<OptionalOption>): boolean {
  if (option.startsWith('--metadata')) return leftOut.has('--metadata') || leftOut.has('--metadata-format');
  return OPTIONAL_OPTIONS.some((known) => known === option && leftOut.has(known));
}

/**
 * Without a raw stream the camera takes the mode that is nearest to the size, and needs memory for one stream only. The
 * raw stream is what `--mode` works on, so the two exclude each other.
 */
function sensor(sensorMode: string | null): Pick<UsedOptions, 'no-raw'> | Pick<UsedOptions, 'mode'> {
  if (sensorMode === null) return { 'no-raw': true };
  if (!SENSOR_MODE.test(sensorMode)) throw outOfRange('sensor mode', sensorMode, 'W:H:bits:P');
  return { mode: sensorMode };
}

function size({ width, height }: CaptureSettings): Pick<UsedOptions, 'width' | 'height'> | undefined {
  if (width === 0 && height === 0) return undefined;
  checkWhole('width', width, SIDE_RANGE);
  checkWhole('height', height, SIDE_RANGE);
  return { width, height };
}

function plainNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(FPS_DIGITS)));
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function checkWhole(name: string, value: number, range: Range): void {
  checkRange(name, value, range);
  if (!Number.isInteger(value)) throw outOfRange(name, value, 'a whole number');
}

function checkRange(name: string, value: number, { min, max }: Range): void {
  // Written this way, NaN fails too.
  if (!(value >= min && value <= max)) throw outOfRange(name, value, `from ${min} to ${max}`);
}

function outOfRange(name: string, value: number | string, rule: string): Error {
  return errorWithAdvice('unsupported_mode', `The ${name} must be ${rule}, but is ${String(value)}.`, {
    setting: name,
    value: String(value),
  });
}
