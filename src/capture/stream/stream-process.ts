import type { Clock } from '../../core/clock.js';
import type { Frame } from '../../core/frame.js';
import { withResolve } from '../../core/within.js';
import { CaptureProcess } from '../capture-process.js';
import type { SlabPool } from '../frame-memory.js';
import { FrameParser, type ParserOptions } from '../frame-parser.js';
import { StderrTail, type StderrLine } from '../stderr-tail.js';
import type { ProcessExit, ToolCommand } from '../tool-process.js';
import { WaitingReads } from './waiting-reads.js';

/** The first frames of a stream are handed over at once: whoever opened the camera waits for them. */
const FIRST_FRAMES = 10;

/** Each method is called directly from the reader. */
export interface StreamProcessListener {
  onFrame(frame: Frame, width: number, height: number): void;
  onCorrupt(byteCount: number): void;
  /** A line of stderr. */
  onLine(line: string): void;
  /** All readable output was read, and everything before was called. Called once. */
  onOver(): void;
}

/**
 * One capture process of a stream, with what belongs to it alone: its parser and its stderr. A stream that needs another
 * process leaves this one, and then nothing of it is heard any more. Like `CaptureProcess` it makes no decisions.
 */
export class StreamProcess {
  readonly #parser: FrameParser;
  readonly #reads: WaitingReads;
  /** So many frames to come are handed over as soon as they were read. */
  #framesAtOnce = FIRST_FRAMES;
  readonly #tail: StderrTail;
  readonly #drained = withResolve<void>();
  #process: CaptureProcess | undefined;
  #isHeard = true;

  constructor(
    private readonly listener: StreamProcessListener,
    private readonly clock: Clock,
    options: Pick<ParserOptions, 'expectMetadata' | 'keepsMetadataText'>,
  ) {
    this.#tail = new StderrTail((line) => {
      listener.onLine(line);
    });
    const output = {
      onFrame: (frame: Frame, width: number, height: number): void => {
        if (this.#framesAtOnce > 0) this.#framesAtOnce -= 1;
        if (this.#isHeard) listener.onFrame(frame, width, height);
      },
      onCorrupt: (byteCount: number): void => {
        if (this.#isHeard) listener.onCorrupt(byteCount);
      },
    };
    const parser = new FrameParser(output, options);
    this.#parser = parser;
    this.#reads = new WaitingReads(parser.push.bind(parser), clock);
  }

  /** Resolves once the process runs, with the process. Rejects as `CaptureProcess.start` does. */
  async start(command: ToolCommand, toolArguments: readonly string[], pool: SlabPool): Promise<CaptureProcess> {
    this.#process = await CaptureProcess.start(command, toolArguments, pool, this.clock, {
      onBytes: (slab, start, end) => {
        if (!this.#isHeard) return;
        this.#reads.add(slab, start, end);
        if (this.#framesAtOnce > 0) this.#reads.useAll();
      },
      onStderr: (chunk) => {
        this.#tail.push(chunk, this.clock.monotonicNs());
      },
      onOver: () => {
        this.#tail.finish(this.clock.monotonicNs());
        this.finishFrames();
        this.#drained.resolve();
        this.listener.onOver();
      },
    });
    return this.#process;
  }

  /** `undefined` unless it runs: after its end the number may be somebody else's. */
  get pid(): number | undefined {
    return this.exit === undefined ? this.#process?.pid : undefined;
  }

  /** `undefined` while it runs, and before. */
  get exit(): ProcessExit | undefined {
    return this.#process?.exit;
  }

  /** The last lines of stderr. */
  get lines(): readonly StderrLine[] {
    return this.#tail.lines;
  }

  /** Resolves when the process has ended, at once if it never started. */
  async exited(): Promise<void> {
    await this.#process?.exited;
  }

  /** Resolves when all readable output was read. */
  drained(): Promise<void> {
    return this.#drained.promise;
  }

  pause(): void {
    this.#process?.pause();
  }

  resume(): void {
    this.#process?.resume();
  }

  end(graceMs: number): void {
    this.#process?.end(graceMs);
  }

  /** Hands over the frames of everything that was read. The next `frames` are not to wait for each other either. */
  catchUp(frames: number): void {
    this.#framesAtOnce = Math.max(this.#framesAtOnce, frames);
    this.#reads.useAll();
  }

  /** Hands over all frames, also the one that still waits for its metadata. What is incomplete is corrupt. */
  finishFrames(): void {
    this.#reads.useAll();
    this.#parser.finish();
  }

  /** No frame and no corrupt bytes of this process are told any more, and nobody waits for its output. */
  leave(): void {
    this.#isHeard = false;
    this.finishFrames(); // lets go of the memory that they hold
    this.#drained.resolve();
  }

  release(): void {
    this.#process?.release();
  }
}
