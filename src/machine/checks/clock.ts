import { join } from 'node:path';
import { fail, note, ok, unknown, warn, type Facts, type Finding } from '../finding.js';
import { readText, type Machine } from '../machine.js';
import type { Plan } from '../plan.js';

/** The wall clock. Within one machine times are compared by another clock, which nobody sets. */

const COMPARABLE = 'Times between machines are not comparable; on this machine they are.';
const SYNCHRONISE = 'Turn it on (sudo timedatectl set-ntp true) and let it reach a time server.';

/** Seconds. Between machines a frame is told from the next one below about this. */
const FAR_OFF_S = 0.01;

/** What somebody says of the clock. */
interface Told {
  readonly by: string;
  readonly isSynchronised: boolean;
  /** `null`: not told. */
  readonly offsetS: number | null;
}

export async function checkClockSync(machine: Machine, _plan: Plan, signal: AbortSignal): Promise<Finding> {
  const told = (await byChrony(machine, signal)) ?? (await byTimedatectl(machine, signal)) ?? (await byFile(machine));
  if (told === undefined) return unknown(`Nobody tells whether the clock is synchronised. ${COMPARABLE}`);
  const { by, isSynchronised, offsetS } = told;
  const facts: Facts = { by, synchronised: isSynchronised, offset_s: offsetS };
  if (!isSynchronised) return warn(`The clock is not synchronised (${by}). ${COMPARABLE}`, SYNCHRONISE, facts);
  if (offsetS === null) return ok(`The clock is synchronised (${by}).`, facts);
  const offset = `${(Math.abs(offsetS) * 1000).toFixed(2)} ms`;
  if (Math.abs(offsetS) >= FAR_OFF_S) {
    return note(`The clock is synchronised, but ${offset} off (${by}).`, 'Let it settle for some minutes.', facts);
  }
  return ok(`The clock is synchronised, ${offset} off (${by}).`, facts);
}

export function checkClockSane({ clock }: Machine): Promise<Finding> {
  const date = new Date(clock.wallMs());
  const year = date.getUTCFullYear();
  const facts = { year };
  const day = Number.isNaN(year) ? 'no date' : date.toISOString().slice(0, 10);
  // The first release is of 2026: no clock that is right is before.
  if (year >= 2026 && year < 2100) return Promise.resolve(ok(`The date is ${day}.`, facts));
  return Promise.resolve(
    fail(`The date is ${day}: names and wall clock times would be wrong.`, "Set the clock: sudo date -s '...'.", facts),
  );
}

async function byChrony(machine: Machine, signal: AbortSignal): Promise<Told | undefined> {
  const { output } = await machine.tool('chronyc', ['-n', 'tracking'], signal);
  const leap = /^Leap status\s*: (.*)$/m.exec(output ?? '')?.[1];
  if (output === null || leap === undefined) return undefined;
  const [, seconds, side] = /^System time\s*: (\d+\.\d+) seconds (slow|fast)/m.exec(output) ?? [];
  const offsetS = seconds === undefined ? null : Number(seconds) * (side === 'slow' ? -1 : 1);
  const isSynchronised = !/not synchronised/i.test(leap);
  return { by: 'chrony', isSynchronised, offsetS: isSynchronised ? offsetS : null };
}

async function byTimedatectl(machine: Machine, signal: AbortSignal): Promise<Told | undefined> {
  const { output } = await machine.tool('timedatectl', ['show', '--property=NTPSynchronized', '--value'], signal);
  const word = output?.trim();
  if (word !== 'yes' && word !== 'no') return undefined;
  if (word === 'no') return { by: 'timedatectl', isSynchronised: false, offsetS: null };
  const status = await machine.tool('timedatectl', ['timesync-status'], signal);
  return { by: 'timedatectl', isSynchronised: true, offsetS: offsetIn(status.output ?? '') };
}

/** `Offset: +1.234ms`, in systemd's units; `null` where it is not told. */
function offsetIn(text: string): number | null {
  const [, sign, value, unit] = /^\s*Offset: ([+-]?)(\d+(?:\.\d+)?)(us|ms|s)$/m.exec(text) ?? [];
  if (value === undefined) return null;
  const scale = unit === 'us' ? 1e-6 : unit === 'ms' ? 1e-3 : 1;
  return Number(value) * scale * (sign === '-' ? -1 : 1);
}

/** systemd-timesyncd makes this file when it has synchronised since the start. */
async function byFile({ roots: { run } }: Machine): Promise<Told | undefined> {
  const there = await readText(join(run, 'systemd/timesync/synchronized'));
  return there === undefined ? undefined : { by: 'timesyncd', isSynchronised: true, offsetS: null };
}
