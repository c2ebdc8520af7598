import { chmod, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { VIRTUAL_CAMERA } from './paths.js';

/** What a capture tool sees of the module that starts it. */
export interface ToolView {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Numbers of its open files. */
  readonly descriptors: readonly number[];
}

/** A capture tool that tells what it sees and then is the virtual camera. */
export interface TellingTool {
  readonly path: string;
  /** Of the last time that it was started. */
  view(): Promise<ToolView>;
}

/** `name`: any file name. `before`: shell commands that it runs first, such as what it prints on stderr. */
export async function tellingTool(folder: string, name = 'capture-tool', before = ''): Promise<TellingTool> {
  const path = join(folder, name);
  const told = join(folder, 'told');
  const script = [
    '#!/bin/sh',
    // Arguments and variables may hold line ends: each ends with a NUL. The shell adds PWD, OLDPWD, SHLVL and _ itself.
    `cat /proc/$$/environ > '${told}.env'`,
    `cat /proc/$$/cmdline > '${told}.argv'`,
    `ls /proc/$$/fd > '${told}.fd'`,
    before,
    `exec '${process.execPath}' '${VIRTUAL_CAMERA}' "$@"`,
  ];
  await writeFile(path, `${script.join('\n')}\n`);
  await chmod(path, 0o755);
  const read = async (what: string): Promise<string> => readFile(join(dirname(path), `told.${what}`), 'utf8');
  return {
    path,
    async view() {
      const [environment, argv, descriptors] = await Promise.all([read('env'), read('argv'), read('fd')]);
      const pairs = environment.split('\0').filter((pair) => pair !== '');
      return {
        argv: argv.split('\0').slice(2, -1), // without the shell and the script
        environment: Object.fromEntries(pairs.map((pair) => [pair.split('=')[0] ?? '', pair.replace(/^[^=]*=/, '')])),
        // 10 and up: the shell's own copy of its script.
        descriptors: descriptors
          .split('\n')
          .filter(Boolean)
          .map(Number)
          .filter((number) => number < 10),
      };
    },
  };
}
