import { mkdtemp, open, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { CsiCamerasError, fileError } from '../../core/errors.js';
import { toolEnvironment, type ToolCommand } from '../tool-process.js';
import { STILL_FILES, STILL_FOLDER_PREFIX } from './still-options.js';

/**
 * The private folder of one still (0700): in it `libcamera-still`, the only name that node-libcamera knows, leads to the tool
 * that was found, and the tool puts its files there. It is first on the PATH and the current folder, so no path is ever part
 * of a command line that a shell reads.
 */
export interface StillFolder {
  readonly path: string;
  /** For the process in which node-libcamera works. */
  readonly environment: NodeJS.ProcessEnv;
  /** Never rejects. */
  remove(): Promise<void>;
}

/**
 * For a tool that is a script, or a program with an argument (node and a script). Fixed words: the paths are variables. A
 * script may itself call `libcamera-still`, so it gets the usual PATH: by the private one it would call itself for ever.
 */
const WRAPPER = `#!/bin/sh
set -- "$CSI_CAMERAS_STILL_PROGRAM" \${CSI_CAMERAS_STILL_SCRIPT:+"$CSI_CAMERAS_STILL_SCRIPT"} "$@"
PATH=$CSI_CAMERAS_STILL_PATH
unset CSI_CAMERAS_STILL_PROGRAM CSI_CAMERAS_STILL_SCRIPT CSI_CAMERAS_STILL_PATH
exec "$@"
`;
const SCRIPT_BEGINS = '#!';

/**
 * Rejects with `disk_full` or `io_error`, and then leaves nothing. `tuningFile`: an absolute path. `parent`: usually what
 * TMPDIR says.
 */
export async function makeStillFolder(
  tool: ToolCommand,
  tuningFile: string | undefined,
  parent = tmpdir(),
): Promise<StillFolder> {
  const place = resolve(parent);
  if (place.includes(delimiter)) {
    const why = `The folder for temporary files, ${place}, has a "${delimiter}" in its name, which no search path can hold.`;
    throw new CsiCamerasError('io_error', `${why} Set TMPDIR to another one.`, { path: place });
  }
  const path = await mkdtemp(join(place, STILL_FOLDER_PREFIX)).catch((thrown: unknown) => {
    throw fileError('make a temporary folder', place, thrown);
  });
  const remove = async (): Promise<void> => {
    // Ignored: a folder among the temporary files that cannot be removed is no reason to lose the picture.
    await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  };
  try {
    const link = join(path, STILL_FILES.tool);
    const [script] = tool.leadingArguments;
    if (script === undefined && !(await isScript(tool.program))) await symlink(tool.program, link);
    else await writeFile(link, WRAPPER, { mode: 0o700, flag: 'wx' });
    if (tuningFile !== undefined) await symlink(tuningFile, join(path, STILL_FILES.tuning));
    return { path, environment: environmentFor(path, tool.program, script), remove };
  } catch (thrown) {
    await remove();
    throw fileError('link', path, thrown);
  }
}

async function isScript(program: string): Promise<boolean> {
  const file = await open(program, 'r').catch(() => null); // it may be run, but not read
  if (file === null) return false;
  try {
    const { buffer } = await file.read(Buffer.alloc(SCRIPT_BEGINS.length), 0, SCRIPT_BEGINS.length, 0);
    return buffer.toString('latin1') === SCRIPT_BEGINS;
  } finally {
    await file.close();
  }
}

function environmentFor(path: string, program: string, script = ''): NodeJS.ProcessEnv {
  const environment = toolEnvironment();
  const { PATH = '/usr/bin:/bin' } = environment;
  return {
    ...environment,
    PATH: `${path}${delimiter}${PATH}`,
    CSI_CAMERAS_STILL_PATH: PATH,
    CSI_CAMERAS_STILL_PROGRAM: program,
    CSI_CAMERAS_STILL_SCRIPT: script,
  };
}
