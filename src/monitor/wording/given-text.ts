/** Longest text of the host that a tile has room for, characters. */
const LONGEST = 80;

/** Marks that turn the direction of all text that follows: they could write "recording" where none is. */
const TURNING = /[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/g;

/** A name or a label that the host gave, within a sentence of ours. */
export function givenText(text: string): string {
  const plain = text.replaceAll(TURNING, '').trim();
  if (plain.length <= LONGEST) return plain;
  // A cut between the halves of one character would leave half of it.
  return `${plain.slice(0, LONGEST - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
