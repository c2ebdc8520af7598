// @ts-check
import { statSync } from 'node:fs';
import { sep } from 'node:path';

/**
 * The order of the suites that drive real processes (`--testSequencer`): jest knows how long each took only where it has run
 * before, and goes by the size of the file elsewhere, as in a clean checkout. Small files that take long would come last then,
 * one worker waiting for the other.
 */

/** Suites that take longer than the size of their file tells, from 20 seconds on; the longest first. */
const LONG = [
  'test/crash/crash.test.ts',
  'test/soak/soak.test.ts',
  'test/process/monitor/states.test.ts',
  'test/process/host-protocol.test.ts',
  'test/process/documents/commands.test.ts',
  'test/process/package.test.ts',
  'test/faults/disk-stalls.test.ts',
  'test/properties/any-sequence.test.ts',
  'test/readers/inspect/agreement.test.ts',
  'test/process/module/held-settings.test.ts',
  'test/process/cli/ended-together.test.ts',
  'test/process/module/slow-camera.test.ts',
];

/** @typedef {{ readonly path: string }} Test */

/** Throws where a suite that is named here is not among all of them. @param {readonly Test[]} all */
export function expectLongOnes(all) {
  const gone = LONG.filter((name) => !all.some(({ path }) => path.endsWith(`${sep}${name}`)));
  if (gone.length > 0) throw new Error(`scripts/longest-first.mjs names what is no suite any more: ${gone.join(', ')}`);
}

export default class LongestFirst {
  /** @param {readonly Test[]} tests */
  sort(tests) {
    /** @param {Test} test */
    const place = ({ path }) => {
      const at = LONG.findIndex((name) => path.endsWith(`${sep}${name}`));
      return at === -1 ? LONG.length : at;
    };
    const sizes = new Map(tests.map(({ path }) => [path, statSync(path).size]));
    return tests.toSorted((a, b) => place(a) - place(b) || (sizes.get(b.path) ?? 0) - (sizes.get(a.path) ?? 0));
  }

  /** Nothing is kept: the order is the same everywhere. */
  cacheResults() {
    // jest calls it after each run
  }
}
