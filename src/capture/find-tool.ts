import { constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { errorWithAdvice } from '../core/errors.js';
import { realFileSystem } from '../core/file-system.js';
import type { ToolCommand } from './tool-process.js';

/** The newer name comes first. It exists since rpicam-apps 1.4.0; 1.7 dropped the older one. */
const TOOL_NAMES = ['rpicam-vid', 'libcamera-vid'] as const;
export const STILL_TOOL_NAMES = ['rpicam-still', 'libcamera-still'] as const;

/** Finds the capture tool: the configured one, otherwise the first one on PATH. Rejects with `capture_tool_missing`. */
export async function findTool(
  configured: readonly string[],
  path: string = process.env['PATH'] ?? '',
  names: readonly string[] = TOOL_NAMES,
): Promise<ToolCommand> {
  const [program, ...leadingArguments] = configured;
  if (program !== undefined) return { program, leadingArguments };
  for (const name of names) {
    const found = await whereIs(name, path);
    if (found !== undefined) return { program: found, leadingArguments: [] };
  }
  throw errorWithAdvice('capture_tool_missing', `Neither ${names.join(' nor ')} is installed.`, {
    operation: 'look for the capture tool',
    path,
  });
}

/** The first program of this name on PATH. A name with a slash is a path itself. */
export async function whereIs(name: string, path: string = process.env['PATH'] ?? ''): Promise<string | undefined> {
  if (name.includes('/')) return name;
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, name);
    if (folder !== '' && (await isProgram(candidate))) return candidate;
  }
  return undefined;
}

export async function isProgram(path: string): Promise<boolean> {
  try {
    await realFileSystem.access(path, constants.X_OK);
    return (await realFileSystem.stat(path)).isFile();
  } catch {
    return false; // missing or not executable for this user; the next folder may have one
  }
}
