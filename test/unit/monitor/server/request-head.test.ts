import { createServer, type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MAX_HEAD_BYTES, readHead } from '../../../../src/monitor/server/request-head.js';

const HOST = 'Host: localhost\r\n';

function statusOf(text: string): number | string {
  const reading = readHead(Buffer.from(text, 'latin1'));
  return reading.kind === 'bad' ? reading.status : reading.kind;
}

describe('the head of a request', () => {
  it('is read with its method, path, query and headers, and what follows it is left alone', () => {
    const text = 'GET /a%2Fb?after=3&x=%41 HTTP/1.1\r\nHost: pi.local:8722\r\nX-Two:1\r\nx-two: \t 2 \r\n\r\n';
    const reading = readHead(Buffer.from(`${text}GET /next`));
    if (reading.kind !== 'head') throw new Error('It is a proper head.');
    const { method, path, query, headers, byteLength } = reading.head;
    expect({ method, path, after: query.get('after'), x: query.get('x'), byteLength }).toEqual({
      method: 'GET',
      path: '/a%2Fb',
      after: '3',
      x: 'A',
      byteLength: text.length,
    });
    expect([...headers]).toEqual([
      ['host', ['pi.local:8722']],
      ['x-two', ['1', '2']],
    ]);
  });

  it('is waited for, whatever part of it has arrived', () => {
    const text = `GET / HTTP/1.1\r\n${HOST}\r\n`;
    for (let length = 0; length < text.length; length += 1) expect(statusOf(text.slice(0, length))).toBe('more');
    expect(statusOf(text)).toBe('head');
  });

  it.each([
    ['TLS', '\x16\x03\x01\x02\0'],
    ['an empty line first', '\r\nGET / HTTP/1.1\r\n\r\n'],
    ['small letters', 'get / HTTP/1.1\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\n'],
    ['HTTP/0.9', 'GET /\r\n\r\n'],
    ['the target of a proxy', 'GET http://localhost/ HTTP/1.1\r\n\r\n'],
    ['a target without a slash', 'GET api HTTP/1.1\r\n\r\n'],
    ['a fragment', 'GET /#token=1 HTTP/1.1\r\n\r\n'],
    ['a blank in the target', 'GET /a b HTTP/1.1\r\n\r\n'],
    ['a raw byte in the target', 'GET /\xe4 HTTP/1.1\r\n\r\n'],
    ['a zero in the target', 'GET /\0 HTTP/1.1\r\n\r\n'],
    ['a line without a colon', 'GET / HTTP/1.1\r\nHost\r\n\r\n'],
    ['a blank before the colon', 'GET / HTTP/1.1\r\nHost : localhost\r\n\r\n'],
    ['a header without a name', 'GET / HTTP/1.1\r\n: localhost\r\n\r\n'],
    ['a continued line', `GET / HTTP/1.1\r\n${HOST} x\r\n\r\n`],
    ['a line feed alone', 'GET / HTTP/1.1\r\nHost: a\nHost: localhost\r\n\r\n'],
    ['a carriage return alone', 'GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n'],
    ['a zero in a value', 'GET / HTTP/1.1\r\nHost: local\0host\r\n\r\n'],
  ])('is refused with %s', (_, text) => {
    expect(statusOf(text)).toBe(400);
  });

  it('is refused from the limit of its size on, before it has ended', () => {
    const start = `GET / HTTP/1.1\r\n${HOST}X: `;
    const fits = `${start}${'x'.repeat(MAX_HEAD_BYTES - start.length - 4)}\r\n\r\n`;
    expect(statusOf(fits)).toBe('head');
    expect(statusOf(`${start}x${fits.slice(start.length)}`)).toBe(431);
    expect(statusOf(`GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(65)}\r\n`)).toBe(431);
  });

  it('costs no more with many blanks than with letters', () => {
    const text = `GET / HTTP/1.1\r\nX: a${'\t '.repeat(4_000)}b\r\n\r\n`;
    const startMs = performance.now();
    for (let round = 0; round < 100; round += 1) expect(statusOf(text)).toBe('head');
    // A pattern with a lazy middle takes some 3 s for these.
    expect(performance.now() - startMs).toBeLessThan(1_500);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        readHead(Buffer.concat([Buffer.from('GET /'), tail, Buffer.from('\r\n\r\n')]));
      }),
    );
  });

  it('means the same as to the reader of Node, whatever is accepted here', async () => {
    const textOf = (...pieces: string[]) =>
      fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((parts) => parts.join(''));
    const targets = textOf('/', 'a', '%2e', '..', '?', '=', '&', ':', '"', '\x7f', ' ');
    const names = textOf('a', 'B', '-', '_', 'Host', ':', ' ');
    const values = textOf('a', ' ', '\t', ':', ',', '\xe4', '\r\n', '\r', '\n', '\0');
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'POST', 'HEAD'),
        targets,
        names,
        values,
        async (method, target, name, value) => {
          const bytes = Buffer.from(`${method} /${target} HTTP/1.1\r\nHost: h\r\n${name}: ${value}\r\n\r\n`, 'latin1');
          const reading = readHead(bytes);
          if (reading.kind !== 'head') return;
          accepted += 1;
          const request = await readByNode(bytes);
          const { head } = reading;
          expect(request?.method).toBe(head.method);
          expect(request?.url?.split('?')[0]).toBe(head.path);
          // Node's object has no prototype.
          expect({ ...request?.headersDistinct }).toEqual(Object.fromEntries(head.headers));
        },
      ),
      { numRuns: 300 },
    );
    expect(accepted).toBeGreaterThan(30);
  });
});

/** Null: Node refuses it. */
function readByNode(bytes: Buffer): Promise<IncomingMessage | null> {
  return new Promise((resolve) => {
    const server = createServer(resolve);
    server.on('clientError', () => {
      resolve(null);
    });
    const socket = new Duplex({
      read() {},
      write: (_chunk, _encoding, done) => {
        done();
      },
    });
    server.emit('connection', socket);
    socket.push(bytes);
  });
}
