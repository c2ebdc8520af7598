import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errnoOf, messageOf } from '../core/errors.js';

/** Thrown where something that is no regular file was named. */
export class NotRegularFile extends Error {
  override readonly name = 'NotRegularFile';
  constructor(readonly path: string) {
    super(`${path} is no regular file, so it was not read.`);
  }
}

/** Opens a regular file for reading, and nothing else: a pipe without a writer would hold an ordinary `open` up for ever. */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if ((await file.stat()).isFile()) return file;
    throw new NotRegularFile(path);
  } catch (failure) {
    await file.close();
    throw failure;
  }
}

/** What a person can do about a path that does not open. */
export function sentenceOf(path: string, failure: unknown): string {
  const errno = errnoOf(failure);
  if (failure instanceof NotRegularFile) return failure.message;
  if (errno === 'ENOENT') return `${path} does not exist.`;
  if (errno === 'EACCES' || errno === 'EPERM')
    return `${path} may not be read by this user: ask its owner, or change its permissions (${errno}).`;
  if (errno === 'ELOOP') return `${path} is a link that leads to itself.`;
  if (errno !== undefined) return `${path} could not be read (${errno}).`;
  return `${path} could not be read: ${messageOf(failure)}`;
}
