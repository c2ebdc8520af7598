import { printable } from '../core/safe-text.js';

/** A foreign text (a tool's, a name) for a sentence: on one line, printable, at most so many characters. */
export function cleanText(text: string, characters: number): string {
  // Cut before and after: a megabyte need not be cleaned for the sake of its beginning.
  return printable(text.slice(0, characters * 4))
    .trim()
    .slice(0, characters);
}
