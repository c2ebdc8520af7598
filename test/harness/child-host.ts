import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { StatusMessage } from '../../src/protocol/statuses.js';
import { makeHost, StatusLog, type MockHost } from './mock-host.js';
import { MAIN } from './paths.js';
import { withPatientCamera } from './patient-camera.js';

export interface ChildOptions {
  /** Logs, configuration and sessions go into this folder, which the test owns. */
  readonly folder: string;
  readonly config?: object;
  readonly args?: readonly string[];
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** stdout is a pipe, as most hosts give it; Node gives its children a socket. `process` is then the shell between. */
  readonly isPiped?: boolean;
}

export interface ChildHost extends MockHost {
  readonly process: ChildProcess;
  /** What the child printed on stderr so far. */
  stderr(): string;
  /** Exit code (or signal), when it has ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Launches the built program as a host in the field does and waits for `ready`. */
export async function childHost({
  folder,
  config = {},
  args = [],
  nodeOptions = [],
  env = {},
  isPiped = false,
}: ChildOptions): Promise<ChildHost> {
  const configPath = join(folder, 'config.json');
  await writeFile(configPath, JSON.stringify({ simulate: true, ...withPatientCamera(config) }));
  const logDir = join(folder, 'logs');
  const places = ['--log-dir', logDir, '--state-dir', join(folder, 'state')];
  const flags = [...places, '--output-dir', folder, '--config-path', configPath, '--enable-commands'];
  const launch = [process.execPath, ...nodeOptions, MAIN, ...flags, ...args];
  const [program = '', ...programArguments] = isPiped ? ['/bin/sh', '-c', '"$@" | cat', 'sh', ...launch] : launch;
  const child = spawn(program, programArguments, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const log = new StatusLog();
  createInterface({ input: child.stdout }).on('line', (line) => {
    // Nothing but statuses is ever printed on stdout: anything else fails the test here.
    log.hear(JSON.parse(line) as StatusMessage);
  });
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  // A child that has ended does not read: what a test still sends is lost, as for any host.
  child.stdin.on('error', () => undefined);
  const exited = once(child, 'close').then((result) => {
    const [code, signal] = result as [number | null, NodeJS.Signals | null];
    return { code, signal };
  });
  const write = (line: Buffer | string): void => {
    child.stdin.write(line);
    child.stdin.write('\n');
  };
  const end = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  const host = makeHost({ kind: 'child process', log, logDir, sendBad: write, end }, (command) => {
    write(JSON.stringify(command));
  });
  await Promise.race([
    log.wait('ready'),
    exited.then(({ code }) => {
      throw new Error(`The module ended with ${code} before it was ready: ${printed}`);
    }),
  ]);
  return { ...host, process: child, exited, stderr: () => printed };
}
