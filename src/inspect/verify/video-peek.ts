import type { FileHandle } from 'node:fs/promises';
import { BLOCK_BYTES } from '../../recording/avi/avi-layout.js';
import { isOurs, parseHeader } from '../video/header.js';
import { writerState } from '../video/writer-state.js';

/** What the header block alone tells, before rows and indexes are read. */
export interface VideoPeek {
  readonly isOurs: boolean;
  readonly state: 'closed' | 'left_open' | 'recording' | 'unknown';
  /** By the header. */
  readonly frames: number;
  readonly fileBytes: number;
}

/** Reads one block. */
export async function peekVideo(handle: FileHandle): Promise<VideoPeek> {
  const fileBytes = (await handle.stat()).size;
  const block = Buffer.alloc(BLOCK_BYTES);
  const { bytesRead } = await handle.read(block, 0, BLOCK_BYTES, 0);
  if (bytesRead < BLOCK_BYTES || !isOurs(block)) return { isOurs: false, state: 'unknown', frames: 0, fileBytes };
  const { owner, frames } = parseHeader(block);
  return { isOurs: true, state: await writerState(handle, owner), frames, fileBytes };
}
