/** Writes to a descriptor that may block, refuse for now (EAGAIN) or be gone. It never blocks the event loop. */
import { close, write } from 'node:fs';

const RETRY_MS = 1;

/** Allows one write at a time. */
export class ByteSink {
  #isBusy = false;

  /** `onFailed`: the descriptor accepts no more bytes (EPIPE, ENOSPC, EBADF). The listener must end the program. */
  constructor(
    private readonly descriptor: number,
    private readonly onFailed: (error: NodeJS.ErrnoException) => void,
  ) {}

  /** Writes bytes `start` to `end` and calls `done` when all are written. The bytes must not change until then. */
  write(bytes: Uint8Array, start: number, end: number, done: () => void): void {
    if (this.#isBusy) throw new Error('A write is already in flight.');
    this.#isBusy = true;
    this.#writeOn(bytes, start, end, done);
  }

  close(): void {
    // Closing lets the reader see the end. An error means that it was already closed.
    close(this.descriptor, () => undefined);
  }

  #writeOn(bytes: Uint8Array, start: number, end: number, done: () => void): void {
    // The write runs in libuv's thread pool, so a stalled reader blocks only that thread.
    write(this.descriptor, bytes, start, end - start, null, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#writeOn(bytes, start, end, done), RETRY_MS);
        return;
      }
      if (error) {
        this.onFailed(error);
        return;
      }
      if (start + written < end) {
        this.#writeOn(bytes, start + written, end, done);
        return;
      }
      this.#isBusy = false;
      done();
    });
  }
}
