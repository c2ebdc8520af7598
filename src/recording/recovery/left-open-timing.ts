import type { FileHandle } from 'node:fs/promises';
import { readAt } from '../avi/avi-reader.js';
import { TIMING_HEADER } from '../timing-csv.js';

/** How far back the newest rows are searched for, bytes. At most 4096 rows wait for a commit. */
const WINDOWS = [2 ** 16, 2 ** 20, 2 ** 24];
/** Maximum size of the columns before a row's times: ids and a label. */
export const MAX_PREFIX_BYTES = 2 ** 16;
const COLUMNS_BEFORE_TIMES = 4;
/** record_time_unix, record_time_mono, frame_index, sensor_timestamp_ns, video_pts. */
const TIMES = /^-?\d+\.\d{6},-?\d+\.\d{9},(\d+),(-?\d+),(\d+)$/;
const LINE_BREAK = 0x0a;

/** A row of a timing file. */
export interface FoundRow {
  /** Position after it. */
  readonly end: number;
  /** As it is written. */
  readonly sensorTimestampNs: string;
}

/**
 * Row `rows` (from 1) of a timing file of `fileBytes` bytes, or `undefined` if that row is missing or incomplete. Later rows belong to frames that the video does not have. The search runs from the end, because
 * such files have millions of rows.
 */
export async function findTimingRow(
  handle: FileHandle,
  rows: number,
  fileBytes: number,
): Promise<FoundRow | undefined> {
  const start = await readAt(handle, 0, Math.min(fileBytes, TIMING_HEADER.length + MAX_PREFIX_BYTES));
  if (start.toString('latin1', 0, TIMING_HEADER.length) !== TIMING_HEADER) return undefined;
  const prefix = prefixOf(start.subarray(TIMING_HEADER.length));
  if (prefix === undefined) return undefined;
  for (const bytes of WINDOWS) {
    const from = Math.max(TIMING_HEADER.length - 1, fileBytes - bytes); // includes the line break before the first row
    const window = await readAt(handle, from, fileBytes - from);
    const row = findRowIn(window, prefix, rows);
    if (row !== undefined) return { ...row, end: from + row.end };
    if (from === TIMING_HEADER.length - 1) return undefined;
  }
  return undefined;
}

/** The start of a row up to the fourth comma outside quotes. It is the same in every row. */
export function prefixOf(row: Buffer): Buffer | undefined {
  let commas = 0;
  let isQuoted = false;
  for (const [at, byte] of row.entries()) {
    if (byte === 0x22) isQuoted = !isQuoted; // a doubled quote toggles twice
    if (byte !== 0x2c || isQuoted) continue;
    commas += 1;
    if (commas === COLUMNS_BEFORE_TIMES) return row.subarray(0, at + 1);
  }
  return undefined;
}

function findRowIn(window: Buffer, prefix: Buffer, row: number): FoundRow | undefined {
  for (let at = window.lastIndexOf(prefix); at > 0; at = window.lastIndexOf(prefix, at - 1)) {
    if (window[at - 1] !== LINE_BREAK) continue;
    const end = window.indexOf(LINE_BREAK, at + prefix.length);
    if (end === -1) continue; // half a row
    const [, index, sensorTimestampNs, pts] = TIMES.exec(window.toString('latin1', at + prefix.length, end)) ?? [];
    if (sensorTimestampNs === undefined || index !== pts) continue; // torn
    if (Number(index) === row) return { end: end + 1, sensorTimestampNs };
    if (Number(index) < row) return undefined;
  }
  return undefined;
}
