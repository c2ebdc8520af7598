import { isAbsolute } from 'node:path';
import type { UnitOptions } from './unit-text.js';
import type { Written } from './unit-file.js';

/** What a person types next. Nothing of it is run from here. */

export function nextSteps({ name, isForUser, out }: UnitOptions, written: Written): string {
  const { change, look, journal } = wordsFor(isForUser);
  const steps: (readonly [string, string])[] = [
    [`${change} daemon-reload`, 'systemd reads the unit'],
    [`${change} enable --now ${name}`, 'starts it, now and with the machine'],
    ...(isForUser ? [['loginctl enable-linger', 'without it, it runs only while you are logged in'] as const] : []),
    ...(written === 'new' ? [] : [[`${change} restart ${name}`, 'if it runs already'] as const]),
    [`${look} status ${name}`, 'what it does now'],
    [`${journal} -u ${name} -f`, 'what it says'],
    [`${change} stop ${name}`, 'a clean end'],
    [`csi-cameras verify ${typedPath(out)}`, 'is every frame there?'],
  ];
  return listed(steps);
}

export function removalSteps(isForUser: boolean): string {
  return listed([[`${wordsFor(isForUser).change} daemon-reload`, 'systemd forgets the unit']]);
}

export function disableCommand(name: string, isForUser: boolean): string {
  return `${wordsFor(isForUser).change} disable --now ${name}`;
}

function wordsFor(isForUser: boolean): { readonly change: string; readonly look: string; readonly journal: string } {
  if (isForUser) return { change: 'systemctl --user', look: 'systemctl --user', journal: 'journalctl --user' };
  return { change: 'sudo systemctl', look: 'systemctl', journal: 'journalctl' };
}

/** As a shell takes it. */
function typedPath(out: string): string {
  if (!isAbsolute(out)) return `~/${out}`;
  return /^[\w./:=,+@-]+$/.test(out) ? out : `'${out.replaceAll("'", String.raw`'\''`)}'`;
}

function listed(steps: readonly (readonly [string, string])[]): string {
  const width = Math.max(...steps.map(([command]) => command.length));
  return `Next:\n${steps.map(([command, why]) => `  ${command.padEnd(width)}  # ${why}\n`).join('')}`;
}
