import type { FileHandle } from 'node:fs/promises';
import { ProcessOwners } from '../../recording/avi/recording-owner.js';

/**
 * A file whose writer belongs to another machine or container says nothing of whether that one lives. A live recording
 * commits a few times a second; a file that did not change for so long is left open.
 */
const QUIET_MS = 60_000;

/** `recording`: the writer is alive. `left_open`: it is gone. */
export type WriterState = 'closed' | 'left_open' | 'recording';

const owners = new ProcessOwners();

/** Who writes the file. `owner`: the mark in its header. */
export async function writerState(handle: FileHandle, owner: Uint8Array): Promise<WriterState> {
  const state = await owners.stateOf(owner);
  if (state === 'closed') return 'closed';
  if (state === 'alive') return 'recording';
  if (state === 'gone') return 'left_open';
  const { mtimeMs } = await handle.stat();
  return Math.abs(Date.now() - mtimeMs) < QUIET_MS ? 'recording' : 'left_open';
}
