/**
 * The options of rpicam-apps that ask for a setting of the camera. Words are checked, numbers are not: what lies outside of
 * a range is clipped or ignored without a word, as in the real tool.
 */
import { type OptionSpec, optionSpec as spec } from './command-line.js';
import {
  type CameraControls,
  type Denoise,
  type ExposureMode,
  type FocusControls,
  type Hdr,
  type Metering,
  type Region,
  type WhiteBalance,
} from '../sensor/controls.js';
import { parseTimeMs } from './time-text.js';
import { ToolError } from '../tool-error.js';

export const CONTROL_SPECS: readonly OptionSpec[] = [
  spec('shutter', 'text', 'Exposure time, in us unless it has a unit; 0 for automatic'),
  spec('gain', 'number', 'Gain; 0 for automatic'),
  spec('analoggain', 'number', 'The same as gain'),
  spec('ev', 'number', 'Exposure compensation, stops'),
  spec('metering', 'text', 'centre, spot, average or custom'),
  spec('exposure', 'text', 'normal, sport, long or custom'),
  spec('flicker-period', 'text', 'Period of flickering light, in us unless it has a unit'),
  spec('awb', 'text', 'auto, incandescent, tungsten, fluorescent, indoor, daylight, cloudy or custom'),
  spec('awbgains', 'text', 'Gains of red and blue, as R,B'),
  spec('brightness', 'number', '-1 to 1'),
  spec('contrast', 'number', '1 is normal'),
  spec('saturation', 'number', '1 is normal, 0 is grey'),
  spec('sharpness', 'number', '1 is normal'),
  spec('denoise', 'text', 'auto, off, cdn_off, cdn_fast or cdn_hq'),
  spec('autofocus-mode', 'text', 'default, manual, auto or continuous'),
  spec('autofocus-range', 'text', 'normal, macro or full'),
  spec('autofocus-speed', 'text', 'normal or fast'),
  spec('autofocus-window', 'text', 'Part of the picture to focus on, as x,y,w,h in shares'),
  spec('lens-position', 'text', 'Dioptres, or default'),
  spec('hflip', 'flag', 'Mirror the picture'),
  spec('vflip', 'flag', 'Turn the picture upside down'),
  spec('rotation', 'integer', '0 or 180'),
  spec('roi', 'text', 'Part of the sensor to show, as x,y,w,h in shares'),
  spec('hdr', 'optional', 'off, auto, sensor or single-exp', { implied: 'auto' }),
  spec('tuning-file', 'text', 'Tuning file of libcamera'),
];

const METERING: Readonly<Record<string, Metering>> = {
  centre: 'centre',
  spot: 'spot',
  average: 'average',
  matrix: 'average',
  custom: 'custom',
};
const EXPOSURE: Readonly<Record<string, ExposureMode>> = {
  normal: 'normal',
  sport: 'short',
  short: 'short',
  long: 'long',
  custom: 'custom',
};
const named = <T extends string>(...words: readonly T[]): Readonly<Record<string, T>> =>
  Object.fromEntries(words.map((one) => [one, one]));
const AF_MODE = named('default', 'manual', 'auto', 'continuous');
const AF_RANGE = named('normal', 'macro', 'full');
const AF_SPEED = named('normal', 'fast');
const AWB: Readonly<Record<string, WhiteBalance>> = {
  ...named('auto', 'incandescent', 'tungsten', 'fluorescent', 'indoor', 'daylight', 'cloudy', 'custom'),
  normal: 'auto',
};
const HDR = named<Hdr>('off', 'auto', 'sensor', 'single-exp');
const DENOISE = named<Denoise>('auto', 'off', 'cdn_off', 'cdn_fast', 'cdn_hq');

/** The limits that the tool itself sets, without a word. */
const MAX_FACTOR = 15.99;

type Values = ReadonlyMap<string, string>;

