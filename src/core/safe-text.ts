import { stripVTControlCharacters } from 'node:util';

/**
 * Makes foreign text (a host's strings, a tool's output, names in a directory) safe for a terminal or a line of JSON.
 * File names are handled in `recording/takes/take-paths.ts`.
 */

/** Control characters and Unicode's other line ends: what a name or a path must not have. */
// oxlint-disable-next-line no-control-regex -- this pattern searches for control characters
export const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Control characters, Unicode's other line ends, and characters that change the direction of text. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;

/** The same set without the characters that JSON escapes itself. */
const RAW_IN_JSON = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/g;

/** The text on one line, safe for a terminal: escape sequences are removed and unprintable characters become spaces. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(UNPRINTABLE, ' ');
}

/**
 * `JSON.stringify` of a plain value, as one line for every reader (Python's `splitlines` also splits at U+0085 and
 * U+2028) and harmless in a terminal. Unsafe characters that JSON leaves alone become `\uXXXX`.
 */
export function jsonLine(value: unknown): string {
  return escapeInJson(JSON.stringify(value));
}

/** The same for text that is already JSON. Outside of strings, JSON contains no such characters. */
export function escapeInJson(json: string): string {
  return json.replaceAll(RAW_IN_JSON, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
