import { Worker, type ResourceLimits } from 'node:worker_threads';
import { packageFile } from '../core/own-package.js';
import { threadEnvironment, threadOptions } from '../core/threads/thread-options.js';
import type { MonitorWord, ServerOptions, ServerWord } from './monitor-words.js';

export interface MonitorThreadListener {
  onWord(word: ServerWord): void;
  /** Called once, after the last word, whether it was killed or not. `failure`: the cause, if it is known. */
  onEnded(failure: unknown): void;
}

/** The thread of the monitor's server, as its owner sees it. */
export interface MonitorThread {
  /** Does nothing once it has ended. */
  post(word: MonitorWord): void;
  /** Time that it has spent waiting for something to do, ms, since it was started. It stands still while the thread is stuck. */
  idleMs(): number;
  /** Ends it at any point. `onEnded` comes before this resolves. */
  kill(): Promise<void>;
}

/** Throws if the thread cannot be started. */
export type StartMonitorThread = (options: ServerOptions, listener: MonitorThreadListener) => MonitorThread;

/**
 * Heap limits of the thread, MiB, 64 together. It ends itself when what lives on takes a third of the first one
 * (`core/threads/heap-limit.ts`). Pictures lie outside of the heap and are bounded by `server/frame-desk.ts`.
 */
export const MONITOR_MEMORY: ResourceLimits = { maxOldGenerationSizeMb: 56, maxYoungGenerationSizeMb: 8 };

/** A thread always starts from the built file, even if this file runs unbuilt. */
const ENTRY = packageFile('dist/monitor/server/monitor-worker.js');

/** Starts the server in a worker thread. `entry`: the file that runs as the thread. It never keeps the process alive. */
export function monitorThreads(entry: URL = ENTRY, memory: ResourceLimits = MONITOR_MEMORY): StartMonitorThread {
  return (options, listener) => {
    const worker = new Worker(entry, {
      name: 'monitor',
      workerData: options,
      resourceLimits: memory,
      env: threadEnvironment(),
      execArgv: threadOptions(process.execArgv),
    });
    let failure: unknown;
    worker.on('message', (word: ServerWord) => {
      listener.onWord(word);
    });
    worker.on('error', (thrown) => {
      failure = thrown;
    });
    // 'exit' always comes, after the last message.
    worker.once('exit', (code) => {
      listener.onEnded(failure ?? (code === 0 ? undefined : new Error(`exit code ${code}`)));
    });
    worker.unref();
    return {
      post: (word) => {
        worker.postMessage(word, []);
      },
      idleMs: () => worker.performance.eventLoopUtilization().idle,
      kill: async () => {
        await worker.terminate();
      },
    };
  };
}
