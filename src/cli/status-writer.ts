import type { Writable } from 'node:stream';
import { systemClock, type Clock } from '../core/clock.js';
import { errnoOf, messageOf } from '../core/errors.js';
import { jsonLine } from '../core/safe-text.js';
import { within, withResolve } from '../core/within.js';
import type { StatusMessage } from '../protocol/statuses.js';
import { isReaderGone } from './file-output.js';

/** Most statuses that wait for a host that does not read. Beyond this the oldest are dropped. */
const MAX_WAITING = 4096;
/** The same limit in bytes, because a `status_report` of many cameras is large. The newest status is always kept. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Most bytes in the stream's own buffer. Beyond this, statuses wait here. */
const STREAM_LIMIT_BYTES = 256 * 1024;
/** Wait before the next attempt on a stream that failed. Shorter than what the end of the process waits for stdout. */
const RETRY_MS = 100;

/** Opens stdout. `onTrouble` is told why it could not be written where the stream itself tries again. */
export type OpenStdout = (onTrouble: (thrown: unknown) => void) => Writable;

/** A status that waits, as the line to write. */
interface Waiting {
  readonly line: string;
  readonly byteLength: number;
  readonly isHeartbeat: boolean;
}

/**
 * Writes statuses as JSON lines, in order. Its memory is limited: it keeps the newest statuses and one heartbeat. Only a
 * closed pipe (EPIPE, ECONNRESET) means that the host has left. After any other failure it goes on as soon as stdout can
 * be written again, and says how many statuses were lost, and why.
 */
export class StatusWriter {
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #lost = 0;
  /** Why the statuses in `#lost` are lost; `undefined`: the host did not read in time. */
  #lostBecause: string | undefined;
  /** Why stdout cannot be written now. */
  #trouble: string | undefined;
  #phase: 'open' | 'broken' | 'left' = 'open';
  #stream: Writable;
  /** Writes that the stream has not answered yet. */
  #inFlight = 0;
  /** The stream failed, perhaps within a line. */
  #isWithinLine = false;
  #onIdle = (): void => {};

  constructor(
    private readonly openStdout: OpenStdout,
    private readonly onHostLeft: () => void,
    private readonly clock: Clock = systemClock,
    /** Hears the `statuses_lost` warning too, because a user may see it earlier elsewhere. */
    private readonly onLosses: (warning: StatusMessage) => void = () => {},
  ) {
    this.#stream = this.#open();
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
      this.#lose(1, this.#trouble);
    }
    this.#flush();
  }

  /** Waits until everything was written to the host, at most `limitMs`. */
  async end(limitMs: number): Promise<void> {
    const { promise: handedOver, resolve } = withResolve<void>();
    this.#onIdle = resolve;
    this.#flush();
    await within(this.clock, limitMs, handedOver);
  }

  #open(): Writable {
    const stream = this.openStdout((thrown) => {
      this.#trouble = reasonOf(thrown);
    });
    stream.on('error', (error) => {
      this.#failed(error);
    });
    return stream;
  }

  #flush(): void {
    // While stdout fails, one line at a time tries whether it works again.
    const limitBytes = this.#trouble === undefined ? STREAM_LIMIT_BYTES : 1;
    while (this.#phase === 'open' && this.#waiting.length > 0 && this.#stream.writableLength < limitBytes) {
      if (this.#isWithinLine) this.#hand('\n', 0);
      if (this.#lost > 0) this.#reportLosses();
      const next = this.#removeOldest();
      if (next !== undefined) this.#hand(next.line, 1);
    }
    if (this.#phase === 'left' || (this.#waiting.length === 0 && this.#inFlight === 0)) this.#onIdle();
  }

  /** Hands a text to the stream. `statuses`: how many are lost with it. `because`: why, if they were lost before. */
  #hand(text: string, statuses: number, because?: string): void {
    this.#isWithinLine = false;
    this.#inFlight += 1;
    this.#stream.write(text, (error) => {
      this.#inFlight -= 1;
      if (error === null || error === undefined) this.#trouble = undefined;
      else {
        this.#failed(error);
        this.#lose(statuses, because ?? this.#trouble);
      }
      this.#flush();
    });
  }

  #failed(error: Error): void {
    if (this.#phase !== 'open') return;
    if (isReaderGone(error)) {
      this.#phase = 'left';
      this.onHostLeft();
      this.#onIdle();
      return;
    }
    this.#phase = 'broken';
    this.#trouble = reasonOf(error);
    this.clock.after(RETRY_MS, () => {
      this.#phase = 'open';
      this.#isWithinLine = true;
      if (this.#stream.destroyed) this.#stream = this.#open();
      this.#flush();
    });
  }

  #lose(statuses: number, because: string | undefined): void {
    this.#lost += statuses;
    // A reason that has a name stands until it is told: what comes after it is mostly its consequence.
    this.#lostBecause = because ?? this.#lostBecause;
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
    const lost = this.#lost;
    const because = this.#lostBecause;
    const why = because === undefined ? 'The host did not read in time.' : `stdout could not be written (${because}).`;
    const message = `${why} ${lost} statuses were dropped, the oldest first.`;
    this.#lost = 0;
    this.#lostBecause = undefined;
    const timestamp = new Date().toISOString();
    const report = { status: 'warning', data: { code: 'statuses_lost', message } } as const;
    const warning: StatusMessage = { type: 'status', timestamp, ...report };
    this.#hand(`${jsonLine(warning)}\n`, lost, because);
    this.onLosses(warning);
  }
}

/** For example "ENOSPC: no space left on device, write". */
function reasonOf(thrown: unknown): string {
  return errnoOf(thrown) === undefined ? messageOf(thrown) : messageOf(thrown).replace(/, write$/, '');
}
