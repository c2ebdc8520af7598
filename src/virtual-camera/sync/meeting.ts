/** Where cameras meet: one UDP port of this machine. The server answers there, clients ask from ports of their own. */
import { createSocket, type Socket } from 'node:dgram';

import { monotonicUs } from '../frame-schedule.js';
import { type Agreement } from './agreement.js';
import { answerPacket, helloPacket, readAnswer, readHello } from './packets.js';

const HERE = '127.0.0.1';
const NONCES = 2 ** 32;
/** A packet that cannot be sent is lost, as any packet may be: the next hello follows. */
const lost = (): void => undefined;

/**
 * Answers hellos. `onFailed` is called once if the port cannot be used (`EADDRINUSE`). Returns what ends it; that may be
 * called twice.
 */
export function answerHellos(agreement: Agreement, port: number, onFailed: (code: string) => void): () => void {
  const socket = createSocket('udp4');
  const close = closerOf(socket);
  socket.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (close()) onFailed(code ?? 'unknown error');
  });
  socket.on('message', (packet, { address, port: from }) => {
    const nonce = readHello(packet);
    // Port 0 can be forged, and cannot be sent to.
    if (nonce !== undefined && from !== 0) socket.send(answerPacket(nonce, agreement), from, address, lost);
  });
  socket.bind({ port, address: HERE, exclusive: true });
  return close;
}

/** A client's side of the meeting. */
export class Hellos {
  readonly #socket: Socket;
  readonly #close: () => boolean;
  readonly #nonce = Math.floor(Math.random() * NONCES);
  readonly #port: number;
  #isOpen = true;
  #heard: Agreement | undefined;

  /** `onFailed` is called once if there is no socket to be had. */
  constructor(port: number, onFailed: (code: string) => void) {
    this.#port = port;
    this.#socket = createSocket('udp4');
    this.#close = closerOf(this.#socket);
    this.#socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (this.close()) onFailed(code ?? 'unknown error');
    });
    this.#socket.on('message', (packet, from) => {
      if (from.address !== HERE || from.port !== port) return;
      this.#heard = readAnswer(packet, this.#nonce, monotonicUs()) ?? this.#heard;
    });
    this.#socket.bind({ port: 0, address: HERE });
  }

  send(): void {
    if (this.#isOpen) this.#socket.send(helloPacket(this.#nonce), this.#port, HERE, lost);
  }

  /** What was heard since the last time. */
  take(): Agreement | undefined {
    const heard = this.#heard;
    this.#heard = undefined;
    return heard;
  }

  /** May be called twice. Returns whether it was open. */
  close(): boolean {
    this.#isOpen = false;
    return this.#close();
  }
}

/** Closes a socket once; a second close of Node's throws. Returns whether it was this call that closed it. */
function closerOf(socket: Socket): () => boolean {
  let isOpen = true;
  return () => {
    if (!isOpen) return false;
    isOpen = false;
    socket.close();
    return true;
  };
}
