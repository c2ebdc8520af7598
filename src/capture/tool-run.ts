import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../core/clock.js';
import { errorWithAdvice } from '../core/errors.js';
import { StderrTail } from './stderr-tail.js';
import { signalGroup, startTool, type ProcessExit, type ToolCommand } from './tool-process.js';

/** A list of all cameras has about 10 KB. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** Wait after the exit if another process still holds the output open. */
const DRAIN_LIMIT_MS = 100;

export interface ToolResult {
  readonly output: string;
  /** The last lines of stderr. */
  readonly lines: readonly string[];
  readonly exit: ProcessExit;
}

/**
 * Runs the tool to its end and returns its output. Rejects with `capture_tool_missing`, with `capture_failed` if it
 * takes longer than `limitMs`, or with the reason of `signal`. In the last two cases its whole process group has been
 * killed.
 */
export async function runTool(
  command: ToolCommand,
  toolArguments: readonly string[],
  options: { readonly limitMs: number; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<ToolResult> {
  const { limitMs, clock, signal } = options;
  signal.throwIfAborted();
  const child = await startTool(command, toolArguments, ['ignore', 'pipe', 'pipe']);
  const tail = new StderrTail();
  const chunks: Buffer[] = [];
  let size = 0;
  child.stderr?.on('data', (chunk: Buffer) => {
    tail.push(chunk, clock.monotonicNs());
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    if (size < MAX_OUTPUT_BYTES) chunks.push(chunk);
    size += chunk.length;
  });

  const exit = await endOf(child, clock, signal, limitMs);
  child.stdout?.destroy();
  child.stderr?.destroy();
  signal.throwIfAborted();
  if (exit === undefined) {
    const called = [command.program, ...toolArguments].join(' ');
    throw errorWithAdvice('capture_failed', `${called} did not end within ${limitMs} ms.`, {
      tool: command.program,
      stderr: tail.lines.map((line) => line.text).join('\n'),
    });
  }
  tail.finish(clock.monotonicNs());
  const output = Buffer.concat(chunks).subarray(0, MAX_OUTPUT_BYTES).toString('utf8');
  return { output, lines: tail.lines.map((line) => line.text), exit };
}

/** The exit status; `undefined` if the tool was killed because of the limit or the signal. */
async function endOf(
  child: ChildProcess,
  clock: Clock,
  signal: AbortSignal,
  limitMs: number,
): Promise<ProcessExit | undefined> {
  const { pid } = child;
  let exit: ProcessExit | undefined;
  const cancels: (() => void)[] = [];
  await new Promise<void>((resolve) => {
    const kill = (): void => {
      if (pid !== undefined && exit === undefined) signalGroup(pid, 'SIGKILL');
      child.unref();
      resolve();
    };
    child.once('exit', (code, exitSignal) => {
      if (pid !== undefined) signalGroup(pid, 'SIGKILL'); // no process of its group stays behind
      exit = { code, signal: exitSignal };
      cancels.push(clock.after(DRAIN_LIMIT_MS, resolve));
    });
    child.once('close', () => {
      resolve();
    });
    cancels.push(clock.after(limitMs, kill));
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill(); // meanwhile the tool was being started
    cancels.push(() => {
      signal.removeEventListener('abort', kill);
    });
  });
  for (const cancel of cancels) cancel();
  return exit;
}
