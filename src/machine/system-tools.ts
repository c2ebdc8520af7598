import { join } from 'node:path';
import { isProgram } from '../capture/find-tool.js';
import type { ToolCommand } from '../capture/tool-process.js';
import { runTool } from '../capture/tool-run.js';
import { systemClock } from '../core/clock.js';
import { CsiCamerasError } from '../core/errors.js';

/** Tools that tell something of the system. None of them is trusted: neither to end, nor to tell the truth. */

/** Patience with one tool. */
export const TOOL_LIMIT_MS = 3000;

/** Never the PATH: somebody else may have put a `chronyc` there. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/opt/vc/bin'] as const;

/** `output` is `null` where there is none to go by, and `why` says why, as the end of a sentence. */
export type ToolAnswer =
  { readonly output: string; readonly lines: readonly string[] } | { readonly output: null; readonly why: string };

/** Runs a tool by its absolute path, without a shell, for 3 s. Rejects only with the signal's reason. */
export async function callSystemTool(
  name: string,
  toolArguments: readonly string[],
  signal: AbortSignal,
  folders: readonly string[] = FOLDERS,
): Promise<ToolAnswer> {
  for (const folder of folders) {
    const program = join(folder, name);
    if (await isProgram(program)) return answerOf({ program, leadingArguments: [] }, toolArguments, signal);
  }
  return { output: null, why: `${name} is not installed` };
}

/** The output of a tool that ended well and in time. At most 1 MiB of it is kept. */
export async function answerOf(
  command: ToolCommand,
  toolArguments: readonly string[],
  signal: AbortSignal,
): Promise<ToolAnswer> {
  const name = command.program.slice(command.program.lastIndexOf('/') + 1);
  try {
    const { output, lines, exit } = await runTool(command, toolArguments, {
      limitMs: TOOL_LIMIT_MS,
      clock: systemClock,
      signal,
    });
    if (exit.code === 0) return { output, lines };
    return { output: null, why: `${name} failed (${exit.code ?? exit.signal ?? 'no exit code'})` };
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof CsiCamerasError && thrown.code === 'capture_failed') {
      return { output: null, why: `${name} did not answer within ${TOOL_LIMIT_MS / 1000} s` };
    }
    return { output: null, why: `${name} could not be started` };
  }
}
