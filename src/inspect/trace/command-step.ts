import type { LogRecord } from './log-lines.js';

/** Lines of `commands.jsonl` and `csicameras.log` (docs/logs.md), as far as they tell of commands. */

/** A command as it came, a status as it went, or a step of a command's life. */
export interface CommandStep {
  readonly kind: 'command' | 'status' | 'state';
  readonly atMs: number;
  /** Of the command. */
  readonly id: string;
  /** The command, the status, or the state. */
  readonly name: string;
  /** As it was logged. */
  readonly record: LogRecord;
}

/** Lines that are missing in `commands.jsonl`. */
export interface LostLines {
  readonly atMs: number;
  readonly sinceMs: number;
  readonly lines: number;
}

export type CommandRecord =
  | { readonly kind: 'step'; readonly step: CommandStep }
  | { readonly kind: 'lost'; readonly lost: LostLines }
  /** A process began: what an earlier one had not ended, nobody ends. */
  | { readonly kind: 'began'; readonly atMs: number };

/** `undefined`: it is about no command. */
export function commandRecord(record: LogRecord): CommandRecord | undefined {
  const atMs = msOf(record['ts']);
  if (atMs === undefined) return undefined;
  const { dir, id, cmd, status, state, reply_to: replyTo, event, lines, since } = record;
  if (event === 'lines_lost' && typeof lines === 'number') {
    return { kind: 'lost', lost: { atMs, sinceMs: msOf(since) ?? atMs, lines } };
  }
  if (dir === 'in' && typeof id === 'string' && typeof cmd === 'string') return step('command', atMs, id, cmd, record);
  if (dir === 'out' && typeof status === 'string') {
    if (typeof replyTo === 'string') return step('status', atMs, replyTo, status, record);
    return status === 'ready' ? { kind: 'began', atMs } : undefined;
  }
  if (typeof state === 'string' && typeof id === 'string') return step('state', atMs, id, state, record);
  return undefined;
}

function step(kind: CommandStep['kind'], atMs: number, id: string, name: string, record: LogRecord): CommandRecord {
  return { kind: 'step', step: { kind, atMs, id, name, record } };
}

export function isEnd({ kind, name }: CommandStep): boolean {
  return kind === 'state' && (name === 'completed' || name === 'failed');
}

/** A line of `csicameras.log`. */
export interface ApplicationLine {
  readonly atMs: number;
  /** 20 debug, 30 info, 40 warn, 50 error. */
  readonly level: number;
  readonly device: string | null;
  readonly message: string;
  readonly record: LogRecord;
}

export function applicationLine(record: LogRecord): ApplicationLine | undefined {
  const { time, level, device, msg } = record;
  if (typeof time !== 'number' || typeof level !== 'number' || typeof msg !== 'string') return undefined;
  return { atMs: time, level, device: typeof device === 'string' ? device : null, message: msg, record };
}

/** Milliseconds since 1970 of a `ts`, which has seconds with three decimals. */
function msOf(ts: unknown): number | undefined {
  return typeof ts === 'number' ? Math.round(ts * 1000) : undefined;
}
