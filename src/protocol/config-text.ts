import * as v from 'valibot';
import { isSettingName } from '../core/camera-settings.js';
import { messageOf } from '../core/errors.js';
import { printable } from '../core/safe-text.js';
import { cameraSettingOf, type CameraSetting } from './camera-sections.js';
import { optionAt } from './config.js';
import { optionsOf } from './host-config-keys.js';
import { checkSettings, settingFromText } from './setting-schemas.js';

/**
 * The configuration as text: JSON, or the `key = value` lines of a host that keeps its own keys in the same file. Reading
 * the file belongs to `cli/`, the options themselves to `config.ts`.
 */

/** What a text said. `problems` are sentences for a person: one for each kind of problem, whatever the number of lines. */
export interface ConfigText {
  /** Partial, for `start`. */
  readonly config: object;
  readonly problems: readonly string[];
}

/** A problem names so much; the rest is counted. */
const MAX_NAMED_LENGTH = 300;
const MAX_QUOTED_LENGTH = 60;
/** A path has at most 4,096 characters. */
const MAX_LINE_LENGTH = 8192;

/**
 * Reads a configuration. JSON starts with `{`. `source` names the text in the problems, for example "The configuration file
 * /etc/x". Never throws.
 */
export function readConfigText(text: string, source: string): ConfigText {
  const content = text.trimStart(); // removes a byte order mark too
  return content.startsWith('{') ? readJson(content, source) : readLines(text, source);
}

function readJson(content: string, source: string): ConfigText {
  try {
    return { config: JSON.parse(content) as object, problems: [] };
  } catch (thrown) {
    const why = quoted(messageOf(thrown), MAX_NAMED_LENGTH);
    return { config: {}, problems: [`${source} cannot be used (${why}). It is ignored.`] };
  }
}

