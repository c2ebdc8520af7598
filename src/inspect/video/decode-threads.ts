import { Worker } from 'node:worker_threads';
import { threadEnvironment, threadOptions } from '../../core/threads/thread-options.js';
import { type DecodeAnswer, type DecodeJob, FrameDecoder } from './decode-frames.js';

/** A thread always starts from the built file, even if this file runs unbuilt. */
const ENTRY = new URL('../../../dist/inspect/video/decode-worker.js', import.meta.url);

/** Decodes jobs, several at a time. `close` ends it at any point, and may be called twice. */
export interface Decoders {
  /** Rejects where a thread died. */
  run(jobs: Iterable<DecodeJob>, onAnswer: (answer: DecodeAnswer) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** In this thread: for few frames, since the start of a thread takes longer. */
export function decodersHere(fd: number): Decoders {
  const decoder = new FrameDecoder(fd);
  return {
    async run(jobs, onAnswer) {
      for (const job of jobs) await onAnswer(decoder.decode(job));
    },
    close: async () => {},
  };
}

/** In `count` threads, each with a job at a time. */
export function decodeThreads(fd: number, count: number): Decoders {
  const threads = Array.from({ length: count }, () => new DecodeThread(fd));
  return {
    async run(jobs, onAnswer) {
      const queue = jobs[Symbol.iterator]();
      const work = async (thread: DecodeThread): Promise<void> => {
        for (let next = queue.next(); next.done !== true; next = queue.next()) {
          await onAnswer(await thread.decode(next.value));
        }
      };
      await Promise.all(threads.map(work));
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

class DecodeThread {
  readonly #worker: Worker;
  #answered: ((answer: DecodeAnswer) => void) | undefined;
  #failed: ((reason: Error) => void) | undefined;
  #failure: Error | undefined;

  constructor(fd: number) {
    this.#worker = new Worker(ENTRY, {
      name: 'decode',
      workerData: { fd },
      env: threadEnvironment(),
      execArgv: threadOptions(process.execArgv),
    });
    this.#worker.on('message', (answer: DecodeAnswer) => this.#answered?.(answer));
    this.#worker.on('error', (failure) => {
      this.#fail(failure);
    });
    this.#worker.once('exit', () => {
      this.#fail(new Error('A thread that decodes frames ended.'));
    });
  }

  decode(job: DecodeJob): Promise<DecodeAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      [this.#answered, this.#failed] = [resolve, reject];
      this.#worker.postMessage(job, []);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    this.#failed?.(this.#failure);
  }
}
