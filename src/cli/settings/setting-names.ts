import { SETTING_NAMES, type SettingName } from '../../core/camera-settings.js';

/** What people call the settings: by name, by flag, and in the words of other tools. */

/** Their flags are older than the table: `--size` and `--fps`. */
export const FLAGS_OF_THEIR_OWN: ReadonlySet<SettingName> = new Set(['width', 'height', 'fps']);
/** The flag where it is not the name of the setting. */
const OTHER_FLAGS: Partial<Record<SettingName, string>> = { jpegQuality: '--quality' };

/** What people type instead: the names of the capture tool, other spellings, shorter words. */
export const OTHER_WORDS: Readonly<Record<string, readonly string[]>> = {
  '--exposure-time-us': ['shutter', 'shutter-speed', 'shutter-us', 'exposure-time', 'exposure-us', 'exposure'],
  '--exposure-mode': ['exposure'],
  '--gain': ['iso', 'analog-gain', 'analogue-gain', 'analoggain'],
  '--exposure-compensation-stops': ['ev', 'exposure-compensation', 'compensation'],
  '--focus-mode': ['autofocus-mode', 'autofocus', 'af', 'af-mode', 'focus'],
  '--lens-position-dioptres': ['lens-position', 'lens', 'lens-position-diopters', 'focus', 'dioptres', 'diopters'],
  '--focus-range': ['autofocus-range', 'af-range'],
  '--focus-speed': ['autofocus-speed', 'af-speed'],
  '--focus-window': ['autofocus-window', 'af-window'],
  '--white-balance': ['awb', 'wb', 'whitebalance', 'awb-mode'],
  '--colour-gains': ['awbgains', 'awb-gains', 'color-gains', 'red-blue-gains'],
  '--rotation-degrees': ['rotation', 'rotate', 'rot'],
  '--region-of-interest': ['roi', 'crop', 'zoom', 'scaler-crop'],
  '--noise-reduction': ['denoise'],
  '--quality': ['jpeg-quality'],
  '--sensor-mode': ['mode'],
  '--flicker-period-us': ['flicker-period', 'flicker'],
  '--tuning-file': ['tuning'],
  '--hflip': ['horizontal-flip', 'mirror'],
  '--vflip': ['vertical-flip', 'flip'],
  '--size': ['width', 'height', 'resolution'],
  '--fps': ['framerate', 'frame-rate', 'rate'],
  '--out': ['output'],
};

/** The flag of a setting: `--exposure-time-us` of `exposureTimeUs`. */
export function flagOf(name: SettingName): string {
  return OTHER_FLAGS[name] ?? `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The setting with this name, also written as its flag: `exposure-time-us`, `--gain`, `quality`. */
export function settingNamed(text: string): SettingName | undefined {
  const plain = plainly(text);
  return SETTING_NAMES.find((name) => plainly(name) === plain || plainly(flagOf(name)) === plain);
}

/** The settings that a word of another tool may stand for: `shutter`, `iso`, `size`. */
export function settingsMeantBy(text: string): readonly SettingName[] {
  const word = text.replace(/^--/, '').toLowerCase();
  if (word === 'size' || word === 'resolution') return ['width', 'height'];
  return Object.keys(OTHER_WORDS)
    .filter((flag) => OTHER_WORDS[flag]?.includes(word) === true)
    .flatMap((flag) => settingNamed(flag) ?? []);
}

const plainly = (text: string): string => text.replace(/^--/, '').replaceAll('-', '').toLowerCase();
