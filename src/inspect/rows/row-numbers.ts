/**
 * Whole numbers of 64 bits in typed arrays, as two words of 32 (little-endian, as every machine is that this runs on). Made
 * and compared without a bigint: one for each of 2.6 million rows would cost more than all else of the reading.
 */

const WORD = 2 ** 32;
const GIGA = 1_000_000_000;
const MAX = 2n ** 63n - 1n;

/** The words of an array. They are the same memory. */
export function wordsOf(numbers: BigInt64Array): Uint32Array {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length * 2);
}

/**
 * Puts `high` * 10^9 + `low` at `index`. `low` is below 10^9, `high` has 10 digits at most. Returns false where that is more
 * than 64 bits hold.
 */
export function putNumber(words: Uint32Array, index: number, high: number, low: number, isNegative: boolean): boolean {
  // high * 10^9 is more than a double holds exactly, so it is taken in two parts, the upper one in units of 65,536.
  // Without %, which is a function call for numbers of more than 32 bits and takes longer than all else here.
  const highest = Math.floor(high / 65_536);
  const upper = highest * GIGA;
  const lower = (high - highest * 65_536) * GIGA + low;
  const topOfUpper = Math.floor(upper / 65_536);
  const middle = (upper - topOfUpper * 65_536) * 65_536 + lower;
  const carry = Math.floor(middle / WORD);
  let top = topOfUpper + carry;
  let bottom = middle - carry * WORD;
  if (top >= WORD / 2) return false;
  if (isNegative) {
    top = bottom === 0 ? -top : -top - 1;
    bottom = bottom === 0 ? 0 : WORD - bottom;
  }
  words[2 * index] = bottom;
  words[2 * index + 1] = top;
  return true;
}

/** Like `putNumber` for any number of digits. */
export function putDigits(numbers: BigInt64Array, index: number, digits: string): boolean {
  const value = BigInt(digits);
  if (value > MAX || value < -MAX) return false;
  numbers[index] = value;
  return true;
}

/** `a[i] - b[j]`: exact below 2^53, and never wrong in its sign. */
export function difference(a: Uint32Array, i: number, b: Uint32Array, j: number): number {
  const top = ((a[2 * i + 1] ?? 0) | 0) - ((b[2 * j + 1] ?? 0) | 0);
  return top * WORD + ((a[2 * i] ?? 0) - (b[2 * j] ?? 0));
}

/** Whether the number at `index` is 0. */
export function isZero(words: Uint32Array, index: number): boolean {
  return words[2 * index] === 0 && words[2 * index + 1] === 0;
}
