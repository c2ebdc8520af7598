import { connect, type Socket } from 'node:net';

/** An answer as it came over the socket. */
export interface RawAnswer {
  /** Of the first answer; 0 if the connection was cut without one. */
  readonly status: number;
  /** Of the first answer, names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Everything, further answers included. */
  readonly bytes: Buffer;
}

/** Writes bytes to a local port and reads until the server closes. No client in between mends or refuses anything. */
export function sendRaw(port: number, bytes: Buffer | string): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    // What came before a reset is the answer.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(readAnswer(Buffer.concat(chunks)));
    });
    socket.write(bytes);
  });
}

/** A proper request. Headers with several values are several lines; `null` leaves out a header that is usually there. */
export function requestText(target: string, { method = 'GET', headers = {}, body = '' }: RequestParts = {}): string {
  const all: Record<string, string | readonly string[] | null> = { Host: 'localhost', ...headers };
  if (body !== '' && all['Content-Length'] === undefined) all['Content-Length'] = String(Buffer.byteLength(body));
  const lines = Object.entries(all).flatMap(([name, value]) =>
    (value === null ? [] : [value].flat()).map((one) => `${name}: ${one}\r\n`),
  );
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

export interface RequestParts {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly body?: string;
}

export function ask(port: number, target: string, parts: RequestParts = {}): Promise<RawAnswer> {
  return sendRaw(port, requestText(target, parts));
}

/** Opens a connection and leaves it to the caller. Resolves when it is open. */
export function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject).on('error', () => undefined);
      resolve(socket);
    });
  });
}

function readAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return { status: 0, headers: {}, body: Buffer.alloc(0), bytes };
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(first.split(' ')[1]), headers, body: bytes.subarray(end + 4), bytes };
}
