/** Says on stderr what is not tested, and why. */
export function saySkipped(why: string): void {
  process.stderr.write(`SKIPPED: ${why}\n`);
}
