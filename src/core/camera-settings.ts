import { FPS_RANGE, QUALITY_RANGE, SIDE_RANGE } from './capture-limits.js';

/**
 * The settings of a camera: names, values and meanings. The configuration, the commands, the flags, the documents and the
 * capture tool's arguments all come from this table. How a tool is asked for them belongs to `capture/`.
 */

interface Range {
  /** Both ends are allowed. */
  readonly min: number;
  readonly max: number;
}

/** The settings that belong together, in the order in which a person sees them. */
export const SETTING_GROUPS = {
  exposure: 'Exposure',
  focus: 'Focus',
  colour: 'Colour',
  view: 'View',
  picture: 'Picture',
  sensor: 'Sensor and tool',
} as const;
export type SettingGroup = keyof typeof SETTING_GROUPS;

interface Meaning {
  readonly group: SettingGroup;
  /** What it is, its unit, and what happens if it is not set. */
  readonly summary: string;
}

interface NumberSetting extends Meaning, Range {
  readonly kind: 'number' | 'whole';
  /** 0 is allowed besides the range: not asked for. */
  readonly orZero?: true;
}
interface WordSetting extends Meaning {
  readonly kind: 'word';
  readonly words: readonly string[];
}
interface ChoiceSetting extends Meaning {
  readonly kind: 'choice';
  readonly choices: readonly number[];
}
interface SwitchSetting extends Meaning {
  readonly kind: 'switch';
}
/** Red and blue, relative to green. */
interface PairSetting extends Meaning, Range {
  readonly kind: 'pair';
}
/** x, y, width and height as shares of the whole, 0 to 1. The rectangle lies within the whole. */
interface RectangleSetting extends Meaning {
  readonly kind: 'rectangle';
}
/** `WIDTH:HEIGHT:BITS:PACKING`, as the capture tool names a sensor mode. */
interface ModeSetting extends Meaning {
  readonly kind: 'mode';
}
/** Absolute path of a file that exists. */
interface FileSetting extends Meaning {
  readonly kind: 'file';
}

export type SettingSpec =
  | NumberSetting
  | WordSetting
  | ChoiceSetting
  | SwitchSetting
  | PairSetting
  | RectangleSetting
  | ModeSetting
  | FileSetting;

/** Ranges are those that libcamera documents for its controls; a camera clips them further. */
export const CAMERA_SETTINGS = {
  exposureTimeUs: {
    kind: 'whole',
    group: 'exposure',
    min: 1,
    max: 200_000_000,
    summary: 'Exposure time, microseconds. Not longer than a frame. Not set: automatic.',
  },
  gain: { kind: 'number', group: 'exposure', min: 1, max: 256, summary: 'Gain, a factor. Not set: automatic.' },
  exposureCompensationStops: {
    kind: 'number',
    group: 'exposure',
    min: -10,
    max: 10,
    summary: 'What automatic exposure aims at, stops: 1 is twice as bright.',
  },
  metering: {
    kind: 'word',
    group: 'exposure',
    words: ['centre', 'spot', 'average', 'custom'],
    summary: 'Part of the picture that automatic exposure looks at. Not set: centre.',
  },
  exposureMode: {
    kind: 'word',
    group: 'exposure',
    words: ['normal', 'sport', 'custom'],
    summary: 'What automatic exposure prefers: sport takes short exposures and a high gain. Not set: normal.',
  },
  flickerPeriodUs: {
    kind: 'whole',
    group: 'exposure',
    min: 100,
    max: 1_000_000,
    summary: 'Period of flickering light, microseconds: 10000 at 50 Hz mains, 8333 at 60 Hz. Not set: no correction.',
  },
  focusMode: {
    kind: 'word',
    group: 'focus',
    words: ['manual', 'auto', 'continuous'],
    summary:
      'How the lens moves: manual holds it, auto focuses once, continuous goes on. Not set: continuous if it can.',
  },
  lensPositionDioptres: {
    kind: 'number',
    group: 'focus',
    min: 0,
    max: 32,
    summary: 'Lens position, dioptres: 0 is infinity, 2 is half a metre. Sets focusMode to manual.',
  },
  focusRange: {
    kind: 'word',
    group: 'focus',
    words: ['normal', 'macro', 'full'],
    summary: 'Distances that automatic focus searches. Not set: normal.',
  },
  focusSpeed: {
    kind: 'word',
    group: 'focus',
    words: ['normal', 'fast'],
    summary: 'How fast automatic focus moves the lens. Not set: normal.',
  },
  focusWindow: {
    kind: 'rectangle',
    group: 'focus',
    summary:
      'Part of the picture that automatic focus looks at, x,y,width,height as shares of it. Not set: the middle.',
  },
  whiteBalance: {
    kind: 'word',
    group: 'colour',
    words: ['auto', 'incandescent', 'tungsten', 'fluorescent', 'indoor', 'daylight', 'cloudy', 'custom'],
    summary: 'The light that the colours are corrected for. Not set: auto.',
  },
  colourGains: {
    kind: 'pair',
    group: 'colour',
    min: 0.1,
    max: 32,
    summary: 'Gains of red and blue relative to green, red,blue. They fix the white balance. Not set: automatic.',
  },
  saturation: {
    kind: 'number',
    group: 'colour',
    min: 0,
    max: 32,
    summary: 'Strength of the colours: 0 is grey, 1 is normal.',
  },
  width: {
    kind: 'whole',
    group: 'view',
    ...SIDE_RANGE,
    orZero: true,
    summary: 'Requested width, pixels. 0 (with height 0): the widest view that keeps the rate.',
  },
  height: { kind: 'whole', group: 'view', ...SIDE_RANGE, orZero: true, summary: 'Requested height, pixels.' },
  fps: { kind: 'number', group: 'view', ...FPS_RANGE, summary: 'Requested rate, frames a second.' },
  hflip: { kind: 'switch', group: 'view', summary: 'Mirrors the picture left to right.' },
  vflip: { kind: 'switch', group: 'view', summary: 'Mirrors the picture top to bottom.' },
  rotationDegrees: { kind: 'choice', group: 'view', choices: [0, 180], summary: 'Turns the picture: 0 or 180.' },
  regionOfInterest: {
    kind: 'rectangle',
    group: 'view',
    summary: 'Part of the sensor that fills the picture, x,y,width,height as shares of the sensor. Not set: all of it.',
  },
  brightness: {
    kind: 'number',
    group: 'picture',
    min: -1,
    max: 1,
    summary: 'Added to the picture after the exposure: -1 is black, 0 is normal, 1 is white.',
  },
  contrast: { kind: 'number', group: 'picture', min: 0, max: 32, summary: 'Contrast: 0 is flat, 1 is normal.' },
  sharpness: { kind: 'number', group: 'picture', min: 0, max: 16, summary: 'Sharpening: 0 is none, 1 is normal.' },
  noiseReduction: {
    kind: 'word',
    group: 'picture',
    words: ['auto', 'off', 'cdn_off', 'cdn_fast', 'cdn_hq'],
    summary: 'Noise reduction. cdn_hq may lower the rate. Not set: auto.',
  },
  jpegQuality: { kind: 'whole', group: 'picture', ...QUALITY_RANGE, summary: 'JPEG quality.' },
  hdr: {
    kind: 'word',
    group: 'sensor',
    words: ['off', 'auto', 'sensor', 'single-exp'],
    summary: 'High dynamic range. Not set: off.',
  },
  sensorMode: {
    kind: 'mode',
    group: 'sensor',
    summary:
      'Sensor mode as width:height:bits:P, from `csi-cameras cameras`. Not set: the one that fits size and rate.',
  },
  tuningFile: {
    kind: 'file',
    group: 'sensor',
    summary: 'Tuning file of libcamera, an absolute path. Not set: that of the sensor.',
  },
  sync: {
    kind: 'word',
    group: 'sensor',
    words: ['off', 'server', 'client'],
    summary: 'Synchronised cameras: the frames of a client begin with those of the server. Not set: off.',
  },
} as const satisfies Readonly<Record<string, SettingSpec>>;

