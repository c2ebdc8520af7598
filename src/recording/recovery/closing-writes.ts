import type { FileHandle } from 'node:fs/promises';
import type { SyncPolicy } from '../avi/avi-file.js';
import type { FoundHeader } from '../avi/avi-header-reader.js';
import { type AviGeometry, HeaderBlock } from '../avi/avi-layout.js';
import { noCopies } from '../avi/header-copy.js';
import { writeParts } from '../avi/positional-write.js';

/** The writes that close a video whose end is there already. */

/** Clears the header's copies. The header is synced before, because without it the copies are all that is left. */
export async function clearCopies(video: FileHandle, geometry: AviGeometry, sync: SyncPolicy): Promise<void> {
  if (sync !== 'never') await video.datasync();
  const { position, parts } = noCopies(geometry);
  await write(video, parts, position);
}

export function closedHeader({ format, geometry, state }: FoundHeader): Buffer {
  const block = new HeaderBlock(format, geometry);
  block.describe(state);
  return block.bytes;
}

export async function cut(handle: FileHandle, bytes: number, from: number, sync: SyncPolicy): Promise<void> {
  if (bytes < from) await handle.truncate(bytes);
  if (sync !== 'never') await handle.datasync();
}

export async function write(handle: FileHandle, parts: readonly Buffer[], position: number): Promise<void> {
  const { failure } = await writeParts(handle, [...parts], position);
  if (failure !== undefined) throw failure as Error;
}
