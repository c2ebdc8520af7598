import type { CameraRun } from './camera-run.js';
import { FramePairs } from './frame-pairs.js';

/** Which frames of two cameras are partners, and why the others have none. Nothing is read here. */

/**
 * `before`, `after`: the other camera was not recorded yet, or no longer. `gap`: it lost frames there. `rate`: it makes fewer
 * frames (rates that differ by more than 1 %). `slip`: the cameras drift, so that from time to time a frame finds its
 * partner taken. `apart`: its nearest is further away than the tolerance that was asked for.
 */
export type WhyAlone = 'before' | 'after' | 'gap' | 'rate' | 'slip' | 'apart';

export type Alone = Readonly<Record<WhyAlone, number>>;

export interface Matching {
  /** Of each frame of the reference that has a time: the index of its partner, -1 for none. */
  readonly partnerOf: Int32Array;
  readonly pairs: number;
  /** Sensor time of the partner minus that of the reference's frame, ns, sorted. */
  readonly offsetsNs: Float64Array;
  /** Frames without a partner: of the reference, and of the other camera. */
  readonly alone: { readonly reference: Alone; readonly other: Alone };
  /** Places where the pairing goes on with the next frame because the cameras drift; `null` where their rates differ. */
  readonly slips: number | null;
}

/** Rates that differ by more are meant to. */
const SAME_RATE = 0.01;
/** Of a frame time. A longer step is a gap. */
const GAP = 1.5;

/** Half a frame time of the faster camera. */
export function usualToleranceNs(one: CameraRun, other: CameraRun): number {
  return Math.min(one.period.medianNs, other.period.medianNs) / 2;
}

/** `askedNs`: the tolerance that was asked for, if any. */
export function matchFrames(reference: CameraRun, other: CameraRun, askedNs: number | undefined): Matching {
  const toleranceNs = askedNs ?? usualToleranceNs(reference, other);
  const partnerOf = new Int32Array(reference.timesNs.length).fill(-1);
  const isTaken = new Uint8Array(other.timesNs.length);
  let [at, otherAt, pairs] = [0, 0, 0];
  const offsetsNs = new Float64Array(Math.min(partnerOf.length, isTaken.length));
  // Pairs come in order of time, so each is found from the one before it.
  const pairing = new FramePairs(toleranceNs, (ns, otherNs) => {
    while ((reference.timesNs[at] ?? Infinity) < ns) at += 1;
    while ((other.timesNs[otherAt] ?? Infinity) < otherNs) otherAt += 1;
    partnerOf[at] = otherAt;
    isTaken[otherAt] = 1;
    offsetsNs[pairs] = otherNs - ns;
    pairs += 1;
  });
  inOrderOfTime(reference.timesNs, other.timesNs, (camera, ns) => {
    pairing.add(camera, ns);
  });
  pairing.end();
  const isPaired = [(index: number) => partnerOf[index] !== -1, (index: number) => isTaken[index] === 1] as const;
  return {
    partnerOf,
    pairs,
    offsetsNs: offsetsNs.subarray(0, pairs).sort(),
    ...loneliness([reference, other], isPaired, askedNs),
  };
}

/** Both cameras' frames in order of time, with their indices. Of two at one time the first camera's comes first. */
function inOrderOfTime(
  first: Float64Array,
  second: Float64Array,
  visit: (camera: 0 | 1, ns: number, index: number) => void,
): void {
  let [a, b] = [0, 0];
  while (a < first.length || b < second.length) {
    const [ns, otherNs] = [first[a] ?? Infinity, second[b] ?? Infinity];
    if (ns <= otherNs) visit(0, ns, a++);
    else visit(1, otherNs, b++);
  }
}

/** Why frames are alone: counted for each camera, and in how many places a slip is the cause. */
function loneliness(
  cameras: readonly [CameraRun, CameraRun],
  isPaired: readonly [(index: number) => boolean, (index: number) => boolean],
  askedNs: number | undefined,
): Pick<Matching, 'alone' | 'slips'> {
  const alone = [nobody(), nobody()] as const;
  const isSameRate = Math.abs(cameras[0].period.meanNs / cameras[1].period.meanNs - 1) <= SAME_RATE;
  /** Frames of each camera that came so far. */
  const came: [number, number] = [0, 0];
  let slips = 0;
  let isWithinSlip = false;
  inOrderOfTime(cameras[0].timesNs, cameras[1].timesNs, (camera, ns, index) => {
    came[camera] = index + 1;
    if (isPaired[camera](index)) {
      isWithinSlip = false;
      return;
    }
    const partner = camera === 0 ? 1 : 0;
    const why = whyAlone(ns, cameras[partner], came[partner], isSameRate, askedNs);
    alone[camera][why] += 1;
    if (why !== 'slip') return;
    if (!isWithinSlip) slips += 1;
    isWithinSlip = true;
  });
  return { alone: { reference: alone[0], other: alone[1] }, slips: isSameRate ? slips : null };
}

/** `came`: frames of that camera that came before this time. */
function whyAlone(
  ns: number,
  { timesNs, period }: CameraRun,
  came: number,
  isSameRate: boolean,
  askedNs: number | undefined,
): WhyAlone {
  if (came === 0) return 'before';
  if (came === timesNs.length) return 'after';
  const [last, next] = [timesNs[came - 1] ?? 0, timesNs[came] ?? 0];
  if (next - last > GAP * period.medianNs) return 'gap';
  if (!isSameRate) return 'rate';
  return askedNs !== undefined && Math.min(ns - last, next - ns) > askedNs ? 'apart' : 'slip';
}

function nobody(): Record<WhyAlone, number> {
  return { before: 0, after: 0, gap: 0, rate: 0, slip: 0, apart: 0 };
}
