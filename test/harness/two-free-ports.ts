import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '../../bench/free-port.mjs';

/** The first of two ports, one after the other, that nobody listens on. */
export async function twoFreePorts(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const next = createServer().listen(port + 1, '127.0.0.1');
    try {
      await once(next, 'listening');
      next.close();
      await once(next, 'close');
      return port;
    } catch {
      // Somebody has the second one.
    }
  }
}
