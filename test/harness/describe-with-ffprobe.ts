import { describe } from '@jest/globals';
import { FFPROBE_ADVICE, hasFfprobe } from './need-ffprobe.js';

/** Set by `.ci/run`: there a missing reader is a failure, not a skip. */
const isRequired = process.env['CSI_CAMERAS_REQUIRE_READERS'] === '1';

/** `describe` for what needs ffprobe: where it is missing the tests are skipped and say so, or fail in the gate. */
export const describeWithFfprobe: typeof describe = choose();

function choose(): typeof describe {
  if (hasFfprobe || isRequired) return describe;
  process.stderr.write(`SKIPPED: ${FFPROBE_ADVICE}\n`);
  return describe.skip as typeof describe;
}
