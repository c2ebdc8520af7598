import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

import { VIRTUAL_CAMERA } from '../../harness/paths.js';

const OPTIONS = `--nopreview --timeout 0 --codec mjpeg --flush --output - --metadata - --metadata-format txt --quality 85`;
export const STREAM_OPTIONS = OPTIONS.split(' ');
/** 200 fps of the second camera, 640x480 or small. */
export const QUICK = [...STREAM_OPTIONS, '--camera', '1', '--framerate', '200'];
export const SMALL = [...QUICK, '--width', '64', '--height', '64'];

const BLOCK_MARK = Buffer.from('SensorTimestamp=');

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The built camera as a process, with all that it said. */
export class RunningTool {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #chunks: Buffer[] = [];
  #tail = Buffer.alloc(0);
  #blockCount = 0;
  #stderr = '';
  #changed: (() => void)[] = [];

  constructor(
    args: readonly string[],
    misbehaviours = '',
    environment: Readonly<Record<string, string>> = {},
    program = VIRTUAL_CAMERA,
  ) {
    const env = { ...process.env, CSI_VIRTUAL_CAMERA: misbehaviours, ...environment };
    this.child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => this.#note(() => this.#take(chunk)));
    this.child.stderr?.on('data', (chunk: Buffer) => this.#note(() => (this.#stderr += chunk.toString())));
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
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

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    const bytes = Buffer.concat([this.#tail, chunk]);
    let counted = 0;
    for (let at = bytes.indexOf(BLOCK_MARK); at !== -1; at = bytes.indexOf(BLOCK_MARK, counted)) {
      this.#blockCount += 1;
      counted = at + BLOCK_MARK.length;
    }
    // What might be the beginning of one, cut by the chunk's end.
    this.#tail = bytes.subarray(Math.max(counted, bytes.length - BLOCK_MARK.length + 1));
  }

  /** Resolves when the condition holds; it is looked at whenever the tool says something. */
  async until(condition: (tool: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  /** Number of metadata blocks begun so far: as many whole frames have come. */
  get blockCount(): number {
    return this.#blockCount;
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
