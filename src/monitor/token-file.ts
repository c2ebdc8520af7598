import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf, messageOf } from '../core/errors.js';
import type { FileSystem } from '../core/file-system.js';

/** The token that readers of the monitor give, in a file that only its owner can read. */

type TokenFileSystem = Pick<FileSystem, 'open' | 'link' | 'unlink' | 'mkdir'>;

/** Nobody finds out 16 characters by trying. */
const SHORTEST_TOKEN = 16;
const LONGEST_TOKEN = 1024;
const HOW_TO_MAKE = 'Make one with: (umask 077; openssl rand -hex 24 > FILE)';

/** Why there is no token: a sentence, and what to do. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
}

/**
 * The token in the file, without the white space around it. Throws a `TokenFileError` if the file is missing, is no file, can be
 * read by others, or holds no token: 16 to 1024 printable ASCII characters without spaces.
 */
export async function readToken(path: string, fileSystem: Pick<TokenFileSystem, 'open'>): Promise<string> {
  const text = await readPrivate(path, fileSystem).catch((thrown: unknown) => {
    throw thrown instanceof TokenFileError ? thrown : new TokenFileError(unreadable(path, thrown), { cause: thrown });
  });
  const token = text.trim();
  if (token.length < SHORTEST_TOKEN)
    throw new TokenFileError(`The token in ${path} has fewer than ${SHORTEST_TOKEN} characters. ${HOW_TO_MAKE}`);
  if (!/^[\u0021-\u007e]+$/.test(token) || token.length > LONGEST_TOKEN)
    throw new TokenFileError(
      `The token in ${path} is not one line of at most ${LONGEST_TOKEN} printable ASCII characters. ${HOW_TO_MAKE}`,
    );
  return token;
}

/**
 * The token in the file, which is made with a random one if it is missing. Several processes may do so at once: all get the
 * same token. Throws as `readToken`, and if the file cannot be made.
 */
export async function readOrMakeToken(path: string, fileSystem: TokenFileSystem): Promise<string> {
  try {
    await makeToken(path, fileSystem);
  } catch (thrown) {
    throw new TokenFileError(`The token file ${path} cannot be made (${reasonOf(thrown)}).`, { cause: thrown });
  }
  return readToken(path, fileSystem);
}

/** Opened without waiting, because a pipe would make us wait for its writer. */
async function readPrivate(path: string, fileSystem: Pick<TokenFileSystem, 'open'>): Promise<string> {
  const file = await fileSystem.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new TokenFileError(`The token file ${path} is not a file.`);
    if ((stat.mode & 0o077) !== 0) {
      throw new TokenFileError(`Others can read or change the token file ${path}. Take that away: chmod 600 ${path}`);
    }
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2 * LONGEST_TOKEN), 0, 2 * LONGEST_TOKEN, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Writes it beside and links it: a file of that name is never empty, and none that exists is changed. */
async function makeToken(path: string, fileSystem: TokenFileSystem): Promise<void> {
  if (await exists(path, fileSystem)) return;
  await fileSystem.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const file = await fileSystem.open(draft, 'wx', 0o600);
  try {
    try {
      await file.writeFile(`${randomBytes(24).toString('base64url')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await fileSystem.link(draft, path);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EEXIST') throw thrown; // another process was faster: its token is used
  } finally {
    await fileSystem.unlink(draft);
  }
}

async function exists(path: string, fileSystem: Pick<TokenFileSystem, 'open'>): Promise<boolean> {
  try {
    const file = await fileSystem.open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    await file.close();
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

function unreadable(path: string, thrown: unknown): string {
  if (errnoOf(thrown) === 'ENOENT') return `The token file ${path} does not exist. ${HOW_TO_MAKE}`;
  return `The token file ${path} cannot be read (${reasonOf(thrown)}).`;
}

const reasonOf = (thrown: unknown): string => errnoOf(thrown) ?? messageOf(thrown);