export type SettingName = keyof typeof CAMERA_SETTINGS;

export const SETTING_NAMES = Object.keys(CAMERA_SETTINGS) as readonly SettingName[];

/** Two factors, relative to green. */
export type Pair = readonly [red: number, blue: number];
/** Shares of the whole, 0 to 1. */
export type Rectangle = readonly [x: number, y: number, width: number, height: number];

type ValueOfSpec<S extends SettingSpec> = S extends { kind: 'number' | 'whole' }
  ? number
  : S extends { kind: 'word'; words: readonly (infer W)[] }
    ? W
    : S extends { kind: 'choice'; choices: readonly (infer C)[] }
      ? C
      : S extends { kind: 'switch' }
        ? boolean
        : S extends { kind: 'pair' }
          ? Pair
          : S extends { kind: 'rectangle' }
            ? Rectangle
            : string;

export type SettingValues = { readonly [N in SettingName]: ValueOfSpec<(typeof CAMERA_SETTINGS)[N]> };

/** Some settings. What is left out is not set. */
export type PartialSettings = Partial<SettingValues>;

/** What a camera is among synchronised ones. */
export type SyncRole = Exclude<SettingValues['sync'], 'off'>;

/** `null`: the camera is not to be synchronised. */
export function syncRoleOf({ sync = 'off' }: PartialSettings): SyncRole | null {
  return sync === 'off' ? null : sync;
}

/** Settings that always have a value. */
type AlwaysSet = 'width' | 'height' | 'fps' | 'jpegQuality';

/** What a camera is asked for. What is left out is automatic, or the tool's default. */
export type CameraSettings = Pick<SettingValues, AlwaysSet> & Partial<Omit<SettingValues, AlwaysSet>>;

/** Used if nobody says anything else. 0 x 0: the widest view that keeps the rate. */
export const DEFAULT_SETTINGS = { width: 0, height: 0, fps: 30, jpegQuality: 85 } as const satisfies CameraSettings;

/** The settings in an object that may hold other things too. What is null, undefined or no setting is left out. */
export function settingsIn(held: object): PartialSettings {
  const set = Object.entries(held).filter(
    ([name, value]) => isSettingName(name) && value !== null && value !== undefined,
  );
  return Object.fromEntries(set) as PartialSettings;
}

export function isSettingName(text: string): text is SettingName {
  return Object.hasOwn(CAMERA_SETTINGS, text);
}

/** The spec as its general type, for code that handles every kind. */
export function settingSpec(name: SettingName): SettingSpec {
  return CAMERA_SETTINGS[name];
}
