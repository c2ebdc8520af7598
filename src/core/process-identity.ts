import { readFile } from 'node:fs/promises';

/** Identifies a process uniquely until the next boot. Pids are reused; a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as text: field 22 of /proc/PID/stat (proc(5)). */
  readonly startTime: string;
}

interface ProcessState extends ProcessIdentity {
  /** The process has ended, but its parent has not collected it yet. */
  readonly isZombie: boolean;
}

/** The process that has this pid now; `undefined` if there is none (or no /proc). */
export async function processState(pid: number): Promise<ProcessState | undefined> {
  try {
    return parseStat(pid, await readFile(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined; // ENOENT; or ESRCH if it ended during the read
  }
}

/** Whether exactly this process still runs. */
export async function isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  const state = await processState(pid);
  return state !== undefined && state.startTime === startTime && !state.isZombie;
}

let knownBoot: Promise<string> | undefined;

/** Identifies the current boot; start times from another boot mean nothing. '' if the kernel does not say. Asks once. */
export function bootId(): Promise<string> {
  return (knownBoot ??= readBootId());
}

async function readBootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim();
  } catch {
    return '';
  }
}

function parseStat(pid: number, stat: string): ProcessState | undefined {
  // The name (field 2) may contain spaces and parentheses. Field 3 begins after the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined || !/^\d+$/.test(startTime)) return undefined;
  return { pid, startTime, isZombie: state === 'Z' || state === 'X' };
}
