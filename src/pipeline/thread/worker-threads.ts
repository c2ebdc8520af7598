import { Worker, type ResourceLimits } from 'node:worker_threads';
import { packageFile } from '../../core/own-package.js';
import { threadEnvironment, threadOptions } from '../../core/threads/thread-options.js';
import type { PipelineOptions } from '../camera-pipeline.js';
import type { ThreadEvent, ThreadWord } from '../pipeline-messages.js';

export interface ThreadListener {
  onEvent(event: ThreadEvent): void;
  /**
   * Called once, after the thread's last event, whether it was killed or not. `failure`: the cause, if it is known.
   */
  onEnded(failure: unknown): void;
}

/** The thread of a pipeline, as its owner sees it. */
export interface PipelineThread {
  /** Throws if the word is a port that is closed. */
  post(word: ThreadWord): void;
  /**
   * Ends the thread at any point. `onEnded` follows when it is gone. A thread that waits for a dead disk may never end.
   */
  kill(): void;
}

/** Throws if the thread cannot be started. */
export type StartThread = (options: PipelineOptions, listener: ThreadListener) => PipelineThread;

/**
 * Heap limits of one camera's thread, MiB. Objects that survive a full collection may use a third of it, 64 MiB.
 * Above that the thread ends and only this camera is lost (`core/threads/heap-limit.ts`). A recording used 9 MB in tests. Frames
 * do not count here: they lie in slabs outside the heap, bounded by the buffer's limits (`buffer.maxBytes`, 16 free
 * slabs of 1 MiB, and the frames in a write).
 */
export const THREAD_MEMORY: ResourceLimits = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 32 };

/** A thread always starts from the built file, even if this file runs unbuilt. */
const ENTRY = packageFile('dist/pipeline/thread/pipeline-worker.js');

/** Starts worker threads. `entry`: the file that runs as the thread. */
export function workerThreads(memory: ResourceLimits = THREAD_MEMORY, entry: URL = ENTRY): StartThread {
  return (options, listener) => {
    const worker = new Worker(entry, {
      name: options.deviceId,
      workerData: options,
      resourceLimits: memory,
      env: threadEnvironment(),
      execArgv: threadOptions(process.execArgv),
    });
    let failure: unknown;
    worker.on('message', (event: ThreadEvent) => {
      listener.onEvent(event);
    });
    worker.on('error', (thrown) => {
      failure = thrown;
    });
    // 'exit' always comes, after the last message. It also comes after an error, and with code 0 if memory ran out.
    worker.once('exit', (code) => {
      listener.onEnded(failure ?? (code === 0 ? undefined : new Error(`exit code ${code}`)));
    });
    return {
      post: (word) => {
        worker.postMessage(word, word.type === 'connectPreview' ? [word.port] : []);
      },
      kill: () => {
        void worker.terminate(); // never rejects; 'exit' follows
      },
    };
  };
}
