import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { afterReads } from '../core/after-reads.js';
import type { Clock } from '../core/clock.js';
import { ReadCursor, type Slab, type SlabPool } from './frame-memory.js';
import { openLocalSocketPair } from './local-socket-pair.js';
import { signalGroup, startTool, type ProcessExit, type ToolCommand } from './tool-process.js';

/** After the exit, how long what a stranger holds open is waited for. All that was written is read long before. */
const DRAIN_LIMIT_MS = 50;
/** After the end of the stream, how long the exit, which says why, is waited for. */
const EXIT_LIMIT_MS = 50;

export interface CaptureProcessListener {
  /** Bytes of stdout: `start` inclusive, `end` exclusive in the slab. */
  onBytes(slab: Slab, start: number, end: number): void;
  onStderr(chunk: Buffer): void;
  /** All that can be read was read: the process exited or its stream ended. Once. */
  onOver(): void;
}

/**
 * The capture tool as a child process with its stdout read into slabs. It knows nothing of cameras and frames, and
 * decides nothing: who started it ends it.
 */
export class CaptureProcess {
  readonly pid: number;
  /** Resolves when the process has ended, and with it its group. */
  readonly exited: Promise<ProcessExit>;
  #exit: ProcessExit | undefined;
  #isOver = false;
  #isPaused = false;
  #streamEnded = false;
  #stderrEnded = false;
  #limitFor: 'exit' | 'stream' | undefined;
  #cancelLimit: () => void = () => {};
  #cancelKill: () => void = () => {};

  private constructor(
    private readonly child: ChildProcess,
    pid: number,
    private readonly reader: Socket,
    private readonly cursor: ReadCursor,
    private readonly clock: Clock,
    private readonly listener: CaptureProcessListener,
  ) {
    this.pid = pid;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        // Now, and never later: the number may soon be somebody else's.
        signalGroup(pid, 'SIGKILL');
        this.#exit = { code, signal };
        this.#cancelKill();
        resolve(this.#exit);
        this.#check();
      });
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      listener.onStderr(chunk);
    });
    child.stderr?.once('close', () => {
      this.#stderrEnded = true;
      this.#check();
    });
    child.on('error', () => {}); // a failed kill: `signalGroup` is what we use
  }

  /** Resolves once the process runs. Rejects with `capture_tool_missing` or `capture_failed`; then nothing is left. */
  static async start(
    command: ToolCommand,
    toolArguments: readonly string[],
    pool: SlabPool,
    clock: Clock,
    listener: CaptureProcessListener,
  ): Promise<CaptureProcess> {
    const cursor = new ReadCursor(pool);
    const onBytes = listener.onBytes.bind(listener);
    const { reader, writer } = await openLocalSocketPair({
      // Asked again after each read, so that each goes straight to its place.
      buffer: () => cursor.region(),
      callback: (byteLength) => {
        cursor.advance(byteLength, onBytes);
        return true;
      },
    });
    try {
      const child = await startTool(command, toolArguments, ['ignore', writer, 'pipe']);
      if (child.pid === undefined) throw new Error('A process that runs has a pid.');
      const started = new CaptureProcess(child, child.pid, reader, cursor, clock, listener);
      started.#watchStream();
      return started;
    } catch (thrown) {
      reader.destroy();
      cursor.close();
      throw thrown;
    } finally {
      writer.destroy(); // the child has its own copy; with ours open the stream would never end
    }
  }

  /** How it ended, or `undefined` while it lives. */
  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  pause(): void {
    this.#isPaused = true;
    this.reader.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.reader.resume();
    this.#check();
  }

  /**
   * Asks the process and its group to end (SIGINT), kills them after `graceMs`, at once when that is 0. `exited` tells
   * when it is done. Nothing happens when it has ended.
   */
  end(graceMs: number): void {
    if (this.#exit !== undefined) return;
    if (graceMs <= 0) {
      signalGroup(this.pid, 'SIGKILL');
      return;
    }
    signalGroup(this.pid, 'SIGINT');
    this.#cancelKill();
    this.#cancelKill = this.clock.after(graceMs, () => {
      if (this.#exit === undefined) signalGroup(this.pid, 'SIGKILL');
    });
  }

  /** Lets go of everything, whatever the process does. No listener is called any more. */
  release(): void {
    this.#isOver = true;
    this.#cancelLimit();
    this.reader.destroy();
    this.child.stderr?.destroy();
    this.child.unref();
  }

  #watchStream(): void {
    this.reader.on('error', () => {}); // a reset is an end: 'close' follows
    this.reader.once('end', () => {
      this.#streamEnded = true;
      this.#check();
    });
    this.reader.once('close', () => {
      this.#streamEnded = true;
      // Only now is it certain that no read lands in the slab any more.
      this.cursor.close();
      this.#check();
    });
  }

  /** Over when exit, end of the stream and end of stderr have come, or what is missing is not worth waiting for. */
  #check(): void {
    if (this.#isOver) return;
    const hasExited = this.#exit !== undefined;
    if (hasExited && this.#streamEnded && this.#stderrEnded) {
      this.#finish();
      return;
    }
    if (hasExited) this.#limit('exit', DRAIN_LIMIT_MS);
    else if (this.#streamEnded) this.#limit('stream', EXIT_LIMIT_MS);
  }

  #limit(reason: 'exit' | 'stream', limitMs: number): void {
    if (this.#limitFor === reason) return;
    this.#limitFor = reason;
    this.#cancelLimit();
    this.#cancelLimit = afterReads(this.clock, limitMs, () => {
      this.#limitFor = undefined; // while paused, what was written waits; `resume` sets the limit again
      if (!this.#isPaused || this.#streamEnded) this.#finish();
    });
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cancelLimit();
    this.listener.onOver();
  }
}
