import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';

/** The event loop has a turn this often, so that signals are heard and progress is seen. */
const TURN_MS = 50;
/** Behind each step while a recording runs: some 100 MB/s at most, and the disk is free for most of the time. */
const GENTLE_PAUSE_MS = 10;

export interface StepOptions {
  /** Small steps with pauses, for the time while a recording runs on this machine. */
  readonly isGentle?: boolean;
  /** Ends the check early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Bytes read of all that are to be read, some times a second. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Between the steps of a long read: progress, an end before the end, and manners. */
export class ReadSteps {
  /** Bytes of the file that were read. */
  done = 0;
  #total = 0;
  #lastTurn = performance.now();

  constructor(private readonly options: StepOptions) {}

  /** `bytes` more are to be read. */
  expect(bytes: number): void {
    this.#total += bytes;
  }

  read(bytes: number): void {
    this.done += bytes;
  }

  /** To be awaited between two steps where `isDue`. Rejects when the signal says so. */
  async step(): Promise<void> {
    this.#lastTurn = performance.now();
    await (this.options.isGentle ? pause(GENTLE_PAUSE_MS) : nextTurn());
    this.options.signal?.throwIfAborted();
    this.options.onProgress?.(Math.min(this.done, this.#total), this.#total);
  }

  /** What threads have answered meanwhile is heard. */
  async turn(): Promise<void> {
    await nextTurn();
  }

  get isDue(): boolean {
    return this.options.isGentle === true || performance.now() - this.#lastTurn > TURN_MS;
  }
}
