import type { FileHandle } from 'node:fs/promises';
import type { Alignment } from './alignment.js';
import type { CameraRun } from './camera-run.js';
import { CannotAlign } from './cannot-align.js';

/**
 * The align file: CSV, one row for each frame of the reference, in order. `docs/aligning.md` has its columns. Every cell is
 * a number: 0 stands for "none", because older readers turn a column with a blank into doubles, which lose nanoseconds.
 */

/** Columns before those of the cameras. */
export const TUPLE_COLUMNS = ['tuple', 'time_ns', 'complete'] as const;
/** Of each camera, behind its name. */
export const CAMERA_COLUMNS = ['frame', 'take', 'sensor_timestamp_ns', 'offset_us'] as const;

/** `picam_0` for `picam:0`. */
export function columnName(deviceId: string): string {
  return deviceId.replaceAll(/[^A-Za-z0-9]+/g, '_');
}

/** The cameras in the order of their columns. */
export function camerasOf({ reference, others }: Alignment): readonly CameraRun[] {
  return [reference, ...others.map(({ run }) => run)];
}

export interface WrittenTuples {
  readonly tuples: number;
  /** Tuples in which every camera has a frame. */
  readonly complete: number;
}

const BATCH_ROWS = 4096;

/**
 * Writes the file. `onlyComplete`: tuples that lack a frame are left out; the others keep their numbers. Rejects with
 * Node's error, with `CannotAlign` where two cameras would have columns of one name, and with the reason of `signal`.
 */
export async function writeAlignFile(
  handle: FileHandle,
  alignment: Alignment,
  onlyComplete: boolean,
  signal?: AbortSignal,
): Promise<WrittenTuples> {
  const cameras = camerasOf(alignment);
  await handle.appendFile(headerLine(cameras));
  const { reference } = alignment;
  let [tuples, complete] = [0, 0];
  for (let from = 0; from < reference.timesNs.length; from += BATCH_ROWS) {
    signal?.throwIfAborted();
    const rows: string[] = [];
    const until = Math.min(from + BATCH_ROWS, reference.timesNs.length);
    for (let index = from; index < until; index += 1) {
      const isComplete = alignment.others.every(({ matching }) => matching.partnerOf[index] !== -1);
      if (isComplete) complete += 1;
      if (onlyComplete && !isComplete) continue;
      tuples += 1;
      rows.push(tupleLine(alignment, index, isComplete));
    }
    await handle.appendFile(rows.join(''));
  }
  return { tuples, complete };
}

function headerLine(cameras: readonly CameraRun[]): string {
  const names = cameras.map(({ deviceId }) => columnName(deviceId));
  if (new Set(names).size < names.length) {
    throw new CannotAlign(`Two cameras would have columns of one name: ${names.join(', ')}.`);
  }
  const columns = names.flatMap((name) => CAMERA_COLUMNS.map((column) => `${name}_${column}`));
  return `${[...TUPLE_COLUMNS, ...columns].join(',')}\n`;
}

function tupleLine({ originNs, reference, others }: Alignment, index: number, isComplete: boolean): string {
  const ns = reference.timesNs[index] ?? 0;
  const cells = [cameraCells(reference, index, ns, originNs)];
  for (const { run, matching } of others) cells.push(cameraCells(run, matching.partnerOf[index] ?? -1, ns, originNs));
  return `${index + 1},${ns},${isComplete ? 1 : 0},${cells.join(',')}\n`;
}

const NONE = '0,0,0,0.000';

function cameraCells(
  { takes, timesNs, takeAt, frameAt }: CameraRun,
  index: number,
  ns: number,
  originNs: bigint,
): string {
  if (index === -1) return NONE;
  const ownNs = timesNs[index] ?? 0;
  const take = takes[takeAt[index] ?? 0]?.take ?? 1;
  return `${frameAt[index] ?? 0},${take},${originNs + BigInt(ownNs)},${microseconds(ownNs - ns)}`;
}

/** With exactly three digits behind the point: whole nanoseconds. */
function microseconds(ns: number): string {
  const digits = String(Math.abs(ns)).padStart(4, '0');
  return `${ns < 0 ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`;
}
