import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeHeld } from './recordings-held.js';

/** A folder of the test's own, and its removal: before it, the recordings in it are held against `verify`. */
export async function temporaryFolder(): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'csi-cameras-test-'));
  return { path, remove: () => removeHeld(path) };
}
