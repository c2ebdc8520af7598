/**
 * Words of JSON Schema for checks that are made in code, for the published schemas (docs/contract.md). They stand as metadata
 * in a pipe, beside their check, and check nothing themselves.
 */

/** 0, or a number within the range. */
export function zeroOrWords({ min, max }: { readonly min: number; readonly max: number }) {
  return { anyOf: [{ const: 0 }, { minimum: min, maximum: max }] };
}

/** One of the words, in upper or lower case or both. JSON Schema's patterns know no flag for that. */
export function anyCaseWords(words: readonly string[]) {
  const inAnyCase = (letter: string): string => `[${letter.toUpperCase()}${letter}]`;
  const spellings = words.map((word) => word.replaceAll(/[a-z]/g, inAnyCase));
  return { pattern: `^(?:${spellings.join('|')})$` };
}
