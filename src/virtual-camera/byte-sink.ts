/** Writes to a descriptor that may block, refuse for now (EAGAIN) or be gone, without ever holding the event loop. */
import { close, write } from 'node:fs';

const RETRY_MS = 1;

/** One write at a time. */
export class ByteSink {
  #isBusy = false;

  /** `onFailed`: the descriptor takes no more (EPIPE, ENOSPC, EBADF); whoever hears it ends the program. */
  constructor(
    private readonly descriptor: number,
    private readonly onFailed: (error: NodeJS.ErrnoException) => void,
  ) {}

  /** Writes bytes `start` to `end` and calls `done` when all are out. The bytes must stay as they are until then. */
  write(bytes: Uint8Array, start: number, end: number, done: () => void): void {
    if (this.#isBusy) throw new Error('A write is already in flight.');
    this.#isBusy = true;
    this.#writeOn(bytes, start, end, done);
  }

  close(): void {
    // It is closed so that the reader sees the end; that it was closed already changes nothing.
    close(this.descriptor, () => undefined);
  }

  #writeOn(bytes: Uint8Array, start: number, end: number, done: () => void): void {
    // In libuv's thread pool: a reader that stalls holds that thread only.
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
