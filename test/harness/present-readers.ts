import { missingText, type Reader } from '../../scripts/readers.mjs';
import { saySkipped } from './say-skipped.js';

/** Whether a reader is there with all that is needed of it. Where it is not, says so. */
export function isPresent(reader: Reader): boolean {
  const missing = missingText(reader);
  if (missing !== undefined) saySkipped(missing);
  return missing === undefined;
}
