import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { MONITOR_MEMORY } from '../../../src/monitor/monitor-thread.js';
import type { MonitorWord, ServerOptions, ServerWord } from '../../../src/monitor/monitor-words.js';

const ENTRY = new URL('../../../dist/monitor/server/monitor-worker.js', import.meta.url);

/** The built server in its thread, with the limits that its owner gives it, and this test in its owner's place. */
export class MonitorThread {
  readonly worker: Worker;
  readonly words: ServerWord[] = [];

  constructor(options: Partial<ServerOptions> = {}) {
    const workerData: ServerOptions = {
      port: 0,
      host: '127.0.0.1',
      names: [],
      tokenSha256: null,
      readsNeedToken: false,
      hasControl: false,
      ...options,
    };
    this.worker = new Worker(ENTRY, { workerData, resourceLimits: MONITOR_MEMORY, execArgv: [] });
    this.worker.on('message', (word: ServerWord) => {
      this.words.push(word);
    });
  }

  say(word: MonitorWord): void {
    this.worker.postMessage(word, []);
  }

  /** The first word: `listening` or `refused`. */
  async begun(): Promise<ServerWord> {
    if (this.words.length === 0) await once(this.worker, 'message');
    const [word] = this.words;
    if (word === undefined) throw new Error('A word has come, and is not there.');
    return word;
  }

  async port(): Promise<number> {
    const word = await this.begun();
    if (word.type !== 'listening') throw new Error(`It does not listen: ${JSON.stringify(word)}`);
    return word.port;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}
