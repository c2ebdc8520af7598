import type { FileHandle } from 'node:fs/promises';
import { readAt } from '../avi/avi-reader.js';
import { MAX_ROW_BYTES, METADATA_HEADER_START } from '../metadata-columns.js';
import type { FoundRow } from './left-open-timing.js';

/**
 * Finds rows in the metadata file of a take that was left open. A row is a line, because no value has a line feed. A file of
 * that name may belong to another recording, of which only this one is left: so a row counts only if it has the
 * timestamp that the timing file has.
 */

/** How far back the newest rows are searched for, bytes. At most 4096 rows and a batch wait for a commit. */
const WINDOWS = [2 ** 16, 2 ** 20, 2 ** 25];
const LINE_BREAK = 0x0a;

/**
 * Position after row `row` (from 1) of a metadata file of `fileBytes` bytes, or `undefined` if it has no such row with that
 * timestamp, or an incomplete one.
 */
export async function endOfMetadataRow(
  handle: FileHandle,
  row: number,
  { sensorTimestampNs }: Pick<FoundRow, 'sensorTimestampNs'>,
  fileBytes: number,
): Promise<number | undefined> {
  if (!(await hasHeader(handle, fileBytes))) return undefined;
  const start = `\n${row},${sensorTimestampNs},`;
  for (const bytes of WINDOWS) {
    const from = Math.max(0, fileBytes - bytes);
    const window = await readAt(handle, from, fileBytes - from);
    const at = window.lastIndexOf(start);
    const end = at === -1 ? -1 : window.indexOf(LINE_BREAK, at + start.length);
    if (end !== -1) return from + end + 1;
    if (from === 0) return undefined;
  }
  return undefined;
}

/**
 * Whether a metadata file is that of a take without a committed frame. `first`: the first row of its timing file, if that was
 * written. Then the metadata file has no row yet, or one with the same timestamp.
 */
export async function belongsToEmptyTake(
  handle: FileHandle,
  first: FoundRow | undefined,
  fileBytes: number,
): Promise<boolean> {
  const start = await readAt(handle, 0, Math.min(fileBytes, 2 * MAX_ROW_BYTES));
  const headerEnd = start.indexOf(LINE_BREAK);
  const hasRow = headerEnd !== -1 && start.indexOf(LINE_BREAK, headerEnd + 1) !== -1;
  if (!hasRow) return fileBytes <= start.length;
  return first !== undefined && (await endOfMetadataRow(handle, 1, first, fileBytes)) !== undefined;
}

async function hasHeader(handle: FileHandle, fileBytes: number): Promise<boolean> {
  const start = await readAt(handle, 0, Math.min(fileBytes, METADATA_HEADER_START.length));
  return start.toString('latin1') === METADATA_HEADER_START;
}
