import { spawn, type ChildProcess } from 'node:child_process';
import type { Clock } from '../../core/clock.js';
import { msUntil } from '../../core/deadline.js';
import { errorWithAdvice, type CsiCamerasError } from '../../core/errors.js';
import { packagePath } from '../../core/own-package.js';
import { endedError } from '../rpicam-errors.js';
import { StderrTail } from '../stderr-tail.js';
import { endGroup, killGroup } from './process-group.js';
import { stillError, withStillAdvice } from './still-error.js';
import type { StillFolder } from './still-folder.js';
import type { StillOptions } from './still-options.js';
import type { StillAnswer } from './still-process.js';

/** Runs node-libcamera in a process of its own, and ends that process's group whatever happens. */

/** A process always starts from the built file, even if this file runs unbuilt. */
const ENTRY = packagePath('dist/capture/still/still-process.js');

/** An answer has less than 20 KB, escaped. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Node's exit code of `exec` where the shell found no program of that name, or may not run it. */
const NOT_FOUND = 127;
const NOT_RUNNABLE = 126;
const TOO_MUCH_OUTPUT = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';

export interface StillLimits {
  readonly clock: Clock;
  /** When it has to be over. */
  readonly untilNs: bigint;
  /** How long that was at first, for the sentence about it. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

export interface StillFailure {
  readonly error: CsiCamerasError;
  /** The last lines of the tool. */
  readonly lines: readonly string[];
}

/**
 * Takes the picture into the folder. Resolves with what went wrong (`capture_tool_missing`, `camera_in_use`,
 * `capture_failed`, ...) or `undefined`. Rejects with the reason of `signal`. When it settles, no process of it is left,
 * unless the error says so.
 */
export async function runStill(
  folder: StillFolder,
  options: StillOptions,
  tool: string,
  { clock, untilNs, limitMs, signal }: StillLimits,
): Promise<StillFailure | undefined> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [ENTRY, JSON.stringify(options)], {
    cwd: folder.path,
    env: folder.environment,
    shell: false,
    // A group of its own: Ctrl-C reaches us first, and all of it can be ended at once.
    detached: true,
    // stdin ends with us, and then so does the child.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const { answer, tail } = listenTo(child, clock);
  const ended = await Promise.race([answer, limitOver(child, clock, msUntil(clock, untilNs), signal)]);
  const isGone = child.pid === undefined || (await end(child.pid, clock, ended === 'over'));
  for (const stream of child.stdio) stream?.destroy();
  child.unref();
  if (!isGone) throw stuckError(tool, child.pid ?? 0);
  signal.throwIfAborted();
  if (ended === 'over') return { error: tooLong(tool, limitMs), lines: [] };
  if (ended === undefined) return { error: withoutAnswer(tool, tail.lines), lines: [] };
  return ended.kind === 'done' ? undefined : failureOf(tool, ended);
}

/** The whole group, which may have more members than the process that ended. */
function end(pid: number, clock: Clock, isRunning: boolean): Promise<boolean> {
  return isRunning ? endGroup(pid, clock) : killGroup(pid, clock);
}

/** The child's answer, `undefined` if it ended without one. */
function listenTo(
  child: ChildProcess,
  clock: Clock,
): { readonly answer: Promise<StillAnswer | undefined>; readonly tail: StderrTail } {
  const tail = new StderrTail();
  const chunks: Buffer[] = [];
  let bytes = 0;
  child.stderr?.on('data', (chunk: Buffer) => {
    tail.push(chunk, clock.monotonicNs());
  });
  child.stdin?.on('error', () => {}); // it ended first
  const answer = new Promise<StillAnswer | undefined>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_ANSWER_BYTES) chunks.push(chunk);
      if (chunk.includes('\n')) resolve(answerIn(Buffer.concat(chunks).toString('utf8')));
    });
    child.once('close', () => {
      resolve(undefined);
    });
    child.once('error', (error) => {
      tail.push(Buffer.from(error.message), clock.monotonicNs());
      resolve(undefined);
    });
  });
  return { answer, tail };
}

function answerIn(text: string): StillAnswer | undefined {
  try {
    return JSON.parse(text) as StillAnswer; // of our own program
  } catch {
    return undefined; // longer than any answer of ours
  }
}

/** Resolves when the limit is over or the signal was aborted. */
function limitOver(child: ChildProcess, clock: Clock, limitMs: number, signal: AbortSignal): Promise<'over'> {
  return new Promise((resolve) => {
    const over = (): void => {
      cancel();
      signal.removeEventListener('abort', over);
      resolve('over');
    };
    const cancel = clock.after(limitMs, over);
    signal.addEventListener('abort', over, { once: true });
    child.once('exit', () => {
      cancel();
      signal.removeEventListener('abort', over);
    });
  });
}

function failureOf(tool: string, { code, signal, text }: Extract<StillAnswer, { kind: 'failed' }>): StillFailure {
  const tail = new StderrTail();
  // The first line is the command.
  tail.push(Buffer.from(text.replace(/^Command failed: .*\n/, '')), 0n);
  tail.finish(0n);
  const lines = tail.lines.map((line) => line.text);
  if (code === NOT_FOUND || code === NOT_RUNNABLE) {
    const how = code === NOT_FOUND ? 'was not found' : 'cannot be run';
    return { error: errorWithAdvice('capture_tool_missing', `The still tool ${tool} ${how}.`, { tool }), lines };
  }
  if (code === TOO_MUCH_OUTPUT) {
    const how = `The still tool ${tool} wrote more than 1 MiB of messages and was ended.`;
    return { error: stillError(how, { tool }), lines };
  }
  if (typeof code === 'string') {
    const how = `The still tool ${tool} could not be started (${code}).`;
    return { error: stillError(how, { tool, errno: code }), lines };
  }
  const exit = { code, signal: signal as NodeJS.Signals | null };
  return { error: withStillAdvice(endedError({ tool, lines, exit, frames: 0 })), lines };
}

function tooLong(tool: string, limitMs: number): CsiCamerasError {
  const seconds = Number((limitMs / 1000).toFixed(1));
  return stillError(`${tool} gave no picture within ${seconds} s and was ended.`, {
    tool,
    limitMs,
  });
}

function withoutAnswer(tool: string, lines: StderrTail['lines']): CsiCamerasError {
  const stderr = lines.map(({ text }) => text).join('\n');
  return stillError(`The process that runs ${tool} ended without an answer.`, { tool, stderr });
}

function stuckError(tool: string, group: number): CsiCamerasError {
  const how = `${tool} could not be ended (process group ${group}): it may still hold the camera.`;
  return stillError(how, { tool, group });
}
