import type { ProgressLine } from '../progress.js';
import { comparedCameras } from './comparing.js';
import { namingFor } from './notes.js';
import type { OpenCamera } from './opening.js';
import { summaryOfSeveral } from './several-summary.js';
import { howToHold, isWhole, summaryOf, type Take } from './summary.js';

/** What a recording came to: the exit code and what a person is told of it at the end. */
export interface Outcome {
  readonly code: number;
  readonly summary?: string;
  readonly errors?: readonly string[];
  /** Why nothing is recorded any more, though nobody ended it; for a supervisor, which tries again. */
  readonly endedBy?: string;
}

/** Of several cameras the worst counts: `failed`, then `incomplete`. */
export const EXIT = { recorded: 0, failed: 1, wrongUsage: 2, incomplete: 3 } as const;

/** No recording, and why not, in sentences. */
export function failWith(...errors: readonly string[]): Outcome {
  return { code: EXIT.failed, errors, endedBy: errors.join(' ') };
}

/** The outcome for one camera, or the worst of several. `takes`: of all of them. */
export async function outcomeOf(
  cameras: readonly OpenCamera[],
  takes: readonly Take[],
  isSimulated: boolean,
  line: ProgressLine,
): Promise<Outcome> {
  const recordings = cameras.map((camera) => ({
    ...camera,
    takes: takes.filter((take) => take.device_id === camera.deviceId),
  }));
  const naming = namingFor(cameras.map(({ deviceId }) => deviceId));
  const errors = recordings
    .filter((recording) => recording.takes.length === 0)
    .map(({ deviceId }) => naming(deviceId, 'No frame was recorded. See csicameras.log.'));
  if (takes.length === 0) return failWith(...errors);
  const hold = howToHold(takes, isSimulated);
  const code = codeOf(recordings.map((recording) => recording.takes));
  const [first] = recordings;
  if (recordings.length === 1 && first !== undefined)
    return { code, summary: `${summaryOf(takes, first.view)}${hold}` };
  const offsets = await comparedCameras(
    recordings
      .filter((recording) => recording.takes.length > 0)
      .map(({ deviceId, fps, takes: own }) => ({ deviceId, fps, timingPaths: own.flatMap(timingPathsOf) })),
    line,
  );
  return { code, errors, summary: `${summaryOfSeveral(recordings, offsets)}${hold}` };
}

function codeOf(cameras: readonly (readonly Take[])[]): number {
  if (cameras.some((takes) => takes.length === 0)) return EXIT.failed;
  return cameras.every((takes) => isWhole(takes)) ? EXIT.recorded : EXIT.incomplete;
}

function timingPathsOf(take: Take): readonly (string | null)[] {
  return (take.parts ?? [take]).map((part) => part.timing_path);
}
