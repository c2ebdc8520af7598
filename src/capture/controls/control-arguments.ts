import {
  SETTING_NAMES,
  type PartialSettings,
  type SettingName,
  type SettingValues,
} from '../../core/camera-settings.js';
import { plainNumber } from './plain-number.js';
import { checkSettings } from './setting-check.js';

/**
 * The capture tool's option for each setting that is one of its controls, in the order in which they are written. Size, rate,
 * quality and sensor mode are not here: they decide what is streamed (`rpicam-arguments.ts`). The still tool knows the same
 * names; `sync` means nothing to it.
 */
const OPTION_OF = {
  exposureTimeUs: '--shutter',
  gain: '--gain',
  exposureCompensationStops: '--ev',
  metering: '--metering',
  exposureMode: '--exposure',
  flickerPeriodUs: '--flicker-period',
  focusMode: '--autofocus-mode',
  lensPositionDioptres: '--lens-position',
  focusRange: '--autofocus-range',
  focusSpeed: '--autofocus-speed',
  focusWindow: '--autofocus-window',
  whiteBalance: '--awb',
  colourGains: '--awbgains',
  saturation: '--saturation',
  hflip: '--hflip',
  vflip: '--vflip',
  rotationDegrees: '--rotation',
  regionOfInterest: '--roi',
  brightness: '--brightness',
  contrast: '--contrast',
  sharpness: '--sharpness',
  noiseReduction: '--denoise',
  hdr: '--hdr',
  tuningFile: '--tuning-file',
  sync: '--sync',
} as const satisfies Partial<Record<SettingName, `--${string}`>>;

type ControlName = keyof typeof OPTION_OF;
export type ControlOption = (typeof OPTION_OF)[ControlName];

const CONTROL_NAMES = SETTING_NAMES.filter((name): name is ControlName => Object.hasOwn(OPTION_OF, name));

/** Any of them may be unknown to an old tool. The stream works without. */
export const CONTROL_OPTIONS: readonly ControlOption[] = Object.values(OPTION_OF);

/** They came with one version of the tool (the one for the first camera that focuses), so it knows all or none. */
const FOCUS_OPTIONS: ReadonlySet<string> = new Set([
  '--autofocus-mode',
  '--lens-position',
  '--autofocus-range',
  '--autofocus-speed',
  '--autofocus-window',
]);

/** One setting as the tool gets it. */
export interface ControlArgument {
  readonly setting: ControlName;
  readonly option: ControlOption;
  /** The option and its value, if it has one: two words, or one with "=". */
  readonly words: readonly string[];
}

/**
 * The settings as options of the capture tool. Values are numbers and words of the table, and the one absolute path of
 * `tuningFile`. Throws `invalid_setting` for anything else, also in settings that are no controls.
 */
export function controlArguments(settings: PartialSettings): readonly ControlArgument[] {
  checkSettings(settings);
  const asked: PartialSettings = withFocusHeld(settings);
  return CONTROL_NAMES.flatMap((setting) => {
    const option = OPTION_OF[setting];
    const words = wordsFor(setting, option, asked[setting]);
    return words === null ? [] : [{ setting, option, words }];
  });
}

/** Whether the tool knows no option like this one if it does not know another one. */
export function isUnknownWith(option: string, unknown: string): boolean {
  return option === unknown || (FOCUS_OPTIONS.has(option) && FOCUS_OPTIONS.has(unknown));
}

/** A lens position says nothing to a camera that focuses by itself, as each one does without being told otherwise. */
function withFocusHeld(settings: PartialSettings): PartialSettings {
  const { focusMode, lensPositionDioptres } = settings;
  const isHeld = (focusMode ?? null) === null && (lensPositionDioptres ?? null) !== null;
  return isHeld ? { ...settings, focusMode: 'manual' } : settings;
}

/** `null`: the setting needs no option. */
function wordsFor(
  setting: ControlName,
  option: ControlOption,
  value: SettingValues[ControlName] | undefined,
): readonly string[] | null {
  if (value === undefined || value === null || value === false) return null;
  if (value === true) return [option];
  // A tool that does not know the option synchronises nothing.
  if (setting === 'sync' && value === 'off') return null;
  // The tool's `--hdr` may stand alone, so a word behind it would not be its value.
  if (setting === 'hdr') return [`${option}=${String(value)}`];
  if (typeof value === 'string') return [option, value];
  if (typeof value === 'object') return [option, value.map(plainNumber).join(',')];
  // The unit that this option takes without one is not documented.
  return [option, setting === 'flickerPeriodUs' ? `${plainNumber(value)}us` : plainNumber(value)];
}
