import { NO_NUMBER, parseDecimal } from './number-text.js';

/** Values of a metadata line that are not one number: `[ 1.712000, 1.834000 ]`, `(0, 0)/1456x1088` and `true`. */

const SPACE = 0x20;
const COMMA = 0x2c;
const SLASH = 0x2f;
const CROSS = 0x78;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_PARENTHESIS = 0x28;
const CLOSING_PARENTHESIS = 0x29;

const TRUTHS = [
  { word: Buffer.from('1'), means: true },
  { word: Buffer.from('true'), means: true },
  { word: Buffer.from('0'), means: false },
  { word: Buffer.from('false'), means: false },
] as const;

/** The longest rectangle that can be meant has four numbers of five digits. */
const MAX_RECTANGLE_BYTES = 64;

/**
 * Whether these bytes stand at `start`; the caller has compared the length. It is a loop because a call into Node costs more
 * than comparing a few bytes.
 */
export function isBytes(text: Buffer, start: number, wanted: Buffer): boolean {
  for (let index = 0; index < wanted.length; index += 1) if (text[start + index] !== wanted[index]) return false;
  return true;
}

/** Reads `[ RED, BLUE ]` into an object that is there already. Both are `NO_NUMBER` if the text is anything else. */
export function parsePair(text: Buffer, start: number, end: number, into: { red: number; blue: number }): void {
  into.red = NO_NUMBER;
  into.blue = NO_NUMBER;
  if (end - start < 2 || text[start] !== OPENING_BRACKET || text[end - 1] !== CLOSING_BRACKET) return;
  const commaAt = find(text, COMMA, start, end);
  if (commaAt === -1) return;
  const red = parseSpaced(text, start + 1, commaAt);
  const blue = parseSpaced(text, commaAt + 1, end - 1); // of three numbers the rest is none
  if (red === NO_NUMBER || blue === NO_NUMBER) return;
  into.red = red;
  into.blue = blue;
}

/** `1` or `true`, `0` or `false`; `null` for all other text. */
export function parseTruth(text: Buffer, start: number, end: number): boolean | null {
  for (const { word, means } of TRUTHS) if (end - start === word.length && isBytes(text, start, word)) return means;
  return null;
}

type Rectangle = readonly [x: number, y: number, width: number, height: number];

/** A rectangle that seldom changes: its tuple is made anew only when its bytes do. */
export class SensorRectangle {
  readonly #bytes = Buffer.alloc(MAX_RECTANGLE_BYTES);
  #length = 0;
  #last: Rectangle | null = null;
  #value: Rectangle | null = null;

  /** The rectangle of the last line since `begin`; `null`: none came, or it was broken. */
  get value(): Rectangle | null {
    return this.#value;
  }

  begin(): void {
    this.#value = null;
  }

  read(text: Buffer, start: number, end: number): void {
    this.#value = null;
    const length = end - start;
    if (length > MAX_RECTANGLE_BYTES) return;
    if (!this.#isSame(text, start, length)) {
      this.#last = parseRectangle(text, start, end);
      this.#length = length;
      text.copy(this.#bytes, 0, start, end);
    }
    this.#value = this.#last;
  }

  #isSame(text: Buffer, start: number, length: number): boolean {
    if (length !== this.#length) return false;
    const last = this.#bytes;
    for (let index = 0; index < length; index += 1) if (text[start + index] !== last[index]) return false;
    return true;
  }
}

/** `(x, y)/WxH`. A side of 0 is none. */
function parseRectangle(text: Buffer, start: number, end: number): Rectangle | null {
  const commaAt = find(text, COMMA, start, end);
  const closedAt = find(text, CLOSING_PARENTHESIS, start, end);
  const crossAt = find(text, CROSS, start, end);
  if (text[start] !== OPENING_PARENTHESIS || commaAt === -1 || closedAt < commaAt || crossAt < closedAt) return null;
  if (text[closedAt + 1] !== SLASH) return null;
  const x = parseSpaced(text, start + 1, commaAt);
  const y = parseSpaced(text, commaAt + 1, closedAt);
  const width = parseDecimal(text, closedAt + 2, crossAt);
  const height = parseDecimal(text, crossAt + 1, end);
  return x === NO_NUMBER || y === NO_NUMBER || !(width > 0) || !(height > 0) ? null : [x, y, width, height];
}

/** A number that may have spaces around it. */
function parseSpaced(text: Buffer, start: number, end: number): number {
  let from = start;
  let to = end;
  while (from < to && text[from] === SPACE) from += 1;
  while (from < to && text[to - 1] === SPACE) to -= 1;
  return parseDecimal(text, from, to);
}

function find(text: Buffer, byte: number, start: number, end: number): number {
  for (let index = start; index < end; index += 1) if (text[index] === byte) return index;
  return -1;
}
