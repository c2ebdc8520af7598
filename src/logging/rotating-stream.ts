import type { Writable } from 'node:stream';

/** Settings for `rotating-file-stream`. */
export interface RotatingStreamSettings {
  /** The folder. */
  readonly path: string;
  /** Bytes. The file is rotated after the write that reaches this size. */
  readonly size: number;
  /** Number of backups. The name is the library's. */
  readonly rotate: number;
  /** Permissions of a new file. */
  readonly mode: number;
}

/** Creates the stream, which emits `open` once its file is open, or `error`. Tests replace it with a failing one. */
export type RotatingStreamFactory = (name: string, settings: RotatingStreamSettings) => Promise<Writable>;

/** The real factory. It imports the library (8 ms) when the first log is opened, not when the module is loaded. */
export const createRotatingStream: RotatingStreamFactory = async (name, { path, size, rotate, mode }) => {
  const { createStream } = await import('rotating-file-stream');
  return createStream(name, { path, size: `${size}B`, rotate, mode });
};

/** Waits until the stream has its file open. Rejects if it cannot be opened. */
export async function whenOpen(stream: Writable): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.once('open', resolve);
    stream.once('error', reject);
  });
}

/**
 * Writes the bytes and waits until the library considers them written. The library counts a short write as success, so the
 * caller checks the size of the file (`rotated-file.ts`).
 */
export async function writeTo(stream: Writable, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Ends the stream, in whatever state it is, and waits until its file is closed. */
export async function endStream(stream: Writable): Promise<void> {
  if (stream.closed) return;
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    if (stream.destroyed) return;
    if (stream.errored) stream.destroy();
    else stream.end();
  });
}
