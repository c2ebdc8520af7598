import { Worker, type ResourceLimits } from 'node:worker_threads';
import type { PipelineOptions } from '../camera-pipeline.js';
import type { ThreadEvent, ThreadWord } from '../pipeline-messages.js';

export interface ThreadListener {
  onEvent(event: ThreadEvent): void;
  /** The thread is gone, whoever wanted it: once, after its last event. `failure`: what it died of, where it says so. */
  onEnded(failure: unknown): void;
}

/** The thread that a pipeline lives in, as its owner sees it. */
export interface PipelineThread {
  post(word: ThreadWord): void;
  /** Ends it wherever it is. `onEnded` comes when it is gone: a thread that waits for a dead disk may never be. */
  kill(): void;
}

/** Throws where no thread can be started. */
export type StartThread = (options: PipelineOptions, listener: ThreadListener) => PipelineThread;

/**
 * What the JavaScript objects of one camera may take, MiB. Those that live on may take a third of it, 64 MiB: beyond, the thread
 * ends and the camera is lost, nobody else (`heap-limit.ts`). A recording was seen to use 9 MB. Frames are not in there: they lie in slabs outside of
 * the heap, which the buffer's limits bound (`buffer.maxBytes`, 16 free slabs of 1 MiB, what a write holds).
 */
export const THREAD_MEMORY: ResourceLimits = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 32 };

/** A thread starts from the built file, also where this file runs unbuilt. */
const ENTRY = new URL('../../../dist/pipeline/thread/pipeline-worker.js', import.meta.url);

/** Starts worker threads. `entry`: the file that becomes the thread. */
export function workerThreads(memory: ResourceLimits = THREAD_MEMORY, entry: URL = ENTRY): StartThread {
  return (options, listener) => {
    // NODE_OPTIONS may hold what a thread refuses.
    const { NODE_OPTIONS: _, ...env } = process.env;
    const worker = new Worker(entry, {
      name: options.deviceId,
      workerData: options,
      resourceLimits: memory,
      env,
      execArgv: threadOptions(process.execArgv),
    });
    let failure: unknown;
    worker.on('message', (event: ThreadEvent) => {
      listener.onEvent(event);
    });
    worker.on('error', (thrown) => {
      failure = thrown;
    });
    // After the last message, always: also after an error, and with 0 where the memory was at its end.
    worker.once('exit', (code) => {
      listener.onEnded(failure ?? (code === 0 ? undefined : new Error(`exit code ${code}`)));
    });
    return {
      post: (word) => {
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
        worker.postMessage(word);
      },
      kill: () => {
        void worker.terminate(); // never rejects; 'exit' tells
      },
    };
  };
}

/** Preloads and profiles, with their values: the host's options of Node that are for its threads too. A thread refuses most others. */
export function threadOptions(options: readonly string[]): string[] {
  return options.filter((option, index) => isForThreads(option) || takesValue(options[index - 1] ?? ''));
}

function isForThreads(option: string): boolean {
  return /^(?:--import|--require|-r|--cpu-prof[a-z-]*)(?:=|$)/.test(option);
}

function takesValue(option: string): boolean {
  return isForThreads(option) && !option.includes('=') && option !== '--cpu-prof';
}
