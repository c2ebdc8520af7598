import { write } from 'node:fs';
import { Writable } from 'node:stream';
import type { Clock } from '../core/clock.js';
import { withResolve } from '../core/within.js';

/** Writes some of the bytes, at least one, and resolves with how many. Rejects with Node's error. */
export type WriteSome = (bytes: Buffer) => Promise<number>;

/** Wait before the next attempt on a file that cannot be written. Shorter than what the end of the process waits for stdout. */
const RETRY_MS = 100;

/**
 * stdout or stderr where it is a file. Node's own stream for a file blocks the process while the disk is slow, and drops the
 * rest of a line that fitted only in part. This one writes beside the process. While the disk is full it keeps what it has,
 * tries again, and later goes on at the very byte: no line is ever garbled. It ends with an error only if the reader has left.
 */
export class FileOutput extends Writable {
  /** `onTrouble` is told of each failed attempt. */
  constructor(
    private readonly writeSome: WriteSome,
    private readonly clock: Clock,
    private readonly onTrouble: (thrown: unknown) => void,
  ) {
    super({ decodeStrings: true });
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    void this.#writeAll(chunk, callback);
  }

  /** Never rejects. */
  async #writeAll(chunk: Buffer, callback: (error?: Error | null) => void): Promise<void> {
    let rest = chunk;
    while (rest.length > 0 && !this.destroyed) {
      try {
        rest = rest.subarray(await this.writeSome(rest));
      } catch (thrown) {
        if (isReaderGone(thrown)) {
          callback(thrown as Error);
          return;
        }
        this.onTrouble(thrown);
        await this.#untilRetry();
      }
    }
    callback();
  }

  /** Does not keep the process alive, as a clock's `sleep` would. */
  #untilRetry(): Promise<void> {
    const { promise, resolve } = withResolve<void>();
    this.clock.after(RETRY_MS, resolve);
    return promise;
  }
}

/** Whether this failure of an output means that nobody will read it again. Every other one may pass. */
export function isReaderGone(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false;
  return thrown.code === 'EPIPE' || thrown.code === 'ECONNRESET';
}

/** Writes to a file descriptor at its present position. */
export function writeTo(fd: number): WriteSome {
  return (bytes) =>
    new Promise((resolve, reject) => {
      write(fd, bytes, 0, bytes.length, null, (error, written) => {
        if (error === null && written > 0) resolve(written);
        else reject(error ?? new Error('Nothing was written.'));
      });
    });
}
