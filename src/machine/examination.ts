import { messageOf } from '../core/errors.js';
import { TIMED_OUT, within } from '../core/within.js';
import { countOf } from './amounts.js';
import { CHECKS, type Check } from './checks/all.js';
import { cleanText } from './clean-text.js';
import { unknown, type Finding, type Level } from './finding.js';
import type { Machine } from './machine.js';
import type { Plan } from './plan.js';

/** All checks of a machine, and what they come to. */

export interface CheckedMachine {
  /** In the order of the checks. */
  readonly checks: readonly Checked[];
  readonly failures: number;
  readonly warnings: number;
}

export interface Checked extends Finding {
  readonly id: string;
}

export const DOCTOR_EXIT = { ready: 0, couldNotLook: 1, wrongUsage: 2, warnings: 3, doNotStart: 4 } as const;

/** `onProgress`: of the checks that take seconds. Rejects only with the signal's reason. */
export async function examine(
  machine: Machine,
  plan: Plan,
  signal: AbortSignal,
  onProgress: (id: string, doneMs: number, ofMs: number) => void = () => {},
): Promise<CheckedMachine> {
  const found = new Map<string, Finding>();
  const look = async (check: Check): Promise<void> => {
    found.set(check.id, await carryOut(check, machine, plan, signal, onProgress));
  };
  await Promise.all(CHECKS.filter(({ isSlow }) => isSlow !== true).map(look));
  // One after another: a capture would make the disk look slow, and the other way round.
  for (const check of CHECKS.filter(({ isSlow }) => isSlow === true)) await look(check);
  const checks = CHECKS.flatMap(({ id }) => {
    const finding = found.get(id);
    return finding === undefined ? [] : [{ id, ...finding }];
  });
  const count = (level: Level): number => checks.filter((check) => check.level === level).length;
  return { checks, failures: count('fail'), warnings: count('warn') };
}

async function carryOut(
  { id, limitMs, run }: Check,
  machine: Machine,
  plan: Plan,
  signal: AbortSignal,
  onProgress: (id: string, doneMs: number, ofMs: number) => void,
): Promise<Finding> {
  try {
    const looking = run(machine, plan, signal, (doneMs, ofMs) => {
      onProgress(id, doneMs, ofMs);
    });
    const finding = await within(machine.clock, limitMs, looking);
    if (finding !== TIMED_OUT) return finding;
    return id === 'disk_speed'
      ? { level: 'fail', message: 'The disk did not answer.', advice: 'Check the disk and its connection.', facts: {} }
      : unknown(`There was no answer within ${limitMs / 1000} s.`);
  } catch (thrown) {
    signal.throwIfAborted();
    return unknown(`It could not be looked at: ${cleanText(messageOf(thrown), 200)}.`);
  }
}

export function exitOf({ failures, warnings }: CheckedMachine): 0 | 3 | 4 {
  if (failures > 0) return DOCTOR_EXIT.doNotStart;
  return warnings > 0 ? DOCTOR_EXIT.warnings : DOCTOR_EXIT.ready;
}

/** The last line. */
export function verdictOf({ failures, warnings }: CheckedMachine): string {
  if (failures > 0) return `Do not start: ${countOf(failures, 'failure')}.`;
  return warnings > 0 ? `Ready, with ${countOf(warnings, 'warning')}.` : 'Ready.';
}
