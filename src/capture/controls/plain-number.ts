/** As many digits as the tool's own numbers have use for. 29.97 stays 29.97. */
const DIGITS = 6;

/** The smallest number that is not written as 0. */
export const SMALLEST = 10 ** -DIGITS;

/** The number as the capture tool reads it: decimal, at most six digits after the point, never with an exponent. */
export function plainNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(DIGITS)));
}
