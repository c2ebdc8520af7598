import { readdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { systemClock } from '../../core/clock.js';
import { errnoOf } from '../../core/errors.js';
import { formatBytes } from '../../core/figures.js';
import { userTemporaryFolder } from '../../core/private-folder.js';
import { printable } from '../../core/safe-text.js';
import { beginMs, endOf } from '../../inspect/trace/command-life.js';
import { Following } from '../../inspect/trace/follow.js';
import { COMMANDS, openCommands, traceCommand, type Traced } from '../../inspect/trace/trace.js';
import { usualLogDirectory } from '../log-directory.js';
import { finishOutput, outputForPeople } from '../output.js';
import { PassingLine } from '../passing-line.js';
import { lifeText, logText, openText, readingText, remarksText, stepText } from './trace-text.js';
import { openJson, tracedJson } from './trace-json.js';

type Found = Extract<Traced, { kind: 'found' }>;

export interface TraceOptions {
  readonly open?: boolean;
  readonly logDir?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export const TRACE_EXIT = { found: 0, unreadable: 1, wrongUsage: 2, noSuchId: 3 } as const;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const OUTPUT_LIMIT_MS = 1000;

/** Shows a command's life, or all commands without an end. Resolves with the exit code. */
export async function trace(id: string | undefined, options: TraceOptions): Promise<number> {
  const stderr = outputForPeople(2);
  const stdout = outputForPeople(1);
  const directory = options.logDir ?? (await usualPlace());
  const ending = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    ending.abort(signal);
  };
  for (const signal of SIGNALS) process.once(signal, onSignal);
  try {
    if (id === undefined) return await showOpen(directory, options, stdout, stderr);
    return await showOne(directory, id, options, stdout, stderr, ending.signal);
  } catch (thrown) {
    if (ending.signal.aborted) return 128 + constants.signals[ending.signal.reason as NodeJS.Signals];
    return await unreadable(directory, errnoOf(thrown) ?? 'unknown', stderr);
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await finishOutput(stderr, OUTPUT_LIMIT_MS);
    await finishOutput(stdout, OUTPUT_LIMIT_MS);
  }
}

async function showOpen(directory: string, options: TraceOptions, stdout: Writable, stderr: Writable): Promise<number> {
  const progress = new LogProgress(stderr);
  const found = await openCommands(directory, progress.onBytes);
  progress.clear();
  if (found.reading.files === 0) return await unreadable(directory, `it has no ${COMMANDS}`, stderr);
  stdout.write(options.json === true ? openJson(found, directory) : openText(found));
  return TRACE_EXIT.found;
}

async function showOne(
  directory: string,
  wanted: string,
  options: TraceOptions,
  stdout: Writable,
  stderr: Writable,
  signal: AbortSignal,
): Promise<number> {
  const following = options.follow === true ? new Following(directory) : undefined;
  try {
    await following?.open();
    const progress = new LogProgress(stderr);
    const found = await traceCommand(directory, wanted, progress.onBytes);
    progress.clear();
    if (found.reading.files === 0) return await unreadable(directory, `it has no ${COMMANDS}`, stderr);
    if (found.kind === 'found') {
      const isText = options.json !== true;
      if (isText) showLives(found, following !== undefined, stdout);
      if (following !== undefined) await followOn(following, found, isText, stdout, signal);
      stdout.write(isText ? readingText(found.reading) : tracedJson(found, directory));
      return TRACE_EXIT.found;
    }
    if (options.json === true) stdout.write(tracedJson(found, directory));
    if (found.kind === 'several') {
      const names = [...found.ids, ...(found.more > 0 ? ['...'] : [])].map((one) => `  ${printable(one)}\n`);
      stderr.write(`Several ids begin with ${printable(wanted)}. Give more of one:\n${names.join('')}`);
      return TRACE_EXIT.noSuchId;
    }
    const others = await foldersWithLogs(directory);
    stderr.write(`No command ${printable(wanted)} is in the logs of ${printable(directory)}.\n${others}`);
    return TRACE_EXIT.noSuchId;
  } finally {
    await following?.close();
  }
}

/** How much of the logs was read: 80 MB take seconds. */
class LogProgress extends PassingLine {
  #bytes = 0;

  readonly onBytes = (bytes: number): void => {
    this.#bytes += bytes;
    this.show(() => `Reading the logs ... ${formatBytes(this.#bytes)}`);
  };
}

function showLives({ id, lives }: Found, isFollowed: boolean, stdout: Writable): void {
  for (const [at, life] of lives.entries()) {
    stdout.write(lifeText(id, life, at, lives.length));
    // What is missing of a life that goes on is said at its end.
    const goesOn = isFollowed && at === lives.length - 1 && endOf(life) === undefined;
    if (!goesOn) stdout.write(remarksText(life));
  }
}

/** Prints what is new of the last life until it has ended. */
async function followOn(
  following: Following,
  { id, lives }: Found,
  isText: boolean,
  stdout: Writable,
  signal: AbortSignal,
): Promise<void> {
  const life = lives.at(-1);
  if (life === undefined || endOf(life) !== undefined) return;
  const from = beginMs(life);
  const followers = {
    onStep: (step: Parameters<typeof stepText>[0]) => {
      if (isText) stdout.write(stepText(step, from));
    },
    onLog: (line: Parameters<typeof logText>[0]) => {
      if (isText) stdout.write(logText(line, from));
      else life.log.push(line);
    },
  };
  const hasEnded = await following.follow(id, life, followers, systemClock, signal);
  if (!isText) return;
  stdout.write(hasEnded ? remarksText(life) : '  It has no end: its process ended before.\n');
}

async function unreadable(directory: string, why: string, stderr: Writable): Promise<number> {
  stderr.write(
    `error: The logs in ${printable(directory)} cannot be read (${why}). Name their directory with --log-dir.\n${await foldersWithLogs(directory)}`,
  );
  return TRACE_EXIT.unreadable;
}

/** `record` and instances have logs of their own, in subfolders. */
async function foldersWithLogs(directory: string): Promise<string> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []); // said already
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const folder = join(directory, entry.name);
    const names = await readdir(folder).catch((): string[] => []); // not for this user
    if (names.includes(COMMANDS)) found.push(`  --log-dir ${printable(folder)}\n`);
  }
  return found.length === 0 ? '' : `There are logs in:\n${found.join('')}`;
}

/** Where the logs are without `--log-dir`: their usual place, or the one for users without a home. */
async function usualPlace(): Promise<string> {
  const temporary = join(userTemporaryFolder(), 'logs');
  const usual = usualLogDirectory() ?? temporary;
  const hasLogs = async (folder: string): Promise<boolean> =>
    (await readdir(folder).catch((): string[] => [])).includes(COMMANDS);
  return !(await hasLogs(usual)) && (await hasLogs(temporary)) ? temporary : usual;
}
