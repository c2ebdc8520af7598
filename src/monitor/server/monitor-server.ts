import { createServer, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { systemClock, type Clock } from '../../core/clock.js';
import type { StatusMessage } from '../../protocol/statuses.js';
import type { ControlCommand, ServerOptions } from '../monitor-words.js';
import type { MonitorSnapshot } from '../view.js';
import { answerTo, type AnswerDependencies } from './answers.js';
import { Crowd } from './crowd.js';
import { Exchange, type ExchangeDependencies } from './exchange.js';
import type { PictureSource } from './frame-desk.js';
import { readPageFiles, type PageFiles } from './page-files.js';
import { namesOf } from './request-guard.js';
import { TrafficMeter, type ServerTraffic } from './traffic.js';

export interface MonitorServerDependencies {
  readonly options: ServerOptions;
  /** The latest one. Null before the first. */
  readonly snapshot: () => MonitorSnapshot | null;
  readonly frames: PictureSource;
  /** Gives a command of the page, and resolves with its final status. */
  readonly command: (command: ControlCommand) => Promise<StatusMessage>;
  /** The metrics as text. `ageMs`: of the snapshot. */
  readonly expose: (snapshot: MonitorSnapshot, traffic: ServerTraffic, ageMs: number) => string | Promise<string>;
  /** Default: the built page. */
  readonly files?: PageFiles;
  readonly clock?: Clock;
}

/** The monitor's server: sockets. What is answered is in `answers.ts`. */
export class MonitorServer {
  readonly #server: Server;
  readonly #crowd: Crowd;
  readonly #traffic = new TrafficMeter();
  readonly #exchanges: ExchangeDependencies;
  readonly #options: ServerOptions;

  /** Throws if the page's files cannot be read. */
  constructor({ files = readPageFiles(), clock = systemClock, ...given }: MonitorServerDependencies) {
    const { options } = given;
    this.#options = options;
    this.#crowd = new Crowd(clock);
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#receive(socket);
    });
    const dependencies: AnswerDependencies = {
      ...given,
      clock,
      files,
      rules: { ...options, names: namesOf(hostname(), options) },
      traffic: () => this.#traffic.read(this.#crowd.size),
      onPicture: (bytes) => {
        this.#traffic.sentPicture(bytes);
      },
    };
    this.#exchanges = {
      clock,
      answer: answerTo(dependencies),
      onAnswered: ({ status }) => {
        this.#traffic.answered(status);
      },
    };
  }

  /** Resolves with the port. Rejects if it cannot listen there (`EADDRINUSE`, `EACCES`, ...). */
  listen(): Promise<number> {
    const { port, host } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', reject);
        // Too many open files: this client is not let in, the others go on.
        this.#server.on('error', () => undefined);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Cuts all connections. May be called twice. */
  close(): Promise<void> {
    this.#crowd.end();
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #receive(socket: Socket): void {
    const exchange = new Exchange(socket, this.#exchanges);
    socket.once('close', () => {
      this.#crowd.remove(exchange);
    });
    exchange.begin();
    this.#crowd.add(exchange);
  }
}
