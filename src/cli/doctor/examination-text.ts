import { jsonLine, printable } from '../../core/safe-text.js';
import { VERSION } from '../../core/own-package.js';
import { rateText } from '../../machine/amounts.js';
import { exitOf, verdictOf, type CheckedMachine } from '../../machine/examination.js';
import type { Level } from '../../machine/finding.js';
import type { Plan } from '../../machine/plan.js';
import type { Looks } from '../watch/looks.js';

export const DOCTOR_SCHEMA = 1;

/** Colours of the terminal's own palette. The word stands beside: without colours nothing is lost. */
const COLOURS: Readonly<Record<Level, string>> = {
  unknown: '\u001b[2m',
  ok: '\u001b[32m',
  note: '\u001b[36m',
  warn: '\u001b[1;33m',
  fail: '\u001b[1;31m',
};
const PLAIN = '\u001b[0m';

const LEVEL_COLUMNS = 'unknown'.length;

/** A line a check, what to do below it, and the verdict at the end. */
export function examinationAsText(found: CheckedMachine, plan: Plan, { hasColours }: Looks): string {
  const nameColumns = Math.max(...found.checks.map(({ id }) => id.length));
  const indent = ' '.repeat(LEVEL_COLUMNS + nameColumns + 4);
  const lines = [`${printable(plan.out)} at ${rateText(plan.rate.bytesPerSecond)}: ${printable(plan.rate.from)}.`];
  for (const { id, level, message, advice } of found.checks) {
    const word = level.padEnd(LEVEL_COLUMNS);
    const coloured = hasColours ? `${COLOURS[level]}${word}${PLAIN}` : word;
    lines.push(`${coloured}  ${id.padEnd(nameColumns)}  ${printable(message)}`);
    if (advice !== '') lines.push(`${indent}${printable(advice)}`);
  }
  return `${[...lines, verdictOf(found)].join('\n')}\n`;
}

export function examinationAsJson(found: CheckedMachine, plan: Plan): string {
  const { rate, out, durationS } = plan;
  return `${jsonLine({
    schema: DOCTOR_SCHEMA,
    version: VERSION,
    exit: exitOf(found),
    verdict: verdictOf(found),
    out,
    rate: { bytes_per_second: Math.round(rate.bytesPerSecond), from: rate.from },
    duration_s: durationS ?? null,
    checks: found.checks.map(({ id, level, message, advice, facts }) => ({ id, level, message, advice, facts })),
  })}\n`;
}
