import { spawnSync } from 'node:child_process';
import { describe } from '@jest/globals';

const ADVICE = 'ffprobe is missing, so recordings are not held against an independent reader: sudo apt install ffmpeg';

/** Set by `.ci/run`: there a missing reader is a failure, not a skip. */
const isRequired = process.env['CSI_CAMERAS_REQUIRE_READERS'] === '1';

export const hasFfprobe = spawnSync('ffprobe', ['-version']).status === 0;

/** Throws with the advice where ffprobe is missing. */
export function needFfprobe(): void {
  if (!hasFfprobe) throw new Error(ADVICE);
}

/** `describe` for what needs ffprobe: where it is missing the tests are skipped and say so, or fail in the gate. */
export const describeWithFfprobe: typeof describe = choose();

function choose(): typeof describe {
  if (hasFfprobe || isRequired) return describe;
  process.stderr.write(`SKIPPED: ${ADVICE}\n`);
  return describe.skip as typeof describe;
}
