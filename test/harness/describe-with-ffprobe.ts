import { describe } from '@jest/globals';
import { ffprobeMissing } from './need-ffprobe.js';
import { saySkipped } from './say-skipped.js';

/** Set by `.ci/run`: there a missing ffprobe is a failure, not a skip. */
const isRequired = process.env['CSI_CAMERAS_REQUIRE_READERS'] === '1';

/** `describe` for what needs ffprobe: where it is missing the tests are skipped and say so, or fail in the gate. */
export const describeWithFfprobe: typeof describe = choose();

function choose(): typeof describe {
  if (ffprobeMissing === undefined || isRequired) return describe;
  saySkipped(ffprobeMissing);
  return describe.skip as typeof describe;
}
