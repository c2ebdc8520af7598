import { readFile } from 'node:fs/promises';

/** A process as no other one is: its number is used again, its number with its start time is not (until the next boot). */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot, as text: field 22 of /proc/PID/stat (proc(5)). */
  readonly startTime: string;
}

interface ProcessState extends ProcessIdentity {
  /** It has ended and waits for its parent to take notice. */
  readonly isZombie: boolean;
}

/** The process that has this number now, or `undefined` where there is none (or no /proc). */
export async function processState(pid: number): Promise<ProcessState | undefined> {
  try {
    return parseStat(pid, await readFile(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined; // ENOENT, or ESRCH when it ended while we read
  }
}

/** Whether this very process runs still. */
export async function isAlive({ pid, startTime }: ProcessIdentity): Promise<boolean> {
  const state = await processState(pid);
  return state !== undefined && state.startTime === startTime && !state.isZombie;
}

/** Which boot this is: start times of another one mean nothing. '' where the kernel does not say. */
export async function bootId(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'latin1')).trim();
  } catch {
    return '';
  }
}

function parseStat(pid: number, stat: string): ProcessState | undefined {
  // The name (field 2) may hold spaces and parentheses: what follows the last one counts, from field 3 on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined || !/^\d+$/.test(startTime)) return undefined;
  return { pid, startTime, isZombie: state === 'Z' || state === 'X' };
}
