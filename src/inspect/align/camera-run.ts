import type { InfoFile } from '../../recording/info/info-file.js';
import type { RecordingFiles } from '../recording-files.js';
import { ascendingOnes } from './ascending.js';
import { CannotAlign } from './cannot-align.js';
import { type OwnPeriod, ownPeriod } from './own-period.js';

/** One video of a camera, with what of its rows is needed here. */
export interface RunTake {
  readonly files: RecordingFiles;
  readonly take: number;
  readonly deviceId: string;
  /** Of its frames, in order; 0n: the camera gave none. */
  readonly sensorNs: BigInt64Array;
  /** Wall clock minus monotonic clock over its rows, ns: least and most. */
  readonly wallMinusMonoNs: readonly [least: bigint, most: bigint];
  /** `null`: there is none that can be read. */
  readonly info: InfoFile | null;
}

/** All frames of one camera in a trial, its takes one behind the other. */
export interface CameraRun {
  readonly deviceId: string;
  /** By their first sensor time. */
  readonly takes: readonly RunTake[];
  /** Frames in all videos. */
  readonly frames: number;
  /** Frames without a sensor time. */
  readonly withoutTime: number;
  /** Frames whose sensor time is not in order with the others'. */
  readonly disordered: number;
  /** Of all other frames: nanoseconds after the origin, strictly ascending. */
  readonly timesNs: Float64Array;
  /** Which take each of these is in (index in `takes`), and its frame number there, from 1. */
  readonly takeAt: Uint16Array;
  readonly frameAt: Uint32Array;
  readonly period: OwnPeriod;
}

/** The earliest sensor time: what times are counted from, so that a double tells each nanosecond of 104 days. */
export function originOf(takes: readonly RunTake[]): bigint {
  let origin: bigint | undefined;
  for (const { sensorNs } of takes) {
    const first = sensorNs.find((ns) => ns !== 0n);
    if (first !== undefined && (origin === undefined || first < origin)) origin = first;
  }
  return origin ?? 0n;
}

/** Lays the takes of one camera behind one another. Throws `CannotAlign` where no frame has a sensor time. */
export function cameraRun(given: readonly RunTake[], originNs: bigint): CameraRun {
  const takes = given.toSorted((a, b) => compare(firstTime(a), firstTime(b)) || a.take - b.take);
  const deviceId = takes[0]?.deviceId ?? '';
  const frames = takes.reduce((sum, { sensorNs }) => sum + sensorNs.length, 0);
  const timesNs = new Float64Array(frames);
  const takeAt = new Uint16Array(frames);
  const frameAt = new Uint32Array(frames);
  let count = 0;
  for (const [index, { sensorNs }] of takes.entries()) {
    for (const [row, ns] of sensorNs.entries()) {
      if (ns === 0n) continue;
      timesNs[count] = Number(ns - originNs);
      takeAt[count] = index;
      frameAt[count] = row + 1;
      count += 1;
    }
  }
  if (count === 0) {
    throw new CannotAlign(`${deviceId} told no sensor times (0 in all rows), so its frames cannot be aligned.`);
  }
  const withTimes = { timesNs: timesNs.subarray(0, count), takeAt, frameAt };
  const { timesNs: inOrder, ...places } = isAscending(withTimes.timesNs) ? withTimes : withoutDisorder(withTimes);
  return {
    deviceId,
    takes,
    frames,
    withoutTime: frames - count,
    disordered: count - inOrder.length,
    timesNs: inOrder,
    ...places,
    period: ownPeriod(inOrder),
  };
}

type Places = Pick<CameraRun, 'timesNs' | 'takeAt' | 'frameAt'>;

function withoutDisorder({ timesNs, takeAt, frameAt }: Places): Places {
  const chosen = ascendingOnes(timesNs);
  return {
    timesNs: Float64Array.from(chosen, (at) => timesNs[at] ?? 0),
    takeAt: Uint16Array.from(chosen, (at) => takeAt[at] ?? 0),
    frameAt: Uint32Array.from(chosen, (at) => frameAt[at] ?? 0),
  };
}

function isAscending(times: Float64Array): boolean {
  for (let at = 1; at < times.length; at += 1) if ((times[at] ?? 0) <= (times[at - 1] ?? 0)) return false;
  return true;
}

function firstTime({ sensorNs }: RunTake): bigint {
  return sensorNs.find((ns) => ns !== 0n) ?? 0n;
}

function compare(one: bigint, other: bigint): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
