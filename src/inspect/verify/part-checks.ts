import type { Finding } from '../verdict.js';
import type { Inspected } from './verify-recording.js';

/** A longer step than this many periods is a gap. */
const GAP_RATIO = 1.5;

/** Whether there is a take of the same trial and camera, looked at or not. */
export type TakeExists = (folder: string, trial: number, take: number) => Promise<boolean>;

/**
 * V24: of the parts of a recording each goes on where the one before ends. `all`: those that were looked at. A neighbour that
 * is there and was not looked at is not missed. Resolves with what is to be added to `part`; `null`: it has no neighbours.
 */
export async function checkParts(
  part: Inspected,
  all: readonly Inspected[],
  exists: TakeExists,
): Promise<readonly Finding[] | null> {
  const told = part.info?.csi_cameras.part;
  const { trial, take, files } = part.verified;
  if (told === undefined || trial === null || take === null) return null;
  const find = (number: number): Inspected | undefined =>
    all.find(
      ({ verified: other }) => other.files.folder === files.folder && other.trial === trial && other.take === number,
    );
  if ((told.number ?? 1) === 1 && told.continues_take === null && !told.is_continued) return null;
  const findings: Finding[] = [];
  const fail = (message: string): void => {
    findings.push({ id: 'V24', kind: 'failed', frame: null, message });
  };
  const before = told.continues_take;
  if ((told.number ?? 1) > 1 && before === null) fail(`it is part ${told.number}, and continues no take`);
  if (before !== null) {
    const earlier = find(before);
    if (earlier !== undefined) {
      if (earlier.info !== null && !earlier.info.csi_cameras.part.is_continued)
        fail(`it continues take ${before}, which says that it is not continued`);
      const step = stepProblem(earlier, part);
      if (step !== null) fail(step);
    } else if (!(await exists(files.folder, trial, before))) fail(`it continues take ${before}, which is missing`);
  }
  // The next part has a later take's number, not always the next one: another recording may have taken that.
  if (told.is_continued && !(await isContinued(part, all, exists)))
    fail('it is continued, and the next part is missing');
  return findings;
}

async function isContinued(part: Inspected, all: readonly Inspected[], exists: TakeExists): Promise<boolean> {
  const { trial, take, files } = part.verified;
  if (trial === null || take === null) return true;
  const continues = ({ verified, info }: Inspected): boolean =>
    verified.files.folder === files.folder &&
    verified.trial === trial &&
    // Its process may have died: then nobody knows what it continued.
    (info === null || info.csi_cameras.part.number === null
      ? (verified.take ?? 0) > take
      : info.csi_cameras.part.continues_take === take);
  if (all.some(continues)) return true;
  const isLookedAt = (number: number): boolean =>
    all.some(
      ({ verified: other }) => other.files.folder === files.folder && other.trial === trial && other.take === number,
    );
  for (let number = take + 1; await exists(files.folder, trial, number); number += 1)
    if (!isLookedAt(number)) return true; // it may be this one
  return false;
}

function stepProblem(earlier: Inspected, later: Inspected): string | null {
  const [end, start] = [earlier.lastSensorNs, later.firstSensorNs];
  const fps = later.verified.fps ?? earlier.verified.fps;
  if (end === 0n || start === 0n || fps === null || fps === 0) return null;
  const stepNs = Number(start - end);
  if (stepNs <= 0) return 'it begins before the part before it ends';
  const accounts = [earlier, later].map(({ info }) => info?.csi_cameras.account ?? null);
  // Where anything was lost, or nobody counted, it may be here.
  const isWhole = accounts.every(
    (account) => account !== null && account.delivered === account.recorded && account.source_gaps === 0,
  );
  const periods = (stepNs * fps) / 1e9;
  return isWhole && periods > GAP_RATIO
    ? `${periods.toFixed(1)} frame times lie between it and the part before it`
    : null;
}
