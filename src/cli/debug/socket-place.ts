import { chmod, link, lstat, mkdtemp, rm, unlink } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { errnoOf, messageOf } from '../../core/errors.js';

/** A Unix socket's place in the file system: who may use it, whether somebody serves it, what is left of one that is dead. */

/** Longest path of a Unix socket, bytes (`sun_path` of unix(7) without the zero at its end). A longer one would be cut. */
const MAX_PATH_BYTES = 107;
/** Beside the place, because a link cannot lead into another file system. */
const PRIVATE_PREFIX = '.csi-';
const NAME_IN_PRIVATE = 's';

/**
 * Lets the server listen at the path: mode 0600 from the first moment on, because the socket is made within a folder that is this
 * user's alone, and linked to its place when its mode is right. (The process's umask would also be that of files that other threads
 * make at this moment.) What stands there is replaced only if it is a socket that nobody serves. Resolves with what takes it away
 * again. Rejects with a sentence.
 */
export async function listenAt(server: Server, path: string): Promise<() => Promise<void>> {
  await removeStale(path);
  const folder = await mkdtemp(join(dirname(path), PRIVATE_PREFIX)).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') throw new Error(`There is no folder ${dirname(path)}.`, { cause: thrown });
    throw thrown;
  });
  try {
    const first = join(folder, NAME_IN_PRIVATE);
    if (Buffer.byteLength(first) > MAX_PATH_BYTES || Buffer.byteLength(path) > MAX_PATH_BYTES) {
      throw new Error('The path is too long for a socket. Choose one of at most 90 characters.');
    }
    await listening(server, first);
    await chmod(first, 0o600);
    const { dev, ino } = await lstat(first);
    // Unlike a rename it replaces nothing that came meanwhile.
    await link(first, path);
    return () => removeIf(path, (found) => found.dev === dev && found.ino === ino);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Takes away a socket that nobody serves. Rejects where something else stands there. */
async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch((thrown: unknown) => {
    if (errnoOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error('Something that is not a socket stands there. It was left alone.');
  const answer = await tryToConnect(path);
  if (answer === 'connected') throw new Error('Another process serves this socket. It was left alone.');
  // Nobody listens: the process that made it was killed.
  if (answer !== 'ECONNREFUSED') throw new Error(`It cannot be told whether somebody serves this socket (${answer}).`);
  await removeIf(path, ({ dev, ino }) => dev === found.dev && ino === found.ino);
}

/** `connected`, or the errno. */
async function tryToConnect(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve('connected');
    });
    socket.once('error', (error) => {
      resolve(errnoOf(error) ?? messageOf(error));
    });
  });
}

async function listening(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** A path that is gone meanwhile is no failure. */
async function removeIf(path: string, isOurs: (found: { dev: number; ino: number }) => boolean): Promise<void> {
  try {
    if (isOurs(await lstat(path))) await unlink(path);
  } catch (thrown) {
    if (errnoOf(thrown) !== 'ENOENT') throw thrown;
  }
}
