import { cleanText } from '../clean-text.js';
import { ok, unknown, warn, type Finding } from '../finding.js';
import type { Machine } from '../machine.js';
import type { Plan } from '../plan.js';

/** What the kernel says of disks that fail. */

const TROUBLE =
  /I\/O error|critical (?:medium|target) error|(?:EXT4|XFS|BTRFS|F2FS|FAT|exFAT)-?fs?\b.*\b(?:error|corrupt)|Remounting filesystem read-only|\bmmc\d+: (?:error|timeout|card .* removed|Timeout)|\bmmcblk\d+: (?:error|timed out|recovery failed)|nvme\d*.*(?:timeout|I\/O .*QID|controller is down)|uas_eh_|USB disconnect.*storage/i;

const MAX_LINE_CHARACTERS = 1000;

export async function checkDiskErrors(machine: Machine, _plan: Plan, signal: AbortSignal): Promise<Finding> {
  const log = (await byDmesg(machine, signal)) ?? (await byJournal(machine, signal));
  if (log === undefined) return unknown("The kernel's log is not for this user's eyes.");
  const lines = log.split('\n').map((line) => line.slice(0, MAX_LINE_CHARACTERS));
  const found = lines.filter((line) => TROUBLE.test(line));
  const facts = { lines: found.length };
  const last = found.at(-1);
  if (last === undefined) return ok('The kernel tells of no disk errors since the start.', facts);
  return warn(
    `The kernel told of disk errors ${found.length} times since the start: "${cleanText(last, 120)}".`,
    'Replace the card, the disk or its cable, and restart before the experiment.',
    facts,
  );
}

async function byDmesg(machine: Machine, signal: AbortSignal): Promise<string | undefined> {
  const { output } = await machine.tool('dmesg', ['--level=emerg,alert,crit,err,warn'], signal);
  return output ?? undefined;
}

/** An empty journal is none: this user may see no more of it. */
async function byJournal(machine: Machine, signal: AbortSignal): Promise<string | undefined> {
  const wanted = ['-k', '-b', '--no-pager', '-q', '-o', 'cat', '-p', 'warning', '-n', '2000'];
  const { output } = await machine.tool('journalctl', wanted, signal);
  return output === null || output.trim() === '' ? undefined : output;
}
