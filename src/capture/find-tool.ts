import { constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { errorWithAdvice } from '../core/errors.js';
import { realFileSystem } from '../core/file-system.js';
import type { ToolCommand } from './tool-process.js';

/** The newer name first: it is there since rpicam-apps 1.4.0, and the older one went with 1.7. */
const TOOL_NAMES = ['rpicam-vid', 'libcamera-vid'] as const;

/**
 * The capture tool: the one that was configured, else the first that PATH has.
 * Rejects with `capture_tool_missing`.
 */
export async function findTool(
  configured: readonly string[],
  path: string = process.env['PATH'] ?? '',
): Promise<ToolCommand> {
  const [program, ...leadingArguments] = configured;
  if (program !== undefined) return { program, leadingArguments };
  for (const name of TOOL_NAMES) {
    for (const folder of path.split(delimiter)) {
      const candidate = join(folder, name);
      if (folder !== '' && (await isProgram(candidate))) return { program: candidate, leadingArguments: [] };
    }
  }
  throw errorWithAdvice('capture_tool_missing', `Neither ${TOOL_NAMES.join(' nor ')} is installed.`, {
    operation: 'look for the capture tool',
    path,
  });
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await realFileSystem.access(path, constants.X_OK);
    return (await realFileSystem.stat(path)).isFile();
  } catch {
    return false; // not there or not ours to run: the next folder may have one
  }
}
