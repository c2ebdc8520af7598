import { addLog, addLost, CommandLives, type CommandLife } from './command-life.js';
import { applicationLine, commandRecord, isEnd, type CommandStep, type LostLines } from './command-step.js';
import { openLogs } from './log-files.js';
import { LogLines, readOn, type LogRecord } from './log-lines.js';

/** One command through the logs, or all that have no end. Memory is bounded by what is shown, not by the logs. */

export const COMMANDS = 'commands.jsonl';
export const APPLICATION = 'csicameras.log';

/** Ids that are told where a prefix means several. */
const MAX_IDS = 20;
/** Lives of one id, and commands without an end. The oldest ones give way. */
const MAX_LIVES = 100;
const MAX_OPEN = 1000;
const MAX_LOST = 1000;

type OnBytes = (bytes: number) => void;
const unheard: OnBytes = () => {};

export interface Reading {
  /** Lines that were passed over. */
  readonly badLines: number;
  /** How many files of the log there were. */
  readonly files: number;
}

export type Traced =
  | { readonly kind: 'found'; readonly id: string; readonly lives: readonly CommandLife[]; readonly reading: Reading }
  | { readonly kind: 'several'; readonly ids: readonly string[]; readonly more: number; readonly reading: Reading }
  | { readonly kind: 'none'; readonly reading: Reading };

/**
 * The id, or the only one that begins so. `onBytes` is told at each step how many were read. Rejects with an errno where the
 * directory cannot be read.
 */
export async function traceCommand(directory: string, wanted: string, onBytes = unheard): Promise<Traced> {
  const ids = new Set<string>();
  let more = 0;
  let isExact = false;
  const reading = await readLog(directory, COMMANDS, onBytes, (record) => {
    const found = commandRecord(record);
    if (found?.kind !== 'step' || !found.step.id.startsWith(wanted)) return;
    if (found.step.id === wanted) isExact = true;
    if (ids.has(found.step.id)) return;
    if (ids.size < MAX_IDS) ids.add(found.step.id);
    else more += 1;
  });
  const [id] = isExact ? [wanted] : ids;
  if (id === undefined) return { kind: 'none', reading };
  if (!isExact && ids.size > 1) return { kind: 'several', ids: [...ids], more, reading };
  return { kind: 'found', id, lives: await livesOf(directory, id, onBytes), reading };
}

async function livesOf(directory: string, id: string, onBytes: OnBytes): Promise<readonly CommandLife[]> {
  const all = new CommandLives();
  const lost: LostLines[] = [];
  await readLog(directory, COMMANDS, onBytes, (record) => {
    const found = commandRecord(record);
    if (found?.kind === 'lost' && lost.length < MAX_LOST) lost.push(found.lost);
    if (found?.kind === 'began') all.began(found.atMs);
    if (found?.kind === 'step' && found.step.id === id) all.push(found.step);
    if (all.lives.length > MAX_LIVES) all.lives.shift();
  });
  for (const one of lost) addLost(all.lives, one);
  await readLog(directory, APPLICATION, onBytes, (record) => {
    const line = applicationLine(record);
    if (line !== undefined) addLog(all.lives, line);
  });
  return all.lives;
}

/** A command without an end. */
export interface OpenCommand {
  readonly id: string;
  /** Its first step that is in the logs. */
  readonly first: CommandStep;
  readonly last: CommandStep;
  /** The command's name, where a line tells it. */
  readonly name: string | null;
  /** Whether another process has begun since: nobody ends it any more. */
  readonly isAbandoned: boolean;
}

export interface OpenCommands {
  /** The oldest first; at most 1,000, the newest. */
  readonly commands: readonly OpenCommand[];
  readonly more: number;
  readonly lost: number;
  readonly reading: Reading;
}

/** `onBytes` is told at each step how many were read. */
export async function openCommands(directory: string, onBytes = unheard): Promise<OpenCommands> {
  const open = new Map<string, OpenCommand>();
  let more = 0;
  let lost = 0;
  const reading = await readLog(directory, COMMANDS, onBytes, (record) => {
    const found = commandRecord(record);
    if (found?.kind === 'lost') lost += found.lost.lines;
    if (found?.kind === 'began') for (const [id, one] of open) open.set(id, { ...one, isAbandoned: true });
    // A status alone is no life: it may be told of a command that has ended.
    if (found?.kind !== 'step' || (found.step.kind === 'status' && !open.has(found.step.id))) return;
    const { step } = found;
    if (isEnd(step)) {
      open.delete(step.id);
      return;
    }
    const before = step.kind === 'command' ? undefined : open.get(step.id);
    const told = step.kind === 'command' ? step.name : step.record['cmd'];
    const name = before?.name ?? (typeof told === 'string' ? told : null);
    if (before === undefined) open.delete(step.id); // the same id again: a life of its own, at the end
    open.set(step.id, { id: step.id, first: before?.first ?? step, last: step, name, isAbandoned: false });
    const [oldest] = open.keys();
    if (open.size <= MAX_OPEN || oldest === undefined) return;
    open.delete(oldest);
    more += 1;
  });
  return { commands: [...open.values()], more, lost, reading };
}

async function readLog(
  directory: string,
  name: string,
  onBytes: OnBytes,
  onRecord: (record: LogRecord) => void,
): Promise<Reading> {
  const opened = await openLogs(directory, name);
  let badLines = 0;
  try {
    for (const { file } of opened) {
      const lines = new LogLines(onRecord);
      await readOn(file, 0, lines, onBytes);
      lines.end();
      badLines += lines.bad;
    }
  } finally {
    for (const { file } of opened) await file.close();
  }
  return { badLines, files: opened.length };
}
