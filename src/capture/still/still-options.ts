import type { still } from 'node-libcamera';
import type { PartialSettings } from '../../core/camera-settings.js';
import { CAMERA_INDEX_RANGE } from '../../core/capture-limits.js';
import { errorWithAdvice } from '../../core/errors.js';
import { controlArguments, isUnknownWith } from '../controls/control-arguments.js';

/** What the still tool is asked for. Names are the tool's; files are fixed names in the private folder. */

/** A value as node-libcamera takes it. It must never be false: node-libcamera would write `--name false`. */
export type StillOption = true | number | string | readonly number[] | Readonly<Record<string, number>>;
export type StillOptions = Readonly<Record<string, StillOption>>;

/** The options that node-libcamera knows by type. The others are newer than it. */
type Typed = Parameters<typeof still>[0];

/** Names in the private folder, which is the current one of the tool. */
export const STILL_FILES = {
  tool: 'libcamera-still',
  picture: 'still.jpg',
  metadata: 'still.metadata',
  tuning: 'tuning.json',
} as const;
/** How the name of the private folder begins. */
export const STILL_FOLDER_PREFIX = 'csi-cameras-still-';

/** Automatic exposure, white balance and focus find their values meanwhile. */
export const SETTLING_MS = 2000;
/** The tool's own. A still is looked at closely, so it is better than a video's frames. */
const DEFAULT_QUALITY = 93;

/** Without these there is no picture of this camera, so they are not left out where a tool does not know them. */
const NEEDED: ReadonlySet<string> = new Set(['camera', 'nopreview', 'timeout', 'output']);

/** What a word of the command line may consist of. Nothing of it means anything to a shell. */
const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._:-]*$/;

/**
 * The options for one picture at full size, or at the size that the settings say. The rate has no meaning for it. Throws
 * `invalid_setting` for a value that the table of settings does not allow.
 */
export function stillOptions(cameraIndex: number, settings: PartialSettings): StillOptions {
  const { width = 0, height = 0, jpegQuality = DEFAULT_QUALITY } = settings;
  const { min, max } = CAMERA_INDEX_RANGE;
  if (!Number.isInteger(cameraIndex) || cameraIndex < min || cameraIndex > max) {
    throw notPlain('camera', String(cameraIndex));
  }
  const typed: Partial<Typed> = {
    nopreview: true,
    timeout: SETTLING_MS,
    output: STILL_FILES.picture,
    quality: jpegQuality,
    ...(width === 0 || height === 0 ? {} : { width, height }),
  };
  const options: Record<string, StillOption> = {
    camera: cameraIndex,
    ...(typed as Record<string, StillOption>),
    metadata: STILL_FILES.metadata,
    ...(settings.sensorMode === undefined ? {} : { mode: settings.sensorMode }),
    ...controlOptions(settings),
  };
  for (const [name, value] of Object.entries(options)) checkPlain(name, value);
  return options;
}

/** The controls as node-libcamera takes them: two of them by their numbers, of which it makes a text itself. */
function controlOptions(settings: PartialSettings): Record<string, StillOption> {
  // A single picture has no partner.
  const controls = controlArguments(settings).filter(({ setting }) => setting !== 'sync');
  const entries = controls.map(({ setting, words: [word = '', value] }): [string, StillOption] => {
    const name = word.slice('--'.length); // with its value in one word: `hdr=auto`
    // A path must not reach the shell: the file is linked into the private folder.
    if (setting === 'tuningFile') return [name, STILL_FILES.tuning];
    if (value === undefined) return [name, true];
    const [x = 0, y = 0, w = 0, h = 0] = value.split(',').map(Number);
    if (setting === 'regionOfInterest') return [name, { x, y, w, h }];
    return [name, setting === 'colourGains' ? [x, y] : value];
  });
  return Object.fromEntries(entries);
}

/** The options without those that the tool does not know, and their names; `undefined` if that cannot help. */
export function withoutUnknown(
  options: StillOptions,
  lines: readonly string[],
): { readonly rest: StillOptions; readonly leftOut: readonly string[] } | undefined {
  for (const line of lines) {
    const unknown = /unrecogni[sz]ed option '?--([a-z-]+)/i.exec(line)?.[1] ?? '';
    const names = Object.keys(options).filter((name) => isUnknownWith(optionOf(name), `--${unknown}`));
    if (NEEDED.has(unknown) || names.length === 0) continue;
    const rest = Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name)));
    return { rest, leftOut: names.map(optionOf) };
  }
  return undefined;
}

const optionOf = (name: string): string => `--${name.replace(/=.*/, '')}`;

/** node-libcamera makes one text of all for a shell. The values were checked before; this is the last look. */
function checkPlain(name: string, value: StillOption): void {
  if (!name.split('=').every((part) => PLAIN.test(part))) throw notPlain(name, '');
  if (value === true) return;
  const parts = typeof value === 'object' ? Object.values(value) : String(value).split(',');
  for (const part of parts) {
    const isPlain = typeof part === 'number' ? Number.isFinite(part) : isNumber(part) || PLAIN.test(part);
    if (!isPlain) throw notPlain(name, String(part));
  }
}

function isNumber(text: string): boolean {
  return /^-?\d+(?:\.\d+)?$/.test(text);
}

function notPlain(name: string, value: string): Error {
  return errorWithAdvice('invalid_setting', `The still's ${name} cannot be ${JSON.stringify(value.slice(0, 100))}.`);
}
