import { readdir, readFile } from 'node:fs/promises';
import type { Clock } from '../../core/clock.js';
import { signalGroup } from '../tool-process.js';

/** Ends a process group as a whole, also what its first process left behind. */

/** Between the request to end and the end. A still tool has nothing to save. */
const GRACE_MS = 500;
/** Wait for killed processes to disappear. One in a driver that is stuck stays. */
const GONE_LIMIT_MS = 1000;
const POLL_MS = 20;

/** Asks the group to end, then kills it. Resolves with whether all of it is gone. Never rejects. */
export async function endGroup(groupId: number, clock: Clock): Promise<boolean> {
  if (!signalGroup(groupId, 'SIGTERM')) return true;
  if (await isGone(groupId, clock, GRACE_MS)) return true;
  return killGroup(groupId, clock);
}

/** Kills the group. Resolves with whether all of it is gone. Never rejects. */
export async function killGroup(groupId: number, clock: Clock): Promise<boolean> {
  if (!signalGroup(groupId, 'SIGKILL')) return true;
  return isGone(groupId, clock, GONE_LIMIT_MS);
}

async function isGone(groupId: number, clock: Clock, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    if ((await membersOf(groupId)).length === 0) return true;
    if (waitedMs >= limitMs) return false;
    await clock.sleep(POLL_MS);
  }
}

/** The processes of a group that run (Linux: /proc). One that has ended, but was not collected yet, does not count. */
export async function membersOf(groupId: number): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []); // no /proc: nothing can be known
  const members = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map(async (name) => ((await isIn(name, groupId)) ? [Number(name)] : [])),
  );
  return members.flat();
}

async function isIn(pid: string, groupId: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => ''); // it ended meanwhile
  // The name (field 2) may contain spaces and parentheses. Field 3 begins after the last parenthesis.
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(group) === groupId && state !== 'Z' && state !== 'X';
}