/** In the order in which the tool looks at them: the first wrong one is named. Throws a `ToolError`. */
export function parseControls(values: Values): CameraControls {
  const text = (name: string, fallback: string): string => values.get(name) ?? fallback;
  const number = (name: string, fallback: number): number => Number(values.get(name) ?? fallback);
  const isOn = (name: string): boolean => /^(?:1|true|yes|on)$/iu.test(values.get(name) ?? '');
  const lensPosition = parseLensPosition(text('lens-position', ''));
  const exposureTimeUs = parseTimeMs(text('shutter', '0'), 'us') * 1000;
  const flickerPeriodUs = parseTimeMs(text('flicker-period', '0'), 'us') * 1000;
  const hdr = word(HDR, text('hdr', 'off'), 'Invalid HDR option provided: ');
  const isTurned = parseRotation(number('rotation', 0));
  const metering = word(METERING, text('metering', 'centre'), 'Invalid metering mode: ');
  const exposureMode = word(EXPOSURE, text('exposure', 'normal'), 'Invalid exposure mode:');
  const focus: FocusControls = {
    mode: word(AF_MODE, text('autofocus-mode', 'default'), 'Invalid AfMode:'),
    range: word(AF_RANGE, text('autofocus-range', 'normal'), 'Invalid AfRange mode:'),
    speed: word(AF_SPEED, text('autofocus-speed', 'normal'), 'Invalid afSpeed mode:'),
    window: parseRegion(text('autofocus-window', '')),
    lensPosition,
  };
  return {
    exposureTimeUs,
    gain: number('gain', 0) || number('analoggain', 0),
    exposureValue: number('ev', 0),
    metering,
    exposureMode,
    flickerPeriodUs,
    whiteBalance: word(AWB, text('awb', 'auto'), 'Invalid AWB mode: '),
    colourGains: parseColourGains(text('awbgains', '0,0')),
    brightness: clip(number('brightness', 0), -1, 1),
    contrast: clip(number('contrast', 1), 0, MAX_FACTOR),
    saturation: clip(number('saturation', 1), 0, MAX_FACTOR),
    sharpness: clip(number('sharpness', 1), 0, MAX_FACTOR),
    denoise: text('denoise', 'auto') as Denoise,
    focus,
    isMirrored: isOn('hflip') !== isTurned,
    isUpsideDown: isOn('vflip') !== isTurned,
    regionOfInterest: parseRegion(text('roi', '')),
    hdr,
    tuningFile: text('tuning-file', '-').replace(/^-$/u, ''),
  };
}

/** The tool looks at this word only when the camera is already open. Throws a `ToolError`. */
export function checkDenoise({ denoise }: CameraControls): void {
  word(DENOISE, denoise, 'Invalid denoise mode ');
}

function word<T extends string>(words: Readonly<Record<string, T>>, text: string, complaint: string): T {
  const known = Object.hasOwn(words, text) ? words[text] : undefined;
  if (known === undefined) throw new ToolError(complaint + text);
  return known;
}

/** Whether the picture is turned by 180 degrees. */
function parseRotation(degrees: number): boolean {
  const turned = ((degrees % 360) + 360) % 360;
  if (turned % 90 !== 0) throw new ToolError('illegal rotation value');
  if (turned % 180 !== 0) throw new ToolError('transforms requiring transpose not supported');
  return turned === 180;
}

/** As C reads a number: what follows it is not looked at. */
const LEADING_NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/iu;

function parseLensPosition(text: string): number | 'default' | undefined {
  const found = LEADING_NUMBER.exec(text);
  if (found) return Number(found[0]);
  if (text === 'default') return text;
  if (text !== '') throw new ToolError(`Invalid lens position: ${text}`);
  return undefined;
}

/** Numbers between commas, up to the first thing that is none. */
function leadingNumbers(text: string): readonly number[] {
  const numbers: number[] = [];
  for (let rest = text; ; rest = rest.slice(1)) {
    const found = LEADING_NUMBER.exec(rest);
    if (!found) return numbers;
    numbers.push(Number(found[0]));
    rest = rest.slice(found[0].length);
    if (!rest.startsWith(',')) return numbers;
  }
}

function parseColourGains(text: string): CameraControls['colourGains'] {
  const [red, blue] = leadingNumbers(text);
  if (red === undefined || blue === undefined) throw new ToolError('Invalid AWB gains');
  return red > 0 && blue > 0 ? [red, blue] : undefined;
}

/** `undefined` if it is not four numbers: the tool ignores it without a word. So it does without a size. */
function parseRegion(text: string): Region | undefined {
  const [x, y, width, height] = leadingNumbers(text);
  if (x === undefined || y === undefined || width === undefined || height === undefined) return undefined;
  return width === 0 || height === 0 ? undefined : { x, y, width, height };
}

function clip(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
