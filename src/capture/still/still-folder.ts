import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileError } from '../../core/errors.js';
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

/** For a tool that is a program with an argument (node and a script). Fixed words: the paths are variables. */
const WRAPPER = `#!/bin/sh\nexec "$CSI_CAMERAS_STILL_PROGRAM" "$CSI_CAMERAS_STILL_SCRIPT" "$@"\n`;

/** Rejects with `disk_full` or `io_error`, and then leaves nothing. `tuningFile`: an absolute path. */
export async function makeStillFolder(
  tool: ToolCommand,
  tuningFile: string | undefined,
  parent = tmpdir(),
): Promise<StillFolder> {
  const path = await mkdtemp(join(parent, STILL_FOLDER_PREFIX)).catch((thrown: unknown) => {
    throw fileError('make a temporary folder', parent, thrown);
  });
  const remove = async (): Promise<void> => {
    // Ignored: a folder among the temporary files that cannot be removed is no reason to lose the picture.
    await rm(path, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  };
  try {
    const link = join(path, STILL_FILES.tool);
    const [script] = tool.leadingArguments;
    if (script === undefined) await symlink(tool.program, link);
    else await writeFile(link, WRAPPER, { mode: 0o700, flag: 'wx' });
    if (tuningFile !== undefined) await symlink(tuningFile, join(path, STILL_FILES.tuning));
    return { path, environment: environmentFor(path, tool.program, script), remove };
  } catch (thrown) {
    await remove();
    throw fileError('link', path, thrown);
  }
}

function environmentFor(path: string, program: string, script: string | undefined): NodeJS.ProcessEnv {
  const environment = toolEnvironment();
  return {
    ...environment,
    PATH: `${path}${delimiter}${environment['PATH'] ?? ''}`,
    ...(script === undefined ? {} : { CSI_CAMERAS_STILL_PROGRAM: program, CSI_CAMERAS_STILL_SCRIPT: script }),
  };
}
