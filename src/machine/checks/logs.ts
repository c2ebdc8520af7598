import { cleanText } from '../clean-text.js';
import { ok, warn, type Finding } from '../finding.js';
import { nearestFolder, type Machine } from '../machine.js';
import type { Plan } from '../plan.js';

/** Whether the logs can be written. A recording does without, but nobody can ask them afterwards. */
export async function checkLogs({ access }: Machine, { logDir }: Plan): Promise<Finding> {
  const folder = await nearestFolder(logDir);
  const answer = await access(folder);
  const place = cleanText(logDir, 200);
  if (answer === 'usable') return ok(`The logs can be written (${place}).`, { folder: logDir });
  return warn(`The logs cannot be written to ${place} (${answer}).`, 'Name another place with --log-dir.', {
    folder: logDir,
  });
}
