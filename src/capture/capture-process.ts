import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { afterReads } from '../core/after-reads.js';
import type { Clock } from '../core/clock.js';
import { ReadCursor, type Slab, type SlabPool } from './frame-memory.js';
import { openLocalSocketPair } from './local-socket-pair.js';
import { signalGroup, startTool, type ProcessExit, type ToolCommand } from './tool-process.js';

/**
 * Wait after the exit if another process still holds the output open. Everything that the tool wrote is read long
 * before.
 */
const DRAIN_LIMIT_MS = 50;
/** Wait after the end of the stream for the exit status, which tells the reason. */
const EXIT_LIMIT_MS = 50;

export interface CaptureProcessListener {
  /** Bytes of stdout in the slab: `start` inclusive, `end` exclusive. */
  onBytes(slab: Slab, start: number, end: number): void;
  onStderr(chunk: Buffer): void;
  /** All readable output was read, because the process exited or its stream ended. Called once. */
  onOver(): void;
}

/**
 * The capture tool as a child process, with its stdout read into slabs. This class knows nothing of cameras and
 * frames. It makes no decisions: the code that starts the process ends it.
 */
export class CaptureProcess {
  readonly pid: number;
  /** Resolves when the process has ended; its group has then been killed too. */
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
        // The rest of the group is killed at once. Later, the pid may belong to another process.
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
    child.on('error', () => {}); // a failed `child.kill`; this class uses `signalGroup` instead
  }

  /**
   * Resolves once the process runs. Rejects with `capture_tool_missing` or `capture_failed`; nothing is left running
   * then.
   */
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
      // Called again after each read, so every read lands in its final place.
      buffer: () => cursor.region(),
      callback: (byteLength) => {
        cursor.advance(byteLength, onBytes);
        return true;
      },
    });
    try {
      const child = await startTool(command, toolArguments, ['ignore', writer, 'pipe']);
      if (child.pid === undefined) throw new Error('The started process has no pid.');
      const started = new CaptureProcess(child, child.pid, reader, cursor, clock, listener);
      started.#watchStream();
      return started;
    } catch (thrown) {
      reader.destroy();
      cursor.close();
      throw thrown;
    } finally {
      writer.destroy(); // the child has its own copy; if ours stayed open, the stream would never end
    }
  }

  /** The exit status; `undefined` while the process runs. */
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
   * Asks the process and its group to end (SIGINT) and kills them after `graceMs` (at once if it is 0). `exited`
   * resolves when the process has ended and its group was killed. Does nothing if the process has already ended.
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

  /** Releases all resources, even if the process still runs. The listener is not called any more. */
  release(): void {
    this.#isOver = true;
    this.#cancelLimit();
    this.reader.destroy();
    this.child.stderr?.destroy();
    this.child.unref();
  }

  #watchStream(): void {
    this.reader.on('error', () => {}); // a reset counts as an end of the stream; 'close' follows
    this.reader.once('end', () => {
      this.#streamEnded = true;
      this.#check();
    });
    this.reader.once('close', () => {
      this.#streamEnded = true;
      // Only after 'close' no read can land in the slab any more.
      this.cursor.close();
      this.#check();
    });
  }

  /**
   * Finishes once the process exited and both streams ended. If the process exited or stdout ended, it waits only a short
   * time for the rest, unless the reader is paused.
   */
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
      this.#limitFor = undefined; // output waits unread while paused; `resume` sets the limit again
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
