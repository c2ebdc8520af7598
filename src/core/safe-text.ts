import { stripVTControlCharacters } from 'node:util';

/**
 * Text of others (a host's strings, a tool's output, names in a directory) on its way to a terminal or into a line of
 * JSON. File names are `recording/take-paths.ts`'s business.
 */

/** Control characters, further line ends of Unicode, and what turns the direction of text around. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/** The same without what JSON escapes by itself. */
const RAW_IN_JSON = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** The text on one line, as a terminal may show it: without escape sequences, and a space for what cannot be shown. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(UNPRINTABLE, ' ');
}

/**
 * `JSON.stringify` of a plain value on a line that is one for every reader (Python's `splitlines` ends lines at U+0085
 * and U+2028 too) and does nothing to a terminal that it is shown in: what JSON leaves as it is becomes `\uXXXX`.
 */
export function jsonLine(value: unknown): string {
  return escapeInJson(JSON.stringify(value));
}

/** The same for a text that is JSON already: outside of strings JSON has no such characters. */
export function escapeInJson(json: string): string {
  return json.replaceAll(RAW_IN_JSON, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
