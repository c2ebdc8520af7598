import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { PYTHON } from '../../scripts/readers.mjs';
import type { StatusMessage } from '../../src/protocol/statuses.js';
import { StatusLog } from './mock-host.js';
import { ROOT, VIRTUAL_CAMERA } from './paths.js';
import { runProgram } from './run-program.js';

const DRIVER = join(ROOT, 'test/field-host/field_host.py');
const TREE = join(ROOT, 'test/field-host/tree');

/** A line of the driver: the answer to an order, or what a module says. */
type DriverLine =
  | { readonly answer: number; readonly facts: unknown }
  | { readonly answer: number; readonly failed: string }
  | { readonly heard: string; readonly message: StatusMessage }
  | { readonly noise: string; readonly device: string };

/** A folder that looks like a host's, a home for its user, and rpicam-apps that are the virtual camera. */
export interface FieldPlace {
  readonly folder: string;
  /** The one to name to `csi-cameras integrate`. */
  readonly tree: string;
  /** The module's folder in it. */
  readonly module: string;
  readonly home: string;
  readonly env: Record<string, string>;
}

export async function fieldPlace(folder: string, env: Readonly<Record<string, string>> = {}): Promise<FieldPlace> {
  const tree = join(folder, 'host');
  const home = join(folder, 'home');
  const bin = join(folder, 'bin');
  await cp(TREE, tree, { recursive: true });
  for (const path of [home, bin]) await mkdir(path);
  for (const tool of ['rpicam-vid', 'rpicam-hello']) await symlink(VIRTUAL_CAMERA, join(bin, tool));
  await writeFile(join(bin, 'xdg-open'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  return {
    folder,
    tree,
    module: join(tree, 'rpi_logger/modules/Cameras_CSI'),
    home,
    // Nothing of whoever runs the test: what is kept, and logs, go into this home.
    env: { PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`, HOME: home, DISPLAY: ':0', ...env },
  };
}

/** Runs `csi-cameras integrate` on the tree, which must succeed, and resolves with what it said. */
export async function integrate(place: FieldPlace, ...flags: readonly string[]): Promise<string> {
  const args = ['integrate', 'rpi-logger', place.tree, ...flags];
  const { code, stdout, stderr } = await runProgram(place.folder, args).ended;
  if (code !== 0 || stderr !== '') throw new Error(`integrate ended with ${code}: ${stderr}`);
  return stdout;
}

/** The driver of `test/field-host`, which behaves as the host in the field does. */
export class FieldHost {
  readonly #process: ChildProcess;
  readonly #logs = new Map<string, StatusLog>();
  readonly #waiting = new Map<number, { resolve: (facts: unknown) => void; reject: (error: Error) => void }>();
  readonly #ended: Promise<unknown>;
  /** What was no status on a module's stdout: nothing may be. */
  readonly noise: string[] = [];
  #errors = '';
  #orders = 0;

  constructor({ folder, tree, env }: FieldPlace) {
    this.#process = spawn(PYTHON, [DRIVER, tree, folder], { stdio: ['pipe', 'pipe', 'pipe'], env });
    const { stdin, stdout, stderr } = this.#process;
    if (stdin === null || stdout === null || stderr === null) throw new Error('The driver has no pipes.');
    createInterface({ input: stdout }).on('line', (line) => {
      this.#read(JSON.parse(line) as DriverLine);
    });
    stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    stdin.on('error', () => undefined); // it has ended: each order says so
    this.#ended = once(this.#process, 'close').then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`The driver has ended: ${this.#errors}`));
    });
  }

  /** What the module of this camera has said. */
  log(device: string): StatusLog {
    const log = this.#logs.get(device) ?? new StatusLog();
    this.#logs.set(device, log);
    return log;
  }

  /** Resolves with what came of it: the facts that this order of the driver returns. */
  async order<T extends object>(name: string, fields: object = {}): Promise<T> {
    this.#orders += 1;
    const number = this.#orders;
    this.#process.stdin?.write(`${JSON.stringify({ number, do: name, with: fields })}\n`);
    return (await new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
    })) as T;
  }

  /** Ends the host and whatever it still has. Fails where a status was not as the protocol says, or the driver had a mistake. */
  async end(): Promise<void> {
    this.#process.stdin?.end();
    await this.#ended;
    for (const log of this.#logs.values()) log.expectProper();
    if (this.#errors !== '' || this.noise.length > 0) throw new Error(`${this.#errors}${this.noise.join('\n')}`);
  }

  #read(line: DriverLine): void {
    if ('heard' in line) {
      this.log(line.heard).hear(line.message);
      return;
    }
    if ('noise' in line) {
      this.noise.push(line.noise);
      return;
    }
    const waiting = this.#waiting.get(line.answer);
    this.#waiting.delete(line.answer);
    if ('failed' in line) waiting?.reject(new Error(`${line.failed} ${this.#errors}`));
    else waiting?.resolve(line.facts);
  }
}
