import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { MonitorAnswer } from '../../src/monitor/view.js';

/** A server that answers as a monitor does, with what the test gives. */
export interface GivenMonitor {
  readonly url: string;
  /** The `Authorization` of each request so far. */
  readonly authorizations: readonly (string | undefined)[];
  answer: MonitorAnswer;
  /** With it requests need the token. */
  token: string | null;
  /** Ends it with all connections. Whoever asks then is refused a connection. */
  close(): Promise<void>;
}

export async function givenMonitor(answer: MonitorAnswer): Promise<GivenMonitor> {
  const authorizations: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    authorizations.push(request.headers.authorization);
    const isAllowed = monitor.token === null || request.headers.authorization === `Bearer ${monitor.token}`;
    if (request.url !== '/api/status') response.writeHead(404).end();
    else if (isAllowed) response.end(JSON.stringify(monitor.answer));
    else response.writeHead(401).end();
  });
  const monitor: GivenMonitor = {
    url: await listening(server),
    authorizations,
    answer,
    token: null,
    close: () => closed(server),
  };
  return monitor;
}

/** A server that does with each connection what it is told, and its end. */
export async function givenServer(
  onConnection: (socket: Socket) => void,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer();
  server.removeAllListeners('connection');
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined));
    onConnection(socket);
  });
  const url = await listening(server);
  return {
    url,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await closed(server);
    },
  };
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return;
  const isClosed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await isClosed;
}
