import { existsSync, readFileSync, rmSync } from 'node:fs';

/** Removes the folder that `own-state.mjs` made, and says how many lines were held (`held-lines.ts`). */
export default function endOwnState() {
  const path = process.env['CSI_CAMERAS_HELD_LINES'] ?? '';
  if (existsSync(path)) tell(readFileSync(path, 'utf8').trimEnd().split('\n'));
  rmSync(process.env['XDG_STATE_HOME'] ?? '', { recursive: true, force: true });
}

/** @param {readonly string[]} suites "SESSIONS LINES" each */
function tell(suites) {
  const [sessions, lines] = [0, 1].map((column) =>
    suites.map((suite) => Number(suite.split(' ')[column])).reduce((sum, count) => sum + count, 0),
  );
  console.log(`${lines} lines of ${sessions} sessions in ${suites.length} suites were held against docs/schemas.`);
}
