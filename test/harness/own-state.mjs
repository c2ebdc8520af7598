import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Once for all tests: what a module keeps goes to a folder of theirs, never to the home of whoever runs them. Jest's
 * workers and the programs that tests start inherit the variable. A host of the harness has a folder of its own besides.
 */
export default function ownState() {
  const folder = mkdtempSync(join(tmpdir(), 'csi-cameras-test-state-'));
  process.env['XDG_STATE_HOME'] = folder;
  process.env['CSI_CAMERAS_HELD_LINES'] = join(folder, 'held-lines');
}
