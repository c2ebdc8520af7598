import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { StatusMessage } from '../protocol/statuses.js';

/** Statuses that wait for a host that does not read; beyond it the oldest are dropped. */
const MAX_WAITING = 4096;
/** What the stream itself may hold before statuses wait here, bytes. */
const STREAM_LIMIT_BYTES = 256 * 1024;

/**
 * stdout as a stream that never blocks: Node writes to a pipe synchronously, and a host that stops reading
 * would stop the recording.
 */
export function unblockedStdout(): Writable {
  const stat = fstatSync(1);
  const isPipe = stat.isFIFO() || stat.isSocket();
  return isPipe ? new Socket({ fd: 1, readable: false, writable: true }) : process.stdout;
}

/** Writes statuses as JSON lines, in order, within bounds: the newest are kept, of heartbeats only the last. */
export class StatusWriter {
  #waiting: StatusMessage[] = [];
  #lost = 0;

  constructor(
    private readonly stream: Writable,
    onHostLeft: () => void,
  ) {
    // EPIPE: nobody reads any more, and nobody will.
    stream.on('error', onHostLeft);
    stream.on('drain', () => {
      this.#flush();
    });
  }

  write(message: StatusMessage): void {
    if (message.status === 'heartbeat') this.#waiting = this.#waiting.filter((older) => older.status !== 'heartbeat');
    this.#waiting.push(message);
    if (this.#waiting.length > MAX_WAITING) {
      this.#waiting.shift();
      this.#lost += 1;
    }
    this.#flush();
  }

  /** Waits until everything is handed to the host, at most `limitMs`. */
  async end(limitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const limit = setTimeout(resolve, limitMs);
      const done = (): void => {
        clearTimeout(limit);
        resolve();
      };
      const goOn = (): void => {
        this.#flush();
        // The callback comes when all that was written before is out: then there is room for more.
        this.stream.write('', this.#waiting.length === 0 ? done : goOn);
      };
      this.stream.once('error', done);
      goOn();
    });
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.stream.writableLength < STREAM_LIMIT_BYTES) {
      if (this.#lost > 0) this.#confessLosses();
      const next = this.#waiting.shift();
      if (next !== undefined) this.stream.write(`${JSON.stringify(next)}\n`);
    }
  }

  #confessLosses(): void {
    const message = `The host did not read: ${this.#lost} statuses were dropped, the oldest first.`;
    this.#lost = 0;
    const warning = { type: 'status', status: 'warning', timestamp: new Date().toISOString() };
    this.stream.write(`${JSON.stringify({ ...warning, data: { code: 'statuses_lost', message } })}\n`);
  }
}
