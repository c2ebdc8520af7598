import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jpeg } from '../unit/capture/jpeg-bytes.js';

/** Still tools that behave in one way each: tiny shell programs. They run in the private folder of a still. */

/** What `write` of a tool's script puts down. */
export const PICTURE = jpeg(Buffer.alloc(3000, 7), { width: 1456, height: 1088 });

export interface StillTools {
  /** The path of a tool with this script. `$PICTURE` is a picture, `$HERE` the folder of the tools. */
  tool(script: string, name?: string): Promise<string>;
  /** The temporary folder that a still may use. */
  readonly temporary: string;
  /** What is left in it. */
  left(): Promise<readonly string[]>;
  /** A line that a tool wrote into `$HERE/NAME`, as soon as it is there. */
  path(name: string): string;
}

export async function stillTools(folder: string): Promise<StillTools> {
  const here = join(folder, 'tools');
  const temporary = join(folder, 'tmp with; $(a) name');
  await mkdir(here);
  await mkdir(temporary);
  await writeFile(join(here, 'picture.jpg'), PICTURE);
  return {
    temporary,
    tool: async (script, name = 'rpicam-still') => {
      const path = join(here, name);
      const head = `#!/bin/sh\nHERE='${here}'\nPICTURE='${here}/picture.jpg'\n`;
      await writeFile(path, `${head}${script}\n`, { mode: 0o755 });
      return path;
    },
    left: () => readdir(temporary),
    path: (name) => join(here, name),
  };
}

/** The processes that have this text in their environment or command line: those of one test. */
export async function processesWith(text: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => ''); // it ended
      const [command, environment] = await Promise.all([read('cmdline'), read('environ')]);
      return `${command}${environment}`.includes(text) ? [`${pid} ${command.replaceAll('\0', ' ')}`] : [];
    }),
  );
  return found.flat();
}
