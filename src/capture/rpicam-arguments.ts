import type { vid } from 'node-libcamera';
import type { SettingName } from '../core/camera-settings.js';
import { BUFFER_COUNT_RANGE, CAMERA_INDEX_RANGE } from '../core/capture-limits.js';
import { errorWithAdvice } from '../core/errors.js';
import type { CaptureSettings } from './camera-source.js';
import { CONTROL_OPTIONS, controlArguments, isUnknownWith, type ControlOption } from './controls/control-arguments.js';
import { plainNumber } from './controls/plain-number.js';
import { invalidSetting } from './controls/setting-check.js';

const STREAM_OPTIONS = ['--mode', '--no-raw', '--buffer-count', '--metadata', '--metadata-format'] as const;

/**
 * Options that some versions in use do not know. The stream still works without them: with less information, or without
 * what a setting asks for.
 */
export const OPTIONAL_OPTIONS = [...STREAM_OPTIONS, ...CONTROL_OPTIONS] as const;
export type OptionalOption = (typeof STREAM_OPTIONS)[number] | ControlOption;

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

/** Also of a listing, which may name depths that no setting has. */
const SENSOR_MODE = /^\d{2,5}:\d{2,5}:\d{1,2}:P$/;

/**
 * The arguments for a stream of JPEG frames with their metadata on stdout. All values are checked here: they are numbers,
 * fixed words, and the absolute path of a tuning file. Never add `--initial pause`, `--signal` or `--keypress`: paused
 * frames queue metadata, which shifts the pairing. `sensorMode`: the value of `--mode`, where no setting gives one and the
 * size alone would not select it. Throws `invalid_setting` for settings out of range, `unsupported_mode` for other values.
 */
export function captureArguments(
  cameraIndex: number,
  settings: CaptureSettings,
  leftOut: ReadonlySet<OptionalOption> = new Set(),
  sensorMode: string | null = null,
): readonly string[] {
  checkWhole('camera index', cameraIndex, CAMERA_INDEX_RANGE);
  checkWhole('buffer count', settings.bufferCount, BUFFER_COUNT_RANGE);
  const controls = controlArguments(settings); // it checks the settings of the stream too
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
    ...sensor(leftOut.has('--mode') ? null : (settings.sensorMode ?? sensorMode)),
    ...size(settings),
  };
  const stream = Object.entries(options).flatMap(([name, value]) => {
    const option = `--${name}`;
    if (isLeftOut(option, leftOut)) return [];
    if (value === true) return [option];
    return [option, typeof value === 'number' ? plainNumber(value) : String(value)];
  });
  return [...stream, ...controls.flatMap(({ option, words }) => (isLeftOut(option, leftOut) ? [] : words))];
}

/** What a tool does not know, of all that it would be asked for. */
export interface LeftOut {
  readonly options: readonly OptionalOption[];
  /** Settings that have no effect without these options. */
  readonly settings: readonly SettingName[];
}

/** Which of the unknown options these settings need. The other arguments: see `captureArguments`. */
export function leftOutOf(
  settings: CaptureSettings,
  leftOut: ReadonlySet<OptionalOption>,
  sensorMode: string | null,
): LeftOut {
  const controls = controlArguments(settings).filter(({ option }) => isLeftOut(option, leftOut));
  const isModeAsked = (settings.sensorMode ?? sensorMode) !== null;
  const isAsked = (option: OptionalOption): boolean => {
    if (option === '--mode') return isModeAsked;
    if (option === '--no-raw') return !isModeAsked || leftOut.has('--mode');
    return isStreamOption(option) || controls.some((control) => control.option === option);
  };
  const isModeLost = leftOut.has('--mode') && settings.sensorMode !== undefined;
  const lost = controls.map(({ setting }) => setting).filter((setting) => settings[setting] !== undefined);
  return {
    options: [...new Set([...leftOut, ...controls.map(({ option }) => option)])].filter(isAsked),
    settings: isModeLost ? [...lost, 'sensorMode'] : lost,
  };
}

function isStreamOption(option: OptionalOption): boolean {
  return STREAM_OPTIONS.some((known) => known === option);
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
  for (const unknown of leftOut) if (isUnknownWith(option, unknown)) return true;
  return false;
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

/** One side alone is no size: the tool would choose the other. */
function size({ width, height }: CaptureSettings): Pick<UsedOptions, 'width' | 'height'> | undefined {
  if (width === 0 && height === 0) return undefined;
  if (width === 0) throw invalidSetting('width', width, 'set where a height is');
  if (height === 0) throw invalidSetting('height', height, 'set where a width is');
  return { width, height };
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function checkWhole(name: string, value: number, { min, max }: Range): void {
  // Written this way, NaN fails too.
  if (!(value >= min && value <= max)) throw outOfRange(name, value, `from ${min} to ${max}`);
  if (!Number.isInteger(value)) throw outOfRange(name, value, 'a whole number');
}

function outOfRange(name: string, value: number | string, rule: string): Error {
  return errorWithAdvice('unsupported_mode', `The ${name} must be ${rule}, but is ${String(value)}.`, {
    setting: name,
    value: String(value),
  });
}
