import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { systemClock } from '../core/clock.js';
import { jsonLine } from '../core/safe-text.js';
import { within, withResolve } from '../core/within.js';
import type { StatusMessage } from '../protocol/statuses.js';

/** Most statuses that wait for a host that does not read. Beyond this the oldest are dropped. */
const MAX_WAITING = 4096;
/** The same limit in bytes, because a `status_report` of many cameras is large. The newest status is always kept. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Most bytes in the stream's own buffer. Beyond this, statuses wait here. */
const STREAM_LIMIT_BYTES = 256 * 1024;

/**
 * Returns stdout as a stream that never blocks. Node documents `process.stdout` as synchronous for pipes, so a host
 * that stops reading would stop the recording.
 */
export function unblockedStdout(): Writable {
  const stat = fstatSync(1);
  const isPipe = stat.isFIFO() || stat.isSocket();
  return isPipe ? new Socket({ fd: 1, readable: false, writable: true }) : process.stdout;
}

/** A status that waits, as the line to write. */
interface Waiting {
  readonly line: string;
  readonly byteLength: number;
  readonly isHeartbeat: boolean;
}

/** Writes statuses as JSON lines, in order. Its memory is limited: it keeps the newest statuses and one heartbeat. */
export class StatusWriter {
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #lost = 0;

  constructor(
    private readonly stream: Writable,
    onHostLeft: () => void,
  ) {
    // EPIPE: the host closed the pipe and will not read again.
    stream.on('error', onHostLeft);
    stream.on('drain', () => {
      this.#flush();
    });
  }

  write(message: StatusMessage): void {
    const line = `${jsonLine(message)}\n`;
    const isHeartbeat = message.status === 'heartbeat';
    if (isHeartbeat) this.#forgetHeartbeats();
    const byteLength = Buffer.byteLength(line);
    this.#waiting.push({ line, byteLength, isHeartbeat });
    this.#waitingBytes += byteLength;
    while (this.#isTooMuch) {
      this.#removeOldest();
      this.#lost += 1;
    }
    this.#flush();
  }

  /** Waits until everything was written to the host, at most `limitMs`. */
  async end(limitMs: number): Promise<void> {
    const { promise: handedOver, resolve } = withResolve<void>();
    const done = (): void => {
      resolve();
    };
    const goOn = (): void => {
      this.#flush();
      // The callback comes when everything before it was written, so the stream has room again.
      this.stream.write('', this.#waiting.length === 0 ? done : goOn);
    };
    this.stream.once('error', done);
    goOn();
    await within(systemClock, limitMs, handedOver);
  }

  #flush(): void {
    while (this.#waiting.length > 0 && this.stream.writableLength < STREAM_LIMIT_BYTES) {
      if (this.#lost > 0) this.#reportLosses();
      const next = this.#removeOldest();
      if (next !== undefined) this.stream.write(next.line);
    }
  }

  get #isTooMuch(): boolean {
    if (this.#waiting.length <= 1) return false;
    return this.#waiting.length > MAX_WAITING || this.#waitingBytes > MAX_WAITING_BYTES;
  }

  #removeOldest(): Waiting | undefined {
    const oldest = this.#waiting.shift();
    this.#waitingBytes -= oldest?.byteLength ?? 0;
    return oldest;
  }

  /** The newest heartbeat replaces older ones. They do not count as lost, because they tell nothing more. */
  #forgetHeartbeats(): void {
    this.#waiting = this.#waiting.filter(({ isHeartbeat }) => !isHeartbeat);
    this.#waitingBytes = this.#waiting.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  #reportLosses(): void {
    const message = `The host did not read in time. ${this.#lost} statuses were dropped, the oldest first.`;
    this.#lost = 0;
    const warning = { type: 'status', status: 'warning', timestamp: new Date().toISOString() };
    this.stream.write(`${JSON.stringify({ ...warning, data: { code: 'statuses_lost', message } })}\n`);
  }
}
