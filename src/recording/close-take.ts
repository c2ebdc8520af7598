import type { Clock } from '../core/clock.js';
import { type CsiCamerasError, fileError, isFileSizeLimit } from '../core/errors.js';
import type { InfoFiles } from './info/info-files.js';
import type { RecordingPart, Unreachable } from './recording-session.js';
import { commitTake, locateAtEnd, partOf, type Take, type TakeDependencies } from './take.js';
import { removeTakeFiles } from './takes/take-files.js';
import { removedError } from './takes/whereabouts.js';

/**
 * How long the end of a recording tries to save the newest frames on a full disk. A whole shutdown has two seconds.
 */
const SAVING_LIMIT_NS = 700_000_000n;

interface CloseDependencies extends TakeDependencies {
  readonly clock: Clock;
}

/** What is left of a recording's last take. */
interface LastTake {
  /** One, or none if no frame was kept. */
  readonly parts: readonly RecordingPart[];
  readonly failure?: unknown;
  readonly unreachable?: Unreachable;
}

export const NOTHING_LEFT: LastTake = { parts: [] };

/**
 * Ends a recording's last take with the frames that can be saved. Without a frame it removes the files. Never rejects.
 * `before`: the failure that ended the recording, if any. `infos`: hears of the take when its files are final.
 */
export async function closeTake(
  take: Take,
  before: CsiCamerasError | undefined,
  dependencies: CloseDependencies,
  infos: InfoFiles,
): Promise<LastTake> {
  const { fileSystem, sync, onFiles } = dependencies;
  const { video, rows } = take;
  const location = await locateAtEnd(fileSystem, take);
  const { whereabouts, isVideoGone, paths } = location;
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<unknown>) => {
    const failure = await work().catch((thrown: unknown) => thrown);
    if (failure !== undefined) failures.push(failure);
  };
  if (whereabouts.kind === 'removed') failures.push(removedError(whereabouts.path));
  video.beginEnd();
  await attempt(() => saveTake(take, before, dependencies));
  const isKept = video.committedFrames > 0 && !isVideoGone;
  if (isKept) {
    await attempt(() => video.finalize());
    await attempt(() => rows.finalize(sync !== 'never'));
  }
  await attempt(() => video.abandon());
  await attempt(() => rows.abandon());
  if (!isKept && !isVideoGone) await attempt(() => removeTakeFiles(fileSystem, paths, take.folder));
  onFiles(take.paths.videoPath, false);
  const failure = failures[0];
  if (!isKept) return { parts: [], failure };
  await infos.add(take, location);
  const kept = { parts: [partOf(take, paths)], failure };
  return whereabouts.kind === 'unreachable' ? { ...kept, unreachable: whereabouts } : kept;
}

/**
 * Commits the remaining frames of a take. Where there is no room (a full disk, a file that cannot grow) it gives up the
 * newest frames (one, two, four, ...) until the others fit. The first one usually frees more space than all rows and
 * entries need. After other failures only committed frames can be trusted. Resolves with the first failure, if any.
 */
async function saveTake(
  take: Take,
  before: CsiCamerasError | undefined,
  { clock, sync }: CloseDependencies,
): Promise<CsiCamerasError | undefined> {
  const { video, rows } = take;
  let firstFailure: CsiCamerasError | undefined;
  let last = before;
  let step = 1;
  const deadlineNs = clock.monotonicNs() + SAVING_LIMIT_NS;
  for (;;) {
    try {
      // A file that cannot grow would not get its size back. There the cover hides what is torn.
      if (last !== undefined && !isFileSizeLimit(last)) await video.cutTorn();
      await commitTake(take, sync);
      return firstFailure;
    } catch (thrown) {
      last = fileError('checkpoint', take.paths.videoPath, thrown);
      firstFailure ??= last;
      const pending = video.frames - video.committedFrames;
      if (pending === 0) return firstFailure;
      const hasNoRoom = last.code === 'disk_full' || isFileSizeLimit(last);
      const isWorthTrying = hasNoRoom && clock.monotonicNs() < deadlineNs;
      const kept = video.frames - (isWorthTrying ? Math.min(step, pending) : pending);
      step *= 2;
      video.forgetAfter(kept);
      rows.forgetAfter(kept);
    }
  }
}