function readLines(content: string, source: string): ConfigText {
  const config = new OptionTree();
  const unknown: string[] = [];
  const unusable: string[] = [];
  const noPairs: string[] = [];
  let pairs = 0;
  for (const [index, line] of content.split(/\r\n|\r|\n/).entries()) {
    const pair = pairOf(line);
    if (pair === null) continue;
    if (pair === 'no pair') {
      noPairs.push(String(index + 1));
      continue;
    }
    pairs += 1;
    const ofCamera = cameraSettingOf(pair.key);
    const options = optionAt(pair.key) === undefined ? optionsOf(pair.key) : [pair.key];
    if (ofCamera === undefined && options === undefined) unknown.push(quoted(pair.key));
    else if (!isLeftOut(pair.value)) {
      const why =
        ofCamera === undefined ? config.set(options ?? [], pair.value) : config.setForCamera(ofCamera, pair.value);
      if (why !== null) unusable.push(`${quoted(pair.key)} ${why} (it is "${quoted(pair.value)}")`);
    }
  }
  if (pairs === 0 && noPairs.length > 0) {
    const why = 'it is not JSON, which starts with "{", and has no line "key = value"';
    return { config: {}, problems: [`${source} cannot be used (${why}). It is ignored.`] };
  }
  return {
    config: config.values,
    problems: [
      ...problem(`${source} has keys that this module does not know. They are ignored:`, unknown, ', '),
      ...problem(`${source} has values that cannot be used. The defaults are used:`, unusable, '; '),
      ...problem(`${source} has lines that are not "key = value". They are ignored: line`, noPairs, ', '),
    ],
  };
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

/** `null`: a blank line or a comment. */
function pairOf(line: string): Pair | 'no pair' | null {
  const content = line.trim();
  if (content === '' || content.startsWith('#')) return null;
  if (content.length > MAX_LINE_LENGTH) return 'no pair';
  const equals = content.indexOf('=');
  const key = content.slice(0, Math.max(equals, 0)).trim();
  return key === '' ? 'no pair' : { key, value: valueOf(content.slice(equals + 1).trim()) };
}

/** Without quotes around it, or without the comment behind it. */
function valueOf(text: string): string {
  const inQuotes = /^(["'])(.*?)\1\s*(?:#.*)?$/.exec(text)?.[2];
  return inQuotes ?? text.replace(/(?:^|\s)#.*$/, '').trimEnd();
}

/** A Python host writes `None` where it has no value. */
function isLeftOut(value: string): boolean {
  return value === '' || value === 'None';
}

/** The configuration in the making. Only values that its schema accepts come into it. */
class OptionTree {
  readonly values: Record<string, unknown> = {};
  readonly #cameras: Record<string, object> = {};

  /** Sets a setting of one camera. Returns why the text cannot be used for it, or `null`. */
  setForCamera({ camera, setting }: CameraSetting, text: string): string | null {
    const { settings, bad } = checkSettings({ [setting]: settingFromText(setting, text) });
    if (bad[0] !== undefined) return bad[0].why;
    this.#cameras[camera] = { ...this.#cameras[camera], ...settings };
    this.values['cameras'] = this.#cameras;
    return null;
  }

  /** Sets options by their paths. Returns why the text cannot be used for them, or `null`. */
  set(paths: readonly string[], text: string): string | null {
    if (paths.length === 0) return null;
    const parts = paths.length === 1 ? [text] : partsOf(text, paths.length);
    if (parts === null) return 'must look like 1456x1088';
    const values = paths.map((path, index) => convert(path, parts[index] ?? ''));
    for (const [index, path] of paths.entries()) {
      const why = refusal(path, values[index]);
      if (why !== null) return why;
    }
    for (const [index, path] of paths.entries()) this.#put(path, values[index]);
    return null;
  }

  #put(path: string, value: unknown): void {
    const [section = '', name] = path.split('.');
    if (name === undefined) this.values[section] = value;
    else this.values[section] = { ...(this.values[section] as object | undefined), [name]: value };
  }
}

/** `1456x1088`: as many whole numbers as there are options. */
function partsOf(text: string, count: number): readonly string[] | null {
  const parts = text.split(/\s*[xX]\s*/);
  return parts.length === count && parts.every((part) => /^\d{1,9}$/.test(part)) ? parts : null;
}

const WORDS = new Map<string, boolean>([
  ...['true', 'yes', 'on', '1'].map((word) => [word, true] as const),
  ...['false', 'no', 'off', '0'].map((word) => [word, false] as const),
]);

/** Python's names of log levels. */
const LEVELS: Readonly<Record<string, string>> = { warning: 'warn', critical: 'error' };

/** The text as a value of the option's type. Text that is none stays text, and the option's schema says what is wrong. */
function convert(path: string, text: string): unknown {
  const setting = path.startsWith('camera.') ? path.slice('camera.'.length) : '';
  if (isSettingName(setting)) return settingFromText(setting, text);
  const schema = optionAt(path);
  const type = schema === undefined ? 'undefined' : typeof v.getDefault(schema);
  if (type === 'boolean') return WORDS.get(text.toLowerCase()) ?? text;
  if (type === 'number') return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
  if (path !== 'logs.level') return text;
  const level = text.toLowerCase();
  return LEVELS[level] ?? level;
}

function refusal(path: string, value: unknown): string | null {
  const schema = optionAt(path);
  if (schema === undefined) return 'is not an option';
  const checked = v.safeParse(schema, value);
  return checked.success ? null : checked.issues[0].message;
}

/** No sentence where nothing is to be named. A few are named, the rest is counted. */
function problem(what: string, named: readonly string[], between: string): readonly string[] {
  if (named.length === 0) return [];
  let text = named[0] ?? '';
  let count = 1;
  for (const one of named.slice(1)) {
    if (text.length + between.length + one.length > MAX_NAMED_LENGTH) break;
    text += `${between}${one}`;
    count += 1;
  }
  const rest = named.length === count ? '' : `${between}and ${named.length - count} more`;
  return [`${what} ${text}${rest}.`];
}

/** The beginning of a foreign text, on one line. */
function quoted(text: string, maxLength = MAX_QUOTED_LENGTH): string {
  const start = printable(text.slice(0, maxLength).toWellFormed());
  return text.length > maxLength ? `${start}…` : start;
}
