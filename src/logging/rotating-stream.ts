import type { Writable } from 'node:stream';

/** What `rotating-file-stream` is told. */
export interface RotatingStreamSettings {
  /** The folder. */
  readonly path: string;
  /** Bytes; the file is rotated after the write that reaches it. */
  readonly size: number;
  /** Number of backups. */
  readonly rotate: number;
  /** Permissions of a new file. */
  readonly mode: number;
}

/** Makes the stream; it emits `open` when the file is, or `error`. A seam: tests put a failing one in its place. */
export type RotatingStreamFactory = (name: string, settings: RotatingStreamSettings) => Promise<Writable>;

/** The real one. Its 8 ms of import are spent when the first log is opened, not when the module is loaded. */
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

/** Resolves when the library thinks that the bytes are in the file, which proves nothing (a short write counts as success). */
export async function written(stream: Writable, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Resolves when the stream has closed its file, whatever state it was in. */
export async function ended(stream: Writable): Promise<void> {
  if (stream.closed) return;
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    if (stream.destroyed) return;
    if (stream.errored) stream.destroy();
    else stream.end();
  });
}
