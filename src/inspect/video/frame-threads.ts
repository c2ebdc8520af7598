import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { packageFile } from '../../core/own-package.js';
import { threadEnvironment, threadOptions } from '../../core/threads/thread-options.js';
import type { Depth } from '../verdict.js';
import type { FrameAnswer, FrameJob } from './frame-pass.js';

/** A thread always starts from the built file, even if this file runs unbuilt. */
const ENTRY = packageFile('dist/inspect/video/frame-worker.js');

/** What a thread makes anew for each frame is small and soon forgotten. MB. */
const YOUNG_GENERATION = 2;

/** What a thread of `FrameThreads` is started with. The descriptor is the process's: threads share it. */
export interface FrameThreadData {
  readonly fd: number;
}

/** What a thread says first. */
export const STARTED = 'started';

interface Asked {
  readonly answer: (answer: FrameAnswer) => void;
  readonly fail: (reason: Error) => void;
}

/** One at work and one that waits, so that a thread is never without. */
const JOBS_OF_A_THREAD = 2;

/** Decoded in the time that a thread takes to start and to become quick, some 100 ms. Bytes. */
const FEW_DECODED = 5_000_000;

/** Threads that help to decode a video of `bytes`. Reading alone waits for the memory, and needs none. */
export function helpersFor(fd: number, bytes: number, depth: Depth): FrameThreads | null {
  const count = availableParallelism() - 1;
  return depth !== 'decode' || bytes < FEW_DECODED || count === 0 ? null : new FrameThreads(fd, count);
}

/** Threads that look at frames. They are to be closed before the file is. */
export class FrameThreads {
  readonly #threads: readonly FrameThread[];

  constructor(fd: number, count: number) {
    this.#threads = Array.from({ length: count }, () => new FrameThread({ fd }));
  }

  /** How far the jobs may run ahead of the slowest thread. */
  get room(): number {
    return 2 * JOBS_OF_A_THREAD * this.#threads.length;
  }

  /** Whether one has started and wants a job. */
  get isFree(): boolean {
    return this.#threads.some(({ isFree }) => isFree);
  }

  /** By the first that is free. Rejects where it dies; nothing is told of that where nobody waits for the answer. */
  look(job: FrameJob): Promise<FrameAnswer> {
    const thread = this.#threads.find(({ isFree }) => isFree);
    const answer = thread?.look(job) ?? Promise.reject(new Error('No thread is free.'));
    answer.catch(() => {});
    return answer;
  }

  /** Ends them at any point. May be called twice. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }
}

class FrameThread {
  readonly #worker: Worker;
  readonly #asked: Asked[] = [];
  #hasStarted = false;
  #failure: Error | undefined;

  constructor(workerData: FrameThreadData) {
    this.#worker = new Worker(ENTRY, {
      name: 'frames',
      workerData,
      env: threadEnvironment(),
      execArgv: threadOptions(process.execArgv),
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION },
    });
    this.#worker.on('message', (answer: FrameAnswer | typeof STARTED) => {
      if (answer === STARTED) this.#hasStarted = true;
      else this.#asked.shift()?.answer(answer);
    });
    this.#worker.on('error', (failure) => {
      this.#fail(failure);
    });
    this.#worker.once('exit', () => {
      this.#fail(new Error('A thread that looks at frames ended.'));
    });
  }

  get isFree(): boolean {
    return this.#hasStarted && this.#asked.length < JOBS_OF_A_THREAD;
  }

  look(job: FrameJob): Promise<FrameAnswer> {
    return new Promise((answer, fail) => {
      if (this.#failure !== undefined) {
        fail(this.#failure);
        return;
      }
      this.#asked.push({ answer, fail });
      this.#worker.postMessage(job, []);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    for (const { fail } of this.#asked.splice(0)) fail(this.#failure);
  }
}
