import type { ServerOptions, ServerWord } from './monitor-words.js';

/** Why the server could not listen. */
export type Refusal = ServerWord & { readonly type: 'refused' };

/** What may mend itself: a process that still ends, a network that is not there yet, too many open files. */
const TRANSIENT: ReadonlySet<string> = new Set([
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
]);

export function isTransient({ errno }: Refusal): boolean {
  return TRANSIENT.has(errno);
}

/** For the operator: what is so, and what to do. */
export function inWords({ errno, message }: Refusal, { host, port }: Pick<ServerOptions, 'host' | 'port'>): string {
  const what = `The monitor cannot listen on ${host}, port ${port}`;
  switch (errno) {
    case 'EADDRINUSE':
      return `${what}: another program does. End it, or choose another port (monitor.port).`;
    case 'EADDRNOTAVAIL':
      return `${what}: this machine does not have that address. Correct monitor.host, or connect the network.`;
    case 'EACCES':
      return `${what}: the system does not allow it. Choose a port from 1024 on (monitor.port).`;
    default:
      return `${what} (${message}).`;
  }
}
