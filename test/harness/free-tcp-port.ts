import { once } from 'node:events';
import { createServer } from 'node:net';

/** A TCP port of the loopback interface that nothing listens at, for programs that are told where to listen. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('It has no port.');
  return address.port;
}
