import * as v from 'valibot';
import {
  CAMERA_SETTINGS,
  isSettingName,
  SETTING_NAMES,
  settingSpec,
  type PartialSettings,
  type SettingName,
  type SettingSpec,
  type SettingValues,
} from '../core/camera-settings.js';
import { hasSides, isOneLine, isSensorMode, isWithinWhole, MAX_PATH, SENSOR_MODE } from '../core/capture-limits.js';
import { zeroOrWords } from './json-words.js';

/**
 * Checks of camera settings, made from their table. Whether two settings go together, and whether a file exists, is not
 * checked here.
 */

const MODE_RULE = 'must look like 1640:1232:10:P';

const number = v.number('must be a number');

/** The schema of a setting by its kind. */
function schemaOf(spec: SettingSpec): v.GenericSchema {
  switch (spec.kind) {
    case 'number':
    case 'whole':
      return spec.orZero === true ? zeroOrIn(spec) : inRange(spec, spec.kind === 'whole');
    case 'word':
      return v.picklist(spec.words, `must be one of ${spec.words.join(', ')}`);
    case 'choice':
      return v.picklist(spec.choices, `must be ${spec.choices.join(' or ')}`);
    case 'switch':
      return v.boolean('must be true or false');
    case 'pair': {
      const gain = inRange(spec, false);
      return v.strictTuple([gain, gain], 'must be two numbers, red and blue');
    }
    case 'rectangle':
      return rectangle;
    case 'mode':
      return v.pipe(v.string('must be text'), v.regex(SENSOR_MODE, MODE_RULE), v.check(isSensorMode, MODE_RULE));
    case 'file':
      return v.pipe(
        v.string('must be text'),
        v.startsWith('/', 'must be an absolute path'),
        v.maxLength(MAX_PATH, `must have at most ${MAX_PATH} characters`),
        v.check(isOneLine, 'must not contain control characters or broken Unicode'),
      );
  }
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function inRange({ min, max }: Range, isWhole: boolean): v.GenericSchema<number> {
  const ranged = v.pipe(number, v.minValue(min, `must be at least ${min}`), v.maxValue(max, `must be at most ${max}`));
  return isWhole ? v.pipe(ranged, v.safeInteger('must be a whole number')) : ranged;
}

/** 0 stands for "not asked for". */
function zeroOrIn({ min, max }: Range): v.GenericSchema<number> {
  return v.pipe(
    number,
    v.check((value) => value === 0 || (value >= min && value <= max), `must be 0, or from ${min} to ${max}`),
    v.metadata(zeroOrWords({ min, max })),
    v.safeInteger('must be a whole number'),
  );
}

const share = v.pipe(
  number,
  v.minValue(0, 'must have shares of at least 0'),
  v.maxValue(1, 'must have shares of at most 1'),
);

const rectangle = v.pipe(
  v.strictTuple([share, share, share, share], 'must be four numbers: x, y, width and height'),
  v.check((shares) => hasSides(shares), 'must have a width and a height of at least 0.000001'),
  v.check((shares) => isWithinWhole(shares), 'must lie within 0 to 1: x + width and y + height are at most 1'),
);

/** The schema of one setting, with its description. */
export function settingSchema<N extends SettingName>(name: N): v.GenericSchema<SettingValues[N]> {
  // The table decides both the schema and the type. The compiler cannot see that they agree; a test does.
  return v.pipe(
    schemaOf(settingSpec(name)),
    v.description(CAMERA_SETTINGS[name].summary),
  ) as unknown as v.GenericSchema<SettingValues[N]>;
}

export interface CheckedSettings {
  /** The usable ones, in their order. */
  readonly settings: PartialSettings;
  /** The others. Names come from outside. */
  readonly bad: readonly { readonly name: string; readonly why: string }[];
}

/** Checks settings one by one, so that one that cannot be used costs no other. `null` counts as left out. */
export function checkSettings(held: object): CheckedSettings {
  const usable: [SettingName, unknown][] = [];
  const bad: { name: string; why: string }[] = [];
  for (const [name, value] of Object.entries(held)) {
    if (value === null || value === undefined) continue;
    if (!isSettingName(name)) {
      bad.push({ name, why: 'is not a setting' });
      continue;
    }
    const checked = v.safeParse(settingSchema(name), value);
    if (checked.success) usable.push([name, checked.output]);
    else bad.push({ name, why: checked.issues[0].message });
  }
  return { settings: Object.fromEntries(usable) as PartialSettings, bad };
}

type SettingEntries = {
  [N in SettingName]: v.NullishSchema<v.GenericSchema<SettingValues[N]>, undefined>;
};

/** Every setting as an entry of an object. `null` and a setting that is left out mean: not set here. */
export const SETTING_ENTRIES = Object.fromEntries(
  SETTING_NAMES.map((name) => [name, v.nullish(settingSchema(name))]),
) as SettingEntries;

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;
const SWITCH_WORDS = new Map<string, boolean>([
  ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
]);

/**
 * The value that a text stands for, by the kind of the setting: for flags and for lines of a file. Numbers of a pair or a
 * rectangle are separated by commas. Text that is no such value stays text, and the schema then says what is wrong.
 */
export function settingFromText(name: SettingName, text: string): unknown {
  const trimmed = text.trim();
  switch (settingSpec(name).kind) {
    case 'number':
    case 'whole':
    case 'choice':
      return numberFrom(trimmed);
    case 'pair':
      return numbersFrom(trimmed, 2);
    case 'rectangle':
      return numbersFrom(trimmed, 4);
    case 'switch':
      return SWITCH_WORDS.get(trimmed.toLowerCase()) ?? text;
    case 'word':
    case 'mode':
    case 'file':
      return trimmed;
  }
}

/** Another count stays text, so that the schema says how many there must be. */
function numbersFrom(text: string, count: number): unknown {
  const parts = text.split(',');
  return parts.length === count ? parts.map((part) => numberFrom(part.trim())) : text;
}

function numberFrom(text: string): unknown {
  return DECIMAL.test(text) ? Number(text) : text;
}
