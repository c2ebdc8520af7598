import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { PYTHON } from '../../scripts/readers.mjs';
import { ROOT } from './paths.js';

/** What the supervisor tells of the service, `event` first: see `supervisor.py`. */
export interface SupervisorEvent {
  readonly event: 'started' | 'told' | 'said' | 'overdue' | 'ended';
  readonly pid?: number;
  readonly code?: number;
  readonly of?: string;
  readonly text?: string;
  readonly READY?: string;
  readonly STATUS?: string;
  readonly WATCHDOG?: string;
  readonly STOPPING?: string;
}

/** A unit's service under a supervisor that does as systemd would. Nothing of it is left when the test's process ends. */
export class Supervisor {
  readonly events: SupervisorEvent[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<unknown>;
  #looked = 0;
  #wake = (): void => {};

  constructor(unitPath: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn(PYTHON, [join(ROOT, 'test/harness/supervisor.py'), unitPath], { env });
    this.#ended = once(this.#child, 'close');
    let stderr = '';
    this.#child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.events.push(JSON.parse(line) as SupervisorEvent);
      this.#wake();
    });
    void this.#ended.then(() => {
      if (stderr !== '') this.events.push({ event: 'said', text: `supervisor: ${stderr}` });
      this.#wake();
    });
  }

  /** The next such event after the last one that was waited for. Rejects where the supervisor ends first. */
  async next(isMeant: (event: SupervisorEvent) => boolean): Promise<SupervisorEvent> {
    for (;;) {
      while (this.#looked < this.events.length) {
        const event = this.events[this.#looked];
        this.#looked += 1;
        if (event !== undefined && isMeant(event)) return event;
      }
      if (this.#child.exitCode !== null) throw new Error(`It has ended: ${JSON.stringify(this.events)}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The name of a signal for the main process, or `stop`. */
  command(line: NodeJS.Signals | 'stop'): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Kills the service, if it still runs. */
  async end(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}
