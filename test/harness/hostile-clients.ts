import { connect, type Socket } from 'node:net';
import { ask, requestText } from './raw-request.js';

/**
 * Clients that mean no good, and viewers that do, for a server on this machine. Each hostile client comes back as soon as it was
 * cut off.
 */

export type HostileKind = keyof typeof HOSTILE;

/** A client that does not read does not hear that it was cut off. After this time it comes anew, ms. */
const HOARDING_MS = 200;
/** How often a slow client sends a byte, ms. */
const SLOW_BYTE_MS = 50;
const PIPELINED = Buffer.from(requestText('/api/status').repeat(2_000));

/** What each kind does with a connection that is open. Returns what is to be ended with it. */
const HOSTILE = {
  /** Asks, and never takes the answer. */
  neverReads: (socket) => {
    hoard(socket, requestText('/api/status'));
  },
  /** Asks thousands of times at once, and takes nothing. */
  pipelines: (socket) => {
    hoard(socket, PIPELINED);
  },
  /** Asks for a picture, and never takes it. */
  hoardsPictures: (socket, { deviceId }) => {
    hoard(socket, requestText(`/api/cameras/${encodeURIComponent(deviceId)}/frame`));
  },
  /** Sends its request byte by byte, and never its end. */
  slowHeaders: (socket) => {
    const text = requestText('/api/status');
    let sent = 0;
    const timer = setInterval(() => {
      socket.write(text[sent % text.length] === '\r' ? ' ' : (text[sent % text.length] ?? ' '));
      sent += 1;
    }, SLOW_BYTE_MS);
    socket.once('close', () => {
      clearInterval(timer);
    });
  },
  /** Cuts its connection at some moment. */
  resets: (socket, { random }) => {
    socket.write(requestText('/api/status').slice(0, Math.floor(random() * 100)));
    const timer = setTimeout(() => socket.resetAndDestroy(), random() * 50);
    socket.once('close', () => {
      clearTimeout(timer);
    });
  },
} satisfies Record<string, (socket: Socket, tools: Tools) => void>;

function hoard(socket: Socket, request: string | Buffer): void {
  socket.pause();
  socket.write(request);
  const timer = setTimeout(() => socket.resetAndDestroy(), HOARDING_MS);
  socket.once('close', () => {
    clearTimeout(timer);
  });
}

interface Tools {
  readonly deviceId: string;
  /** From 0 to 1. */
  readonly random: () => number;
}

export const HOSTILE_KINDS = Object.keys(HOSTILE) as readonly HostileKind[];

export interface HostileOptions {
  readonly port: number;
  readonly count: number;
  /** They take turns. Default: all. */
  readonly kinds?: readonly HostileKind[];
  /** Whose pictures are hoarded. Default: `picam:0`. */
  readonly deviceId?: string;
  /** Until a client that was cut off comes back, ms. Default: 20. */
  readonly comeBackMs?: number;
}

/** They begin at once, and go on until `end`. */
export class HostileClients {
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #isOver = false;
  #seed = 1;
  /** Connections made so far. */
  connections = 0;

  constructor(private readonly options: HostileOptions) {
    const { count, kinds = HOSTILE_KINDS } = options;
    for (let index = 0; index < count; index += 1) this.#come(kinds[index % kinds.length] ?? 'neverReads');
  }

  /** Cuts all of them. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#sockets].map((socket) => closedBy(socket, () => socket.resetAndDestroy())));
  }

  #come(kind: HostileKind): void {
    const { port, deviceId = 'picam:0', comeBackMs = 20 } = this.options;
    const socket = connect({ port, host: '127.0.0.1' });
    this.#sockets.add(socket);
    this.connections += 1;
    socket.on('error', () => undefined); // 'close' follows
    socket.once('connect', () => {
      HOSTILE[kind](socket, { deviceId, random: () => this.#random() });
    });
    socket.once('close', () => {
      this.#sockets.delete(socket);
      if (this.#isOver) return;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.#come(kind);
      }, comeBackMs);
      this.#timers.add(timer);
    });
  }

  /** The same numbers in each run. */
  #random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }
}

export interface HonestOptions {
  readonly port: number;
  readonly count: number;
  /** What each of them asks for, again and again. Default: the status. */
  readonly target?: string;
  /** Between an answer and the next question, ms. Default: 100. */
  readonly everyMs?: number;
  readonly token?: string;
}

/** Viewers that ask, take the answer, and ask again. They begin at once, and go on until `end`. */
export class HonestViewers {
  /** From the question to the whole answer, ms. */
  readonly answeredMs: number[] = [];
  /** How many got no answer, by its status; 0: cut off. */
  readonly failures: Record<string, number> = {};
  #isOver = false;
  readonly #loops: Promise<void>[];
  readonly #waiting = new Map<NodeJS.Timeout, () => void>();

  constructor(private readonly options: HonestOptions) {
    this.#loops = Array.from({ length: options.count }, () => this.#look());
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (const [timer, goOn] of this.#waiting) {
      clearTimeout(timer);
      goOn();
    }
    await Promise.all(this.#loops);
  }

  /** Of all answers, ms. */
  figures(): { readonly answers: number; readonly p50: number; readonly p99: number; readonly max: number } {
    const sorted = this.answeredMs.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
    return { answers: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
  }

  async #look(): Promise<void> {
    const { port, target = '/api/status', everyMs = 100, token } = this.options;
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    while (!this.#isOver) {
      const startMs = performance.now();
      const { status } = await ask(port, target, { headers });
      if (status === 200 || status === 204) this.answeredMs.push(performance.now() - startMs);
      else this.failures[status] = (this.failures[status] ?? 0) + 1;
      await new Promise<void>((goOn) => {
        const timer = setTimeout(() => {
          this.#waiting.delete(timer);
          goOn();
        }, everyMs);
        this.#waiting.set(timer, goOn);
      });
    }
  }
}

function closedBy(socket: Socket, action: () => void): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
    action();
  });
}
