import { missingText, type Reader } from '../../scripts/readers.mjs';

/** Says on stderr what is not tested, and why. */
export function saySkipped(why: string): void {
  process.stderr.write(`SKIPPED: ${why}\n`);
}

/** Whether a reader is there with all that is needed of it. Where it is not, says so. */
export function isPresent(reader: Reader): boolean {
  const missing = missingText(reader);
  if (missing !== undefined) saySkipped(missing);
  return missing === undefined;
}
