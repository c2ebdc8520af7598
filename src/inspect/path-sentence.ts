import { errnoOf, messageOf } from '../core/errors.js';

/** What a person can do about a path that does not open. */
export function sentenceOf(path: string, failure: unknown): string {
  const errno = errnoOf(failure);
  if (errno === 'ENOENT') return `${path} does not exist.`;
  if (errno === 'EACCES' || errno === 'EPERM')
    return `${path} may not be read by this user: ask its owner, or change its permissions (${errno}).`;
  if (errno === 'ELOOP') return `${path} is a link that leads to itself.`;
  if (errno !== undefined) return `${path} could not be read (${errno}).`;
  return `${path} could not be read: ${messageOf(failure)}`;
}
