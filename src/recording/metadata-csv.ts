import type { FileHandle } from 'node:fs/promises';
import { MetadataColumns, type MetadataRow } from './metadata-columns.js';
import { RowFile } from './row-file.js';

export interface MetadataCsvOptions {
  /** Path for error messages. */
  readonly path: string;
  /** Metadata whose names become the columns: those of the first frame; '' where it has none. */
  readonly first: string;
  /** Called once, if a row does not hold everything that the camera told. Must not throw. */
  readonly onFirstCut: () => void;
}

/**
 * The metadata file: one row for each frame, one column for each thing that the camera tells. Rejects and closes the descriptor
 * as `RowFile.create` does.
 */
export function createMetadataCsv(
  handle: FileHandle,
  { path, first, onFirstCut }: MetadataCsvOptions,
): Promise<RowFile<MetadataRow>> {
  let isTold = false;
  const columns = new MetadataColumns(first, () => {
    if (!isTold) onFirstCut();
    isTold = true;
  });
  return RowFile.create(handle, {
    path,
    header: columns.header,
    format: (row: MetadataRow, index) => columns.row(row, index),
  });
}
