import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { errnoOf, errorWithAdvice, messageOf, type CsiCamerasError } from '../core/errors.js';

/** A program, with the arguments that come before ours. */
export interface ToolCommand {
  readonly program: string;
  readonly leadingArguments: readonly string[];
}

/** How a process ended. Exactly one of the two is not null. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const PASSED_ON = new Set(['PATH', 'HOME', 'XDG_RUNTIME_DIR', 'LD_LIBRARY_PATH']);
const PASSED_ON_PREFIXES = ['LIBCAMERA_', 'CSI_VIRTUAL_CAMERA'];

/**
 * The environment for the capture tool: the variables it needs to be found and to load its own libraries, and its own
 * settings. Messages are plain and without colours.
 */
export function toolEnvironment(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const passedOn = Object.entries(environment).filter(
    ([name]) => PASSED_ON.has(name) || PASSED_ON_PREFIXES.some((prefix) => name.startsWith(prefix)),
  );
  return { ...Object.fromEntries(passedOn), LANG: 'C', LC_ALL: 'C', LIBCAMERA_LOG_NO_COLOR: '1' };
}

/**
 * Starts the tool without a shell and in a process group of its own. Otherwise Ctrl-C in a terminal would reach it
 * before us, and a shutdown would look like a lost camera. Resolves once it runs; rejects with `capture_tool_missing`
 * or `capture_failed`.
 */
export async function startTool(
  command: ToolCommand,
  toolArguments: readonly string[],
  stdio: StdioOptions,
): Promise<ChildProcess> {
  try {
    const child = spawn(command.program, [...command.leadingArguments, ...toolArguments], {
      stdio,
      detached: true,
      shell: false,
      env: toolEnvironment(),
    });
    await once(child, 'spawn'); // rejects on 'error'
    return child;
  } catch (thrown) {
    throw startError(command.program, thrown);
  }
}

/**
 * Sends a signal to the whole group of a process that has not exited yet. False if the group does not exist any more.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    return false; // ESRCH: all its processes have already ended, as intended
  }
}

function startError(program: string, thrown: unknown): CsiCamerasError {
  const errno = errnoOf(thrown) ?? 'unknown';
  const context = { operation: 'start the capture tool', tool: program, errno };
  switch (errno) {
    case 'ENOENT':
    case 'ENOTDIR':
      return errorWithAdvice('capture_tool_missing', `The capture tool ${program} was not found.`, context, thrown);
    case 'EACCES':
    case 'ENOEXEC':
      return errorWithAdvice(
        'capture_tool_missing',
        `This user cannot run the capture tool ${program} (${errno}).`,
        context,
        thrown,
      );
    default:
      return errorWithAdvice(
        'capture_failed',
        `The capture tool ${program} could not be started: ${messageOf(thrown)}.`,
        context,
        thrown,
      );
  }
}
