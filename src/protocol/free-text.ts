import * as v from 'valibot';

/**
 * Text that a person typed into a host: labels and names. A trial must not go unrecorded because of such a text, so it is
 * cleaned instead of refused. Ids and paths are checked in `commands.ts`: another text would mean another thing there.
 */

/** Longest text that is kept, in UTF-16 units as `length` counts them. */
export const MAX_FREE_TEXT = 256;

/** Control characters, Unicode's other line ends, and halves of a surrogate pair. */
const NOT_PLAIN = /[\p{Cc}\u2028\u2029\p{Cs}]/gu;

/** The text on one line, as valid Unicode, cut to `MAX_FREE_TEXT`. What cannot stay becomes a space. */
export function cleanText(text: string): string {
  return cut(text).replaceAll(NOT_PLAIN, ' ');
}

/** Never between the two halves of a surrogate pair. */
function cut(text: string): string {
  if (text.length <= MAX_FREE_TEXT) return text;
  const isPairSplit = (text.codePointAt(MAX_FREE_TEXT - 1) ?? 0) > 0xffff;
  return text.slice(0, isPairSplit ? MAX_FREE_TEXT - 1 : MAX_FREE_TEXT);
}

/** The schema of such a text. */
export const freeText = v.pipe(v.string('must be text'), v.transform(cleanText));
