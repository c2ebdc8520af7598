import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { VIRTUAL_CAMERA } from '../../harness/paths.js';

export const STREAM_OPTIONS = [
  ...['--nopreview', '--timeout', '0', '--codec', 'mjpeg', '--flush', '--output', '-'],
  ...['--metadata', '-', '--metadata-format', 'txt', '--quality', '85'],
];
/** A small, quick stream: 200 fps of the second camera. */
export const SMALL = [...STREAM_OPTIONS, '--camera', '1', '--width', '64', '--height', '64', '--framerate', '200'];

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The built camera as a process, with all that it said. */
export class RunningTool {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #chunks: Buffer[] = [];
  #stderr = '';
  #changed: (() => void)[] = [];

  constructor(args: readonly string[], misbehaviours = '', environment: Readonly<Record<string, string>> = {}) {
    const env = { ...process.env, CSI_VIRTUAL_CAMERA: misbehaviours, ...environment };
    this.child = spawn(process.execPath, [VIRTUAL_CAMERA, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => this.#note(() => this.#chunks.push(chunk)));
    this.child.stderr?.on('data', (chunk: Buffer) => this.#note(() => (this.#stderr += chunk.toString())));
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }) as Ended);
  }

  get stdout(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  get stderr(): string {
    return this.#stderr;
  }

  get byteCount(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0);
  }

  /** Resolves when the condition holds; it is looked at whenever the tool says something. */
  async until(condition: (tool: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  /** Number of whole metadata blocks so far: as many frames at least have come. */
  get blockCount(): number {
    return this.stdout.toString('latin1').split('SensorTimestamp=').length - 1;
  }

  async interrupt(): Promise<Ended> {
    this.child.kill('SIGINT');
    return this.ended;
  }

  #note(take: () => void): void {
    take();
    const waiting = this.#changed;
    this.#changed = [];
    for (const resolve of waiting) resolve();
  }
}

/** Runs the tool to its end. */
export async function runToEnd(
  args: readonly string[],
  misbehaviours = '',
): Promise<Ended & { readonly stdout: Buffer; readonly stderr: string }> {
  const tool = new RunningTool(args, misbehaviours);
  const ended = await tool.ended;
  return { ...ended, stdout: tool.stdout, stderr: tool.stderr };
}
