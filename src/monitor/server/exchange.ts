import type { Socket } from 'node:net';
import { afterReads } from '../../core/after-reads.js';
import type { Clock } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { withResolve } from '../../core/within.js';
import { onlyValue, readHead, type RequestHead } from './request-head.js';
import { headOf, refusal, type Answer } from './response-headers.js';

/** How long a client may take to say what it wants, and then to send its body, ms. */
export const ASK_LIMIT_MS = 5_000;
/** How long it may take to fetch the answer, ms. */
export const TAKE_LIMIT_MS = 3_000;
/** Largest body that is read, bytes. */
export const MAX_BODY_BYTES = 16 * 1024;
/** A client that goes on sending after its request is not read any further from here on, bytes. */
const MAX_EXCESS_BYTES = 64 * 1024;

export interface MonitorRequest {
  readonly head: RequestHead;
  /** Reads the body. Asked for at once or never. A refusal where there is none, or where it is too large or too late. */
  readBody(): Promise<Buffer | Answer>;
}

export interface ExchangeDependencies {
  readonly clock: Clock;
  readonly answer: (request: MonitorRequest) => Promise<Answer>;
  readonly onAnswered: (answer: Answer) => void;
}

/**
 * `asking`: the head has not arrived. `working`: the answer is being made. `answering`: it was handed to the system, and the client
 * has not closed. `over`: the socket is closed.
 */
export type ExchangePhase = 'asking' | 'working' | 'answering' | 'over';

/**
 * One socket, one request, one answer. A further request on the same socket is never looked at, so it costs nothing: on loopback
 * a new connection costs 0.1 ms, and a page needs a few a second.
 */
export class Exchange {
  #phase: ExchangePhase = 'asking';
  #received: Buffer = Buffer.alloc(0);
  #excessBytes = 0;
  #isHead = false;
  #body: { readonly length: number; readonly resolve: (outcome: Buffer | Answer) => void } | null = null;
  #cancelLimit = (): void => {};

  constructor(
    private readonly socket: Socket,
    private readonly dependencies: ExchangeDependencies,
  ) {}

  get phase(): ExchangePhase {
    return this.#phase;
  }

  /** The socket must allow half-open connections: a client may close its side when it has asked. */
  begin(): void {
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk) => {
      this.#hear(chunk);
    });
    this.socket.on('end', () => {
      if (this.#phase === 'asking' || this.#body !== null) this.socket.destroy();
    });
    // A client that goes away is nothing to tell of. 'close' follows.
    this.socket.on('error', () => undefined);
    this.socket.once('close', () => {
      this.#phase = 'over';
      this.#cancelLimit();
    });
    this.#limit(ASK_LIMIT_MS, () => {
      // Browsers open connections before they need them. An answer that nobody asked for could be taken for another one's.
      if (this.#received.length === 0) this.socket.destroy();
      else this.#send(refusal(408, 'The request did not arrive in time.'));
    });
  }

  /** Ends it at any point. The system forgets what was not taken, too. */
  drop(): void {
    this.socket.resetAndDestroy();
  }

  #hear(chunk: Buffer): void {
    if (this.#phase === 'asking') {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#readHead();
      return;
    }
    if (this.#body !== null) {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#settleBody(this.#body.length);
      return;
    }
    this.#excessBytes += chunk.length;
    if (this.#excessBytes > MAX_EXCESS_BYTES) this.socket.pause();
  }

  #readHead(): void {
    const reading = readHead(this.#received);
    if (reading.kind === 'more') return;
    if (reading.kind === 'bad') {
      this.#send(refusal(reading.status, 'This is not a request that the monitor understands.'));
      return;
    }
    const { head } = reading;
    this.#received = this.#received.subarray(head.byteLength);
    this.#isHead = head.method === 'HEAD';
    this.#phase = 'working';
    this.#cancelLimit();
    void this.#work(head);
  }

  async #work(head: RequestHead): Promise<void> {
    try {
      this.#send(await this.dependencies.answer({ head, readBody: () => this.#readBody(head) }));
    } catch (thrown) {
      // A bug of ours. The person who asked sees it, and the metrics count it.
      this.#send(refusal(500, `The monitor failed: ${messageOf(thrown)}`));
    }
  }

  #readBody(head: RequestHead): Promise<Buffer | Answer> {
    const told = onlyValue(head, 'content-length') ?? '';
    if (!/^\d{1,9}$/.test(told) || head.headers.has('transfer-encoding'))
      return Promise.resolve(refusal(411, 'Send the body with one Content-Length.'));
    const length = Number(told);
    if (length > MAX_BODY_BYTES)
      return Promise.resolve(refusal(413, `The body is too large: at most ${MAX_BODY_BYTES} bytes.`));
    const { promise, resolve } = withResolve<Buffer | Answer>();
    this.#body = { length, resolve };
    this.#limit(ASK_LIMIT_MS, () => {
      this.#body = null;
      resolve(refusal(408, 'The body did not arrive in time.'));
    });
    // Some programs wait for this before they send it.
    if (onlyValue(head, 'expect')?.toLowerCase() === '100-continue') this.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    this.#settleBody(length);
    return promise;
  }

  #settleBody(length: number): void {
    if (this.#body === null || this.#received.length < length) return;
    const { resolve } = this.#body;
    this.#body = null;
    this.#cancelLimit();
    resolve(this.#received.subarray(0, length));
  }

  #send(answer: Answer): void {
    const release = once(() => answer.release?.());
    if (this.#phase === 'answering' || this.#phase === 'over' || this.socket.destroyed) {
      release();
      return;
    }
    this.#phase = 'answering';
    this.#received = Buffer.alloc(0);
    this.dependencies.onAnswered(answer);
    this.#limit(TAKE_LIMIT_MS, () => {
      this.drop();
    });
    // 'finish': the system has all of it. Then the client's closing is waited for: closing first would make the system cut
    // off an answer whose client is still sending.
    this.socket.once('finish', release).once('close', release);
    this.socket.cork();
    this.socket.write(headOf(answer));
    if (!this.#isHead && answer.body.byteLength > 0) this.socket.write(answer.body);
    this.socket.end();
  }

  #limit(limitMs: number, onLate: () => void): void {
    this.#cancelLimit();
    this.#cancelLimit = afterReads(this.dependencies.clock, limitMs, onLate);
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
