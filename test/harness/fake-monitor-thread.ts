import type { MonitorThread, MonitorThreadListener, StartMonitorThread } from '../../src/monitor/monitor-thread.js';
import type { MonitorWord, ServerOptions, ServerWord } from '../../src/monitor/monitor-words.js';

/** The thread of a monitor's server, played by the test. */
export class FakeMonitorThread implements MonitorThread {
  readonly heard: MonitorWord[] = [];
  isGone = false;
  /** Stands still while the thread is stuck. */
  isStuck = false;
  #idleMs = 0;

  constructor(
    readonly options: ServerOptions,
    private readonly listener: MonitorThreadListener,
  ) {}

  post(word: MonitorWord): void {
    if (!this.isGone) this.heard.push(word);
  }

  idleMs(): number {
    if (!this.isStuck) this.#idleMs += 1;
    return this.#idleMs;
  }

  kill(): Promise<void> {
    this.die();
    return Promise.resolve();
  }

  say(word: ServerWord): void {
    this.listener.onWord(word);
  }

  listen(port = this.options.port): void {
    this.say({ type: 'listening', port });
  }

  refuse(errno: string): void {
    this.say({ type: 'refused', errno, message: `listen ${errno}` });
    this.die();
  }

  die(failure?: Error): void {
    if (this.isGone) return;
    this.isGone = true;
    this.listener.onEnded(failure);
  }
}

/** Starts such threads and keeps them, the first one first. */
export class FakeMonitorThreads {
  readonly all: FakeMonitorThread[] = [];

  readonly start: StartMonitorThread = (options, listener) => {
    const thread = new FakeMonitorThread(options, listener);
    this.all.push(thread);
    return thread;
  };

  get last(): FakeMonitorThread {
    const thread = this.all.at(-1);
    if (thread === undefined) throw new Error('No thread was started.');
    return thread;
  }
}
