import { isSettingName, type PartialSettings, type SettingName } from '../core/camera-settings.js';
import { printable } from '../core/safe-text.js';
import { checkSettings } from './setting-schemas.js';

/** Settings by camera: the section `cameras` of the configuration, and settings that come beside the configuration. */

export type CameraSections = Readonly<Record<string, PartialSettings>>;

interface Read<Value> {
  readonly value: Value;
  readonly problems: readonly string[];
}

/** More than any machine has cameras. */
const MAX_SECTIONS = 64;
/** Device ids of hosts (`picam:0`) and device-tree paths. No name begins with `-`: it would look like an option. */
const CAMERA_NAME = /^[A-Za-z0-9/\\_][A-Za-z0-9/\\_@:.,+() -]{0,255}$/;

export const CAMERAS_OPTION = {
  path: 'cameras',
  default: {},
  description:
    'Settings of single cameras, such as {"picam:0": {"gain": 2}}, by device id or stable id. They win over camera.',
} as const;

/** Whether the text can name a camera. What every object has by itself (`constructor`, `__proto__`) names none. */
export function isCameraName(text: string): boolean {
  return CAMERA_NAME.test(text) && !(text in {});
}

/** Reads the section `cameras`. What cannot be used is left out and named. */
export function readCameraSections(held: unknown): Read<CameraSections> {
  if (held === undefined || held === null) return { value: {}, problems: [] };
  if (!isObject(held)) {
    return { value: {}, problems: ['cameras must be an object of settings by device id or stable id; it is ignored.'] };
  }
  const sections: [string, PartialSettings][] = [];
  const problems: string[] = [];
  for (const [name, settings] of Object.entries(held)) {
    if (sections.length >= MAX_SECTIONS) {
      problems.push(`cameras has more than ${MAX_SECTIONS} cameras; the rest is ignored.`);
      break;
    }
    const path = `cameras."${printable(name.slice(0, 100).toWellFormed())}"`;
    if (!isCameraName(name)) {
      problems.push(`${path} is not the device id or stable id of a camera; it is ignored.`);
      continue;
    }
    const read = readSettings(settings, path);
    sections.push([name, read.value]);
    problems.push(...read.problems);
  }
  return { value: Object.fromEntries(sections), problems };
}

/** Reads settings. `path` names them in the problems. Never throws. */
export function readSettings(held: unknown, path: string): Read<PartialSettings> {
  try {
    return readEach(held, path);
  } catch {
    // A getter or a proxy threw. Only an in-process host can send one.
    return { value: {}, problems: [`${path} cannot be read; it is ignored.`] };
  }
}

function readEach(held: unknown, path: string): Read<PartialSettings> {
  if (held === undefined || held === null) return { value: {}, problems: [] };
  if (!isObject(held)) return { value: {}, problems: [`${path} must be an object of settings; it is ignored.`] };
  const { settings, bad } = checkSettings(held);
  const problems = bad.map(
    ({ name, why }) => `${path}.${printable(name.slice(0, 100).toWellFormed())} ${why}; it is ignored.`,
  );
  return { value: settings, problems };
}

export interface CameraSetting {
  readonly camera: string;
  readonly setting: SettingName;
}

/**
 * The camera and the setting that a key of a line names: `cameras."picam:0".gain` or `cameras.picam:0.gain`. The id may contain
 * dots: the last one counts. `undefined`: the key does not begin with `cameras.`, or names no camera or no setting.
 */
export function cameraSettingOf(key: string): CameraSetting | undefined {
  const [, quoted, plain = '', setting = ''] = /^cameras\.(?:"([^"]*)"|(.+))\.([^.]+)$/.exec(key) ?? [];
  const camera = quoted ?? plain;
  return isCameraName(camera) && isSettingName(setting) ? { camera, setting } : undefined;
}

function isObject(held: unknown): held is object {
  return typeof held === 'object' && held !== null && !Array.isArray(held);
}
