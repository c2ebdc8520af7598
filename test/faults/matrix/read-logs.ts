import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type LogRecord = Readonly<Record<string, unknown>>;

export interface Logs {
  readonly application: readonly LogRecord[];
  readonly commands: readonly LogRecord[];
  readonly drops: readonly LogRecord[];
  /** All three are there and no line says that lines are missing: their sums can be held against what was reported. */
  readonly isWhole: boolean;
}

/** All lines of a log directory, backups first: what is not there or no JSON is left out. */
export async function readLogs(directory: string): Promise<Logs> {
  const names = await readdir(directory).catch((): string[] => []);
  const [application, commands, drops] = await Promise.all(
    ['csicameras.log', 'commands.jsonl', 'frame_drops.jsonl'].map((name) => readLog(directory, name, names)),
  );
  const all = [application ?? [], commands ?? [], drops ?? []];
  const hasAll = ['csicameras.log', 'commands.jsonl', 'frame_drops.jsonl'].every((name) => names.includes(name));
  const isLossless = all.every((records) => !records.some((record) => isLossNotice(record)));
  const isFromStart = (application ?? []).some(({ msg }) => msg === 'Module started.');
  return {
    application: application ?? [],
    commands: commands ?? [],
    drops: drops ?? [],
    isWhole: hasAll && isLossless && isFromStart,
  };
}

function isLossNotice(record: LogRecord): boolean {
  return record['event'] === 'lines_lost' || record['msg'] === 'Log lines were lost here.';
}

async function readLog(directory: string, name: string, names: readonly string[]): Promise<LogRecord[]> {
  const files = names.filter((found) => found === name || found.startsWith(`${name}.`)).toSorted(oldestFirst);
  const texts = await Promise.all(files.map((file) => readFile(join(directory, file), 'utf8').catch(() => '')));
  return texts.flatMap((text) => text.split('\n')).flatMap((line) => parsed(line));
}

/** `NAME.3`, `NAME.2`, `NAME.1`, `NAME`. */
function oldestFirst(a: string, b: string): number {
  return b.length - a.length || (a < b ? 1 : -1);
}

function parsed(line: string): LogRecord[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as LogRecord];
  } catch {
    return []; // half a line that a killed process left: the next start cuts it off
  }
}
