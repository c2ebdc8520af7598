import type { FileHandle } from 'node:fs/promises';
import { BETWEEN, INDEX_COLUMNS, METADATA_HEADER_START, OTHER_COLUMN } from '../../recording/metadata-columns.js';
import { openToInspect } from '../open-file.js';
import { csvRecord } from '../rows/csv-record.js';
import { CannotClip } from './cannot-clip.js';
import type { ClipSource } from './clip-source.js';
import type { FrameRange } from './frame-range.js';

/**
 * The rows of a metadata file, turned back into the lines `Name=Value` that the camera told, so that the recorder makes the
 * same rows of them. Empty columns become a line too: without it the clip would lack a column that its first frame lacks.
 */

const BLOCK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

/** The lines for the frames of the range, in order; only '' where the source has no metadata file. */
export async function* metadataTexts(
  { files, rows }: ClipSource,
  { first, last }: FrameRange,
): AsyncGenerator<string, void, undefined> {
  const { metadataPath } = files;
  if (metadataPath === null) {
    for (let frame = first; frame <= last; frame += 1) yield '';
    return;
  }
  const doesNotFit = (): CannotClip =>
    new CannotClip(`${metadataPath} does not fit its video. Move it away to cut a clip without metadata.`);
  const file = await openToInspect(metadataPath);
  try {
    let names: readonly string[] | undefined;
    let row = 0;
    for await (const line of linesOf(file, doesNotFit)) {
      if (names === undefined) {
        names = namesIn(line, doesNotFit);
        continue;
      }
      row += 1;
      if (row < first) continue;
      const fields = fieldsOf(line, doesNotFit);
      const isItsRow = fields[0] === String(row) && fields[1] === String(rows.sensorNs[row - 1]);
      if (!isItsRow || fields.length !== names.length + INDEX_COLUMNS.length + 1) throw doesNotFit();
      yield textOf(names, fields.slice(INDEX_COLUMNS.length));
      if (row === last) return;
    }
    throw doesNotFit();
  } finally {
    await file.close();
  }
}

function textOf(names: readonly string[], values: readonly string[]): string {
  const lines = names.map((name, at) => `${name}=${values[at] ?? ''}`);
  const other = values[names.length] ?? '';
  return [...lines, ...(other === '' ? [] : other.split(BETWEEN))].join('\n');
}

function namesIn(line: Buffer, doesNotFit: () => CannotClip): readonly string[] {
  const fields = fieldsOf(line, doesNotFit);
  if (!line.toString('latin1').startsWith(METADATA_HEADER_START) || fields.at(-1) !== OTHER_COLUMN) throw doesNotFit();
  return fields.slice(INDEX_COLUMNS.length, -1);
}

function fieldsOf(line: Buffer, doesNotFit: () => CannotClip): readonly string[] {
  const record = csvRecord(line, 0, line.length);
  if (record === 'partial' || record === 'wrong') throw doesNotFit();
  return record.fields;
}

/** Lines with their line feed. A row of this file is always one line. */
async function* linesOf(file: FileHandle, doesNotFit: () => CannotClip): AsyncGenerator<Buffer, void, undefined> {
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return;
    length += bytesRead;
    let from = 0;
    for (let at = buffer.indexOf(LINE_FEED); at !== -1 && at < length; at = buffer.indexOf(LINE_FEED, from)) {
      yield buffer.subarray(from, at + 1);
      from = at + 1;
    }
    buffer.copyWithin(0, from, length);
    length -= from;
    if (length === buffer.length) throw doesNotFit();
  }
}
