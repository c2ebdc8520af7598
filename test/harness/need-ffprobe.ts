import { spawnSync } from 'node:child_process';

export const FFPROBE_ADVICE =
  'ffprobe is missing, so recordings are not held against an independent reader: sudo apt install ffmpeg';

export const hasFfprobe = spawnSync('ffprobe', ['-version']).status === 0;

/** Throws with the advice where ffprobe is missing. */
export function needFfprobe(): void {
  if (!hasFfprobe) throw new Error(FFPROBE_ADVICE);
}
