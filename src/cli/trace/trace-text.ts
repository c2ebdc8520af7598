import { printable } from '../../core/safe-text.js';
import { beginMs, remarksOn, type CommandLife } from '../../inspect/trace/command-life.js';
import type { ApplicationLine, CommandStep } from '../../inspect/trace/command-step.js';
import type { OpenCommands, Reading } from '../../inspect/trace/trace.js';

/** Lives of commands for a person. All of it came from hosts and cameras. */

const MAX_VALUE_CHARACTERS = 300;
const LEVELS: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };
/** Told in other words, or of no use to a person. */
const HIDDEN_IN_LOG = new Set(['time', 'level', 'pid', 'msg', 'device', 'stack', 'cause']);

/** Head, then steps and log lines in the order of time. `at`: which of several lives. */
export function lifeText(id: string, life: CommandLife, at: number, of: number): string {
  const from = beginMs(life);
  const which = of === 1 ? '' : `, life ${at + 1} of ${of}`;
  const named = life.steps.find(({ kind, record }) => kind === 'command' || typeof record['cmd'] === 'string');
  const name = named === undefined ? 'command' : named.kind === 'command' ? named.name : String(named.record['cmd']);
  const entries = [
    ...life.steps.map((step) => ({ atMs: step.atMs, text: stepText(step, from) })),
    ...life.log.map((line) => ({ atMs: line.atMs, text: logText(line, from) })),
  ].toSorted((one, other) => one.atMs - other.atMs);
  const head = `${printable(id)}  ${printable(name)}${which}  ${timeOf(from)}\n`;
  return [head, ...entries.map(({ text }) => text)].join('');
}

/** What is missing or odd of a life. */
export function remarksText(life: CommandLife): string {
  return remarksOn(life)
    .map((remark) => `  ${remark}\n`)
    .join('');
}

/** For example `   +0.333 s  answer   recording_started  {"device_id":"picam:0"}`. */
export function stepText({ kind, atMs, name, record }: CommandStep, fromMs: number): string {
  const word = { command: 'command', status: 'answer', state: 'step' }[kind];
  return `${since(atMs, fromMs)}  ${word.padEnd(7)}  ${printable(name)}${detailOf(kind, record)}\n`;
}

export function logText({ atMs, level, device, message, record }: ApplicationLine, fromMs: number): string {
  const about = device === null ? '' : `${printable(device)}: `;
  const rest = Object.entries(record)
    .filter(([name]) => !HIDDEN_IN_LOG.has(name))
    .map(([name, value]) => `${printable(name)}=${shown(value)}`);
  const facts = rest.length === 0 ? '' : `  (${rest.join(', ').slice(0, MAX_VALUE_CHARACTERS)})`;
  return `${since(atMs, fromMs)}  ${(LEVELS[level] ?? String(level)).padEnd(7)}  ${about}${printable(message)}${facts}\n`;
}

export function openText({ commands, more, lost, reading }: OpenCommands): string {
  if (commands.length === 0) return `Every command in the logs has an end.\n${lostText(lost)}${readingText(reading)}`;
  const lines = commands.map(({ id, name, first, last, isAbandoned }) => {
    const why = isAbandoned ? 'its process ended before' : 'no end yet';
    return `${timeOf(first.atMs)}  ${printable(id)}  ${printable(name ?? 'command')}  ${printable(last.name)}; ${why}\n`;
  });
  const hidden = more === 0 ? '' : `${more} older ones are not shown.\n`;
  return `${lines.join('')}${hidden}${lostText(lost)}${readingText(reading)}`;
}

/** What was passed over; '' where nothing was. */
export function readingText({ badLines }: Reading): string {
  if (badLines === 0) return '';
  return `${badLines} ${badLines === 1 ? 'line' : 'lines'} of commands.jsonl could not be read, and ${badLines === 1 ? 'was' : 'were'} passed over.\n`;
}

function lostText(lost: number): string {
  return lost === 0 ? '' : `${lost} lines of commands.jsonl were lost: a command may have ended unseen.\n`;
}

function detailOf(kind: CommandStep['kind'], record: CommandStep['record']): string {
  if (kind !== 'state') return record['payload'] === undefined ? '' : `  ${shown(record['payload'])}`;
  const { duration_ms: durationMs, code, error } = record;
  const took = typeof durationMs === 'number' ? `  after ${durationMs} ms` : '';
  return `${took}${code === undefined ? '' : `  ${shown(code)}`}${error === undefined ? '' : `: ${shown(error)}`}`;
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const clean = printable(text.slice(0, 4 * MAX_VALUE_CHARACTERS));
  return clean.length <= MAX_VALUE_CHARACTERS ? clean : `${clean.slice(0, MAX_VALUE_CHARACTERS)}...`;
}

/** Wall clocks may be set back, so it can be negative. */
function since(atMs: number, fromMs: number): string {
  const seconds = (atMs - fromMs) / 1000;
  return `${seconds < 0 ? '' : '+'}${seconds.toFixed(3)} s`.padStart(13);
}

/** In UTC, as in statuses. */
function timeOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'at no time' : date.toISOString();
}
