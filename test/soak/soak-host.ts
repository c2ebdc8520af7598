import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { StatusMessage, StatusName } from '../../src/protocol/statuses.js';
import { HeldSession } from '../harness/held-lines.js';
import { MAIN } from '../harness/paths.js';
import type { Leak } from './options.js';

const PROBE = fileURLToPath(new URL('probe.mjs', import.meta.url));
/** Generous: what takes longer is stuck, on the slowest machine. */
const PATIENCE_MS = 60_000;

/** What the probe tells of the process from inside, bytes and counts. */
export interface ProbeFigures {
  readonly heapUsed: number;
  /** The part of `heapUsed` that is compiled code. */
  readonly code: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly rss: number;
  readonly timers: number;
  readonly handles: number;
}

export type StatusOf<N extends StatusName> = StatusMessage & { status: N };

export interface SoakHostOptions {
  readonly folder: string;
  readonly config: object;
  readonly env: Readonly<Record<string, string>>;
  readonly leak: Leak | undefined;
  readonly onStatus: (status: StatusMessage) => void;
}

interface Waiting {
  readonly matches: (status: StatusMessage) => boolean;
  readonly resolve: (status: StatusMessage) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The built program as a host in the field launches it, plus the probe. Unlike the mock host of the tests it keeps no
 * status: it hears hundreds of thousands.
 */
export class SoakHost {
  readonly exited: Promise<number | null>;
  #sequence = 0;
  #waiting: Waiting[] = [];
  #stderr = '';
  readonly #held = new HeldSession();

  private constructor(
    private readonly child: ChildProcess,
    private readonly onStatus: (status: StatusMessage) => void,
  ) {
    this.exited = once(child, 'close').then(([code]) => {
      for (const { reject } of this.#waiting)
        reject(new Error(`The module ended with ${String(code)}: ${this.#stderr}`));
      this.#waiting = [];
      return typeof code === 'number' ? code : null;
    });
  }

  static async launch({ folder, config, env, leak, onStatus }: SoakHostOptions): Promise<SoakHost> {
    const configPath = join(folder, 'config.json');
    await writeFile(configPath, JSON.stringify(config));
    const places = ['--log-dir', join(folder, 'logs'), '--state-dir', join(folder, 'state')];
    const flags = [...places, '--output-dir', folder, '--config-path', configPath];
    const child = spawn(process.execPath, ['--import', PROBE, MAIN, ...flags], {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C is the soak's, which then ends the module in good order.
      detached: true,
      env: { ...process.env, ...env, CSI_SOAK_LEAK: leak ?? '' },
    });
    const host = new SoakHost(child, onStatus);
    host.#listen();
    await host.next('ready');
    return host;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The module could not be launched.');
    return this.child.pid;
  }

  /** Sends a command and waits for one of these answers; any other final answer of a faulty command is a `command_nack`. */
  async ask<N extends StatusName>(
    command: { readonly command: string; readonly [field: string]: unknown },
    ...answers: N[]
  ): Promise<StatusOf<N>> {
    this.#sequence += 1;
    const id = `${command.command}_soak_${this.#sequence}`;
    const names = new Set<StatusName>([...answers, 'command_nack']);
    const answer = this.#wait(command.command, (status) => status.in_reply_to === id && names.has(status.status));
    const line = { command_id: id, ...command };
    this.#held.sent(id, line);
    this.child.stdin?.write(`${JSON.stringify(line)}\n`);
    const status = await answer;
    this.#held.expectValid();
    const isExpected = (given: StatusMessage): given is StatusOf<N> => answers.some((name) => name === given.status);
    if (!isExpected(status)) throw new Error(`${command.command} was answered by ${JSON.stringify(status)}`);
    return status;
  }

  /** The next status of this name. */
  next<N extends StatusName>(name: N): Promise<StatusOf<N>> {
    return this.#wait(name, (status) => status.status === name) as Promise<StatusOf<N>>;
  }

  /** What the process holds after a garbage collection. */
  async figures(): Promise<ProbeFigures> {
    const answer = once(this.child, 'message', { signal: AbortSignal.timeout(PATIENCE_MS) });
    this.child.send('figures');
    const [figures] = (await answer) as [ProbeFigures];
    return figures;
  }

  /** Ends the module as a host does. Resolves with its exit code. */
  async quit(): Promise<number | null> {
    await this.ask({ command: 'quit' }, 'shutdown_complete');
    return this.exited;
  }

  /** Whatever its state. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.child;
    // A child that has ended does not read: `exited` says so.
    stdin?.on('error', () => undefined);
    stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4000);
    });
    if (stdout === null) return;
    createInterface({ input: stdout }).on('line', (line) => {
      this.#hear(JSON.parse(line) as StatusMessage);
    });
  }

  #hear(status: StatusMessage): void {
    this.#held.heard(status);
    this.onStatus(status);
    const found = this.#waiting.filter(({ matches }) => matches(status));
    if (found.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !found.includes(waiting));
    for (const { resolve } of found) resolve(status);
  }

  #wait(what: string, matches: Waiting['matches']): Promise<StatusMessage> {
    let patience: NodeJS.Timeout | undefined;
    const coming = new Promise<StatusMessage>((resolve, reject) => {
      this.#waiting.push({ matches, resolve, reject });
      patience = setTimeout(() => {
        reject(new Error(`Nothing was heard of ${what} for ${PATIENCE_MS / 1000} s. ${this.#stderr}`));
      }, PATIENCE_MS);
    });
    return coming.finally(() => {
      clearTimeout(patience);
    });
  }
}
