import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorWithAdvice, messageOf } from '../core/errors.js';

/** sockaddr_un holds 108 bytes, including the closing zero. */
const MAX_SOCKET_PATH_BYTES = 107;

/** Both ends of a connected local socket. The caller must close them. */
export interface LocalSocketPair {
  /** Our end. Reads go where `onread` says. */
  readonly reader: net.Socket;
  /** The other end, paused, for a child process. */
  readonly writer: net.Socket;
}

/**
 * Opens a connected pair of local sockets whose reading end fills our own memory. The stdout that `spawn` creates is
 * a socket pair too, but it reads at most 64 KiB at a time into newly allocated memory, which costs half as much CPU
 * again per byte. Rejects with `capture_failed` if no folder for the socket can be created.
 */
export async function openLocalSocketPair(
  onread: net.OnReadOpts,
  folders: readonly string[] = candidateFolders(),
): Promise<LocalSocketPair> {
  const failures: string[] = [];
  for (const folder of folders) {
    try {
      return await openIn(folder, onread);
    } catch (thrown) {
      failures.push(messageOf(thrown)); // the disk may be full or read-only; the next folder lies elsewhere
    }
  }
  throw errorWithAdvice('capture_failed', 'No folder for a local socket could be created.', {
    operation: 'open a local socket',
    failures: failures.join('; ').slice(0, 1000),
  });
}

/** The first two are in memory on most systems, so a full disk does not prevent a camera from being opened. */
function candidateFolders(): readonly string[] {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  return [...new Set([...(runtime === undefined ? [] : [runtime]), '/dev/shm', tmpdir(), '/tmp'])];
}

async function openIn(parent: string, onread: net.OnReadOpts): Promise<LocalSocketPair> {
  // Mode 0700, so no other user can connect.
  const folder = await mkdtemp(join(parent, 'csi-cameras-'));
  const server = net.createServer({ pauseOnConnect: true });
  let reader: net.Socket | undefined;
  try {
    const path = join(folder, 's');
    // libuv silently truncates a longer path.
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) throw new Error(`${path} is too long for a socket.`);
    server.listen(path);
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[net.Socket]>;
    reader = net.connect({ path, onread });
    const [[writer]] = await Promise.all([accepted, once(reader, 'connect')]);
    return { reader, writer };
  } catch (thrown) {
    reader?.destroy();
    throw thrown;
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
