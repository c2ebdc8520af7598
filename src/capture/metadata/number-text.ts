/** Numbers in the bytes of a metadata line. Nothing here makes a string, and nothing throws. */

const DIGIT_ZERO = 0x30;
const POINT = 0x2e;
const MINUS = 0x2d;

/** 2^64 has 20 digits. */
const MAX_DIGITS = 20;
const LOW_DIGITS = 9;
const LOW_FACTOR = 1_000_000_000n;

/** A double holds 15 decimal digits exactly, and so a division by a power of ten gives the nearest double. */
const MAX_DECIMAL_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: MAX_DECIMAL_DIGITS + 1 }, (_, power) => 10 ** power);

/** What `parseDecimal` gives for text that is no number. */
export const NO_NUMBER = -1;

/**
 * A whole number of up to 20 digits, or 0n if the text is not one. It is parsed in two halves, each below 2^53,
 * because a nanosecond value does not fit a double and a string would cost another allocation.
 */
export function parseDigits(text: Buffer, start: number, end: number): bigint {
  const digits = end - start;
  if (digits <= 0 || digits > MAX_DIGITS) return 0n;
  const lowStart = Math.max(start, end - LOW_DIGITS);
  const high = parseShort(text, start, lowStart);
  const low = parseShort(text, lowStart, end);
  if (high === -1 || low === -1) return 0n;
  return BigInt(high) * LOW_FACTOR + BigInt(low);
}

/**
 * A number of up to 15 digits, with or without a point: `12`, `1.712000`. `NO_NUMBER` for all other text: no sign is
 * allowed, no exponent, no `nan` and no `inf`. libcamera writes its numbers with `%f` and has none of them to say here.
 */
export function parseDecimal(text: Buffer, start: number, end: number): number {
  let value = 0;
  let digits = 0;
  let pointAt = -1;
  for (let index = start; index < end; index += 1) {
    const byte = text[index] ?? 0;
    if (byte === POINT && pointAt === -1) {
      pointAt = index;
      continue;
    }
    const digit = byte - DIGIT_ZERO;
    if (digit < 0 || digit > 9 || digits === MAX_DECIMAL_DIGITS) return NO_NUMBER;
    value = value * 10 + digit;
    digits += 1;
  }
  if (digits === 0) return NO_NUMBER;
  return pointAt === -1 ? value : value / (POWERS_OF_TEN[end - pointAt - 1] ?? 1);
}

/** A whole number of up to 15 digits, which may be negative. `null` for all other text. */
export function parseSigned(text: Buffer, start: number, end: number): number | null {
  const isNegative = text[start] === MINUS;
  const from = isNegative ? start + 1 : start;
  const digits = end - from;
  if (digits <= 0 || digits > MAX_DECIMAL_DIGITS) return null;
  let value = 0;
  for (let index = from; index < end; index += 1) {
    const digit = (text[index] ?? 0) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) return null;
    value = value * 10 + digit;
  }
  return isNegative && value > 0 ? -value : value;
}

/** At most 11 digits; -1 if the text contains anything else. */
function parseShort(text: Buffer, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index += 1) {
    const digit = (text[index] ?? 0) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
