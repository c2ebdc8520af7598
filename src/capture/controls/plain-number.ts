import { WRITTEN_DIGITS } from '../../core/capture-limits.js';

/** The number as the capture tool reads it: decimal, never with an exponent. 29.97 stays 29.97. */
export function plainNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(WRITTEN_DIGITS)));
}
