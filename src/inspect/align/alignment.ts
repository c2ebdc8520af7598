import type { RecordingFiles } from '../recording-files.js';
import { type CameraRun, cameraRun, originOf, type RunTake } from './camera-run.js';
import { CannotAlign } from './cannot-align.js';
import { type Matching, matchFrames, usualToleranceNs } from './matching.js';
import { readTake } from './read-take.js';
import { readoutWarnings } from './readout.js';
import { checkSameClock } from './same-clock.js';

/** The cameras of one trial laid side by side: each frame of a reference with its partners of the other cameras. */

export interface AlignedCamera {
  readonly run: CameraRun;
  readonly matching: Matching;
  readonly toleranceNs: number;
}

export interface Alignment {
  readonly trial: number;
  /** What all times count from: the earliest sensor time. */
  readonly originNs: bigint;
  readonly reference: CameraRun;
  /** By their ids. */
  readonly others: readonly AlignedCamera[];
  /** Sentences: what to know before one trusts it. */
  readonly warnings: readonly string[];
}

export interface AlignWishes {
  /** Id of the camera whose frames the others are matched with. Default: the slowest one. */
  readonly reference?: string | undefined;
  readonly toleranceNs?: number | undefined;
}

/** Periods that differ by less are those of cameras that are set to one rate: the lower id is the reference then. */
const SAME_PERIOD = 0.01;

/** Reads and aligns the recordings of one trial. Rejects with `CannotAlign`, and as the readers of files do. */
export async function alignTrial(
  trial: number,
  recordings: readonly RecordingFiles[],
  { reference: wanted, toleranceNs: askedNs }: AlignWishes,
): Promise<Alignment> {
  const takes: RunTake[] = [];
  for (const files of recordings) takes.push(await readTake(files));
  const byDevice = new Map<string, RunTake[]>();
  for (const take of takes.filter(({ sensorNs }) => sensorNs.length > 0)) {
    byDevice.set(take.deviceId, [...(byDevice.get(take.deviceId) ?? []), take]);
  }
  refuseTwoFolders(byDevice);
  if (byDevice.size < 2) {
    const [only = 'no camera'] = byDevice.keys();
    throw new CannotAlign(`Trial ${trial} holds frames of ${only} alone: two cameras are needed.`);
  }
  const notes = checkSameClock(takes);
  const originNs = originOf(takes);
  const ids = [...byDevice.keys()].sort((a, b) => IDS.compare(a, b));
  const runs = ids.map((id) => cameraRun(byDevice.get(id) ?? [], originNs));
  const reference = wanted === undefined ? slowest(runs) : runs.find(({ deviceId }) => deviceId === wanted);
  if (reference === undefined) {
    throw new CannotAlign(`Trial ${trial} has no camera ${wanted ?? ''}. It has ${ids.join(', ')}.`, true);
  }
  const others = runs.filter((run) => run !== reference).map((run) => alignedWith(reference, run, askedNs));
  const warnings = [...notes, ...runs.flatMap(lostTimes), ...readoutWarnings(runs)];
  return { trial, originNs, reference, others, warnings };
}

const IDS = new Intl.Collator('en', { numeric: true });

function alignedWith(reference: CameraRun, run: CameraRun, askedNs: number | undefined): AlignedCamera {
  const toleranceNs = askedNs ?? usualToleranceNs(reference, run);
  return { run, matching: matchFrames(reference, run, askedNs), toleranceNs };
}

function slowest(runs: readonly CameraRun[]): CameraRun | undefined {
  const longestNs = Math.max(...runs.map(({ period }) => period.medianNs || 0));
  return runs.find(({ period }) => period.medianNs >= longestNs * (1 - SAME_PERIOD)) ?? runs[0];
}

function refuseTwoFolders(byDevice: ReadonlyMap<string, readonly RunTake[]>): void {
  for (const [deviceId, takes] of byDevice) {
    const [one, other] = new Set(takes.map(({ files }) => files.folder));
    if (one === undefined || other === undefined) continue;
    throw new CannotAlign(
      `${deviceId} has recordings of this trial in two folders, ${one} and ${other}. Move those of one camera away.`,
    );
  }
}

function lostTimes({ deviceId, withoutTime, disordered }: CameraRun): readonly string[] {
  const tell = (frames: number, what: string): readonly string[] =>
    frames === 0 ? [] : [`${deviceId}: ${frames} frame${frames === 1 ? '' : 's'} ${what} cannot be matched.`];
  return [
    ...tell(withoutTime, 'without a sensor time'),
    ...tell(disordered, 'with a sensor time that is out of order'),
  ];
}
