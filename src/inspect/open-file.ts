import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { errnoOf, messageOf } from '../core/errors.js';
import { NotReadable, type NotReadableReason } from './not-readable.js';

/** A link is not followed (it might lead out of the session), and a FIFO does not hold the open up. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const REASONS: Readonly<Partial<Record<string, readonly [NotReadableReason, string]>>> = {
  ENOENT: ['absent', 'There is no such file.'],
  ENOTDIR: ['absent', 'There is no such file.'],
  EACCES: ['denied', 'The system does not allow it to be read: check the permissions of the file and its folder.'],
  EPERM: ['denied', 'The system does not allow it to be read: check the permissions of the file and its folder.'],
  ELOOP: ['not_a_file', 'It is a link; name the file that it leads to.'],
  ENXIO: ['not_a_file', 'It is no regular file.'],
};

/** Opens a regular file for reading. The caller closes it. Rejects with `NotReadable`. */
export async function openToInspect(path: string): Promise<FileHandle> {
  const handle = await open(path, FLAGS).catch((thrown: unknown) => {
    const [reason, message] = REASONS[errnoOf(thrown) ?? ''] ?? ['io', `It cannot be opened: ${messageOf(thrown)}.`];
    throw new NotReadable(reason, message, { cause: thrown });
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new NotReadable('not_a_file', 'It is no regular file.');
}
