import type { Writable } from 'node:stream';

/** Settings for `rotating-file-stream`. */
export interface RotatingStreamSettings {
  /** The folder. */
  readonly path: string;
  /** Bytes. The file is rotated after the write that reaches this size. */
  readonly size: number;
  /** Number of backups. */
  readonly rotate: number;
  /** Permissions of a new file. */
  readonly mode: number;
}

/** Creates the stream, which emits `open` once its file is open, or `error`. Tests replace it with a failing one. */
export type RotatingStreamFactory = (name: string, settings: RotatingStreamSettings) => Promise<Writable>;

/**
 * The real factory. The library's 8 ms of import are spent when the first log is opened, not when the module is
 * loaded.
 */
export const createRotatingStream: RotatingStreamFactory = async (name, { path, size, rotate, mode }) => {
  const { createStream } = await import('rotating-file-stream');
  return createStream(name, { path, size: `${size}B`, rotate, mode });
};

/** Resolves when the stream has its file open. */
export async function opened(stream: Writable): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.once('open', resolve);
    stream.once('error', reject);
  });
}

/**
 * Resolves when the library considers the bytes written. That proves nothing, because it counts a short write as
 * success.
 */
export async function written(stream: Writable, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Resolves when the stream has closed its file, whatever its state was. */
export async function ended(stream: Writable): Promise<void> {
  if (stream.closed) return;
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    if (stream.destroyed) return;
    if (stream.errored) stream.destroy();
    else stream.end();
  });
}
