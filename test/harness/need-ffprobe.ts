import { FFMPEG, missingText } from '../../scripts/readers.mjs';

/** Why recordings cannot be held against an independent reader, or `undefined` where they can. */
export const ffprobeMissing = missingText(FFMPEG);

export const hasFfprobe = ffprobeMissing === undefined;

/** Throws with the advice where ffprobe is missing. */
export function needFfprobe(): void {
  if (ffprobeMissing !== undefined) throw new Error(ffprobeMissing);
}
