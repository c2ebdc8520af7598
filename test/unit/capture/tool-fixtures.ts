import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CaptureRequest, SourceFormat, SourceListener } from '../../../src/capture/camera-source.js';
import type { CsiCamerasError } from '../../../src/core/errors.js';
import type { Frame, FrameMetadata } from '../../../src/core/frame.js';
import { jpegOfSize, metadata } from './jpeg-bytes.js';

export const FIRST_NS = 9_297_983_128_000n;
const PERIOD_NS = 16_666_000n;

export function requestFor(settings: Partial<CaptureRequest['settings']> = {}): CaptureRequest {
  return {
    camera: { index: 0 },
    settings: {
      width: 1456,
      height: 1088,
      fps: 60,
      jpegQuality: 85,
      bufferCount: 6,
      frameTimeoutMs: 2000,
      firstFrameTimeoutMs: 5000,
      syncTimeoutMs: 60_000,
      ...settings,
    },
  };
}

export function frameStream(count: number, more: Readonly<Record<string, number>> = {}, byteLength = 3000): Buffer {
  const picture = jpegOfSize(byteLength);
  return Buffer.concat(
    Array.from({ length: count }, (_, index) =>
      Buffer.concat([picture, metadata({ SensorTimestamp: FIRST_NS + BigInt(index) * PERIOD_NS, ...more })]),
    ),
  );
}

/** A folder with capture tools: tiny shell programs, real processes. `$FRAMES` names a file of frames. */
export class ToolFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  static async make(): Promise<ToolFolder> {
    return new ToolFolder(await mkdtemp(join(tmpdir(), 'capture-test-')));
  }

  path(name: string): string {
    return join(this.#path, name);
  }

  /** The text of a file that a tool wrote. */
  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8');
  }

  /** Resolves when a tool has made this file. */
  async file(name: string): Promise<void> {
    for (;;) {
      try {
        await access(this.path(name));
        return;
      } catch {
        await pause(2); // polling: whoever makes it is no child of ours
      }
    }
  }

  /** A tool that lists no cameras. It ends with 1 after its script: an end with 0 counts as asked for by somebody. */
  tool(script: string, frames?: Buffer, name?: string): Promise<string> {
    return this.listingTool(`case "$*" in *--list-cameras*) exit 0;; esac\n${script}\nexit 1\n`, frames, name);
  }

  /** A tool whose script is asked for listings too. */
  async listingTool(script: string, frames: Buffer = frameStream(3), name = 'tool'): Promise<string> {
    await writeFile(this.path(`${name}.frames`), frames);
    const head = `#!/bin/sh\nFOLDER='${this.#path}'\nFRAMES='${this.path(`${name}.frames`)}'\n`;
    await writeFile(this.path(name), head + script, { mode: 0o755 });
    return this.path(name);
  }

  /** A note or a listing may still be written beside the stream; `rm` then finds its folder not empty. */
  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true, maxRetries: 20, retryDelay: 20 });
  }
}

/** What a stream said, in order, with promises for what tests wait for. */
export class HeardStream implements SourceListener {
  readonly formats: SourceFormat[] = [];
  readonly timestamps: bigint[] = [];
  readonly metadata: (FrameMetadata | null)[] = [];
  readonly corrupt: number[] = [];
  readonly warnings: [string, string][] = [];
  readonly losses: CsiCamerasError[] = [];
  readonly order: string[] = [];
  readonly lost: Promise<CsiCamerasError>;
  /** Of the capture process while it runs. */
  pid: number | null = null;
  /** When the stream ended, where the loss was told later. */
  endedNs: bigint | undefined;
  #onLost: (error: CsiCamerasError) => void = () => {};
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor() {
    this.lost = new Promise((resolve) => {
      this.#onLost = resolve;
    });
  }

  /** Resolves when so many frames arrived. */
  frames(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ count, resolve });
      this.#wake();
    });
  }

  onFormat(format: SourceFormat): void {
    this.order.push('format');
    this.formats.push(format);
  }

  onFrame(frame: Frame): void {
    this.order.push('frame');
    this.timestamps.push(frame.times.sensorTimestampNs);
    this.metadata.push(frame.metadata);
    this.#wake();
  }

  onCorrupt(byteCount: number): void {
    this.order.push('corrupt');
    this.corrupt.push(byteCount);
  }

  onWarning(code: string, message: string): void {
    this.warnings.push([code, message]);
  }

  onProcess(pid: number | null): void {
    this.pid = pid;
  }

  onLost(error: CsiCamerasError, endedNs?: bigint): void {
    this.endedNs = endedNs;
    this.order.push('lost');
    this.losses.push(error);
    this.#onLost(error);
  }

  #wake(): void {
    for (const { count, resolve } of this.#waiting) if (this.timestamps.length >= count) resolve();
    this.#waiting = this.#waiting.filter(({ count }) => this.timestamps.length < count);
  }
}

/** Resolves when the process is gone or waits to be reaped by whoever inherited it. */
export async function processEnd(pid: number): Promise<void> {
  for (;;) {
    let stat: string;
    try {
      stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    } catch {
      return;
    }
    if (/\) [ZX]/.test(stat)) return;
    await pause(2); // polling: a process that is not our child ends without an event
  }
}
