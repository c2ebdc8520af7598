import {
  settingSpec,
  SETTING_NAMES,
  type PartialSettings,
  type SettingName,
  type SettingSpec,
} from '../../core/camera-settings.js';
import { errorWithAdvice, type CsiCamerasError } from '../../core/errors.js';
import { printable } from '../../core/safe-text.js';
import { hasSides, isOneLine, isSensorMode, isWithinWhole, MAX_PATH } from '../../core/capture-limits.js';

/**
 * Whether a value may go to a command line. Whoever gave it was told by the schema already (`protocol/setting-schemas.ts`);
 * this is the last door, made from the same table, and it trusts nobody: values may be of any type.
 */

const MAX_TOLD = 100;

/** Throws `invalid_setting` for the first setting whose value is not one that the table allows. */
export function checkSettings(settings: PartialSettings): void {
  for (const name of SETTING_NAMES) {
    const value: unknown = settings[name];
    if (value === undefined || value === null) continue;
    const rule = brokenRule(settingSpec(name), value);
    if (rule !== null) throw invalidSetting(name, value, rule);
  }
}

/** `rule` goes on from "must be". */
export function invalidSetting(name: SettingName, value: unknown, rule: string): CsiCamerasError {
  const told = inWords(value);
  return errorWithAdvice('invalid_setting', `${name} must be ${rule}, but is ${told}.`, { setting: name, value: told });
}

/** What the value must be and is not; `null` if nothing is wrong. */
function brokenRule(spec: SettingSpec, value: unknown): string | null {
  switch (spec.kind) {
    case 'number':
    case 'whole': {
      if (spec.orZero === true && value === 0) return null;
      const isFit = isIn(spec, value) && (spec.kind === 'number' || Number.isInteger(value));
      return isFit ? null : `${spec.kind === 'whole' ? 'a whole number ' : ''}from ${spec.min} to ${spec.max}`;
    }
    case 'word':
      return spec.words.some((word) => word === value) ? null : `one of ${spec.words.join(', ')}`;
    case 'choice':
      return spec.choices.some((choice) => choice === value) ? null : spec.choices.join(' or ');
    case 'switch':
      return typeof value === 'boolean' ? null : 'true or false';
    case 'pair':
      return isTuple(value, 2, spec) ? null : `two numbers from ${spec.min} to ${spec.max}`;
    case 'rectangle':
      return isRectangle(value) ? null : 'x, y, width and height within 0 to 1';
    case 'mode':
      return typeof value === 'string' && isSensorMode(value) ? null : 'like 1640:1232:10:P';
    case 'file':
      return isPath(value) ? null : 'an absolute path without control characters';
  }
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function isIn({ min, max }: Range, value: unknown): value is number {
  // Written this way, NaN is in no range.
  return typeof value === 'number' && value >= min && value <= max;
}

function isTuple(value: unknown, length: number, range: Range): value is readonly number[] {
  if (!Array.isArray(value) || value.length !== length) return false;
  for (let index = 0; index < length; index += 1) if (!isIn(range, value[index])) return false; // `every` skips holes
  return true;
}

function isRectangle(value: unknown): boolean {
  return isTuple(value, 4, { min: 0, max: 1 }) && hasSides(value) && isWithinWhole(value);
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/') && value.length <= MAX_PATH && isOneLine(value);
}

/** Of objects only that they are objects: their own `toString` is not called. */
function inWords(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.slice(0, 4).map(inWord).join(', ')}`;
  return inWord(value);
}

function inWord(value: unknown): string {
  if (typeof value === 'string') return printable(value.slice(0, MAX_TOLD));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `of type ${typeof value}`;
}
