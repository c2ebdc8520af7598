import { rmSync } from 'node:fs';

/** Removes the folder that `own-state.mjs` made. */
export default function endOwnState() {
  rmSync(process.env['XDG_STATE_HOME'] ?? '', { recursive: true, force: true });
}
