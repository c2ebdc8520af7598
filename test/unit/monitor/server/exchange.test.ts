import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { withResolve } from '../../../../src/core/within.js';
import { MAX_CONNECTIONS } from '../../../../src/monitor/server/crowd.js';
import { ASK_LIMIT_MS, MAX_BODY_BYTES, TAKE_LIMIT_MS } from '../../../../src/monitor/server/exchange.js';
import type { Picture } from '../../../../src/monitor/server/frame-desk.js';
import { snapshotOf } from '../../../harness/monitor-snapshot.js';
import { ManualClock } from '../../../harness/manual-clock.js';
import { ask, openSocket, requestText, sendRaw } from '../../../harness/raw-request.js';
import { CAMERA, DEVICE, ServerRig, TOKEN } from './server-rig.js';

const rigs: ServerRig[] = [];
async function openRig(...given: ConstructorParameters<typeof ServerRig>): Promise<ServerRig> {
  const rig = new ServerRig(...given);
  rigs.push(rig);
  return rig.open();
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.server.close();
});

const POST = { 'Content-Type': 'application/json', Authorization: `Bearer ${TOKEN}` };

/** Resolves with all that came, when the server has closed its side. */
async function restOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  await closed(socket);
  return text;
}

/** Not `once` of Node, which rejects when the connection is reset. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => {
      resolve();
    });
  });
}

describe('an exchange', () => {
  it('answers one request of a socket, whatever is sent behind it', async () => {
    const rig = await openRig();
    const one = requestText('/healthz');
    const { status, body } = await sendRaw(rig.port, one.repeat(500));
    expect({ status, body: body.toString() }).toEqual({ status: 200, body: 'The recorder is running.\n' });
    expect(await traffic(rig)).toEqual({ 200: 1 });
  });

  it('puts the same guarding headers on every answer', async () => {
    const rig = await openRig();
    for (const [target, parts] of [['/'], ['/api/status'], ['/none'], ['/', { headers: { Host: 'evil' } }]] as const) {
      const { headers } = await ask(rig.port, target, parts);
      expect(headers).toMatchObject({
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        connection: 'close',
        'cache-control': target === '/' && parts === undefined ? 'no-cache' : 'no-store',
      });
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('answers HEAD as GET, without the body', async () => {
    const rig = await openRig();
    const [head, get] = [await ask(rig.port, '/', { method: 'HEAD' }), await ask(rig.port, '/')];
    expect(head.headers).toEqual(get.headers);
    expect(head.headers['content-length']).toBe('10');
    expect([head.body.length, get.body.length]).toEqual([0, 10]);
  });

  it('reads a request that comes byte by byte', async () => {
    const rig = await openRig();
    const socket = await openSocket(rig.port);
    for (const byte of Buffer.from(requestText('/healthz'))) socket.write(Buffer.of(byte));
    expect(await restOf(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('answers a client that has closed its own side', async () => {
    const rig = await openRig();
    const socket = await openSocket(rig.port);
    socket.end(requestText('/healthz'));
    expect(await restOf(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it.each([
    ['nonsense', 'hello\r\n\r\n', 400],
    ['TLS', Buffer.from('1603010200010001fc0303', 'hex'), 400],
    ['a head that does not end', `GET / HTTP/1.1\r\nHost: ${'x'.repeat(9_000)}`, 431],
  ])('answers %s and closes', async (_, bytes, status) => {
    const rig = await openRig();
    expect((await sendRaw(rig.port, bytes)).status).toBe(status);
  });

  it('lets go of a client that closes before it has asked', async () => {
    const rig = await openRig();
    const socket = await openSocket(rig.port);
    socket.end('GET / HT');
    expect(await restOf(socket)).toBe('');
    expect(await traffic(rig)).toEqual({});
  });

  it('gives a client its time to ask, and no more', async () => {
    const clock = new ManualClock();
    const rig = await openRig({}, { clock });
    const socket = await openSocket(rig.port);
    socket.write('GET / HTTP/1.1\r\nHo');
    // It is there when another one that came later is answered.
    await ask(rig.port, '/healthz');
    const rest = restOf(socket);
    await clock.advance(ASK_LIMIT_MS - 1);
    expect(socket.destroyed).toBe(false);
    await clock.advance(1);
    expect(await rest).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  it('says nothing to a client that has asked nothing, when its time is over', async () => {
    const clock = new ManualClock();
    const rig = await openRig({}, { clock });
    const socket = await openSocket(rig.port);
    await ask(rig.port, '/healthz');
    const rest = restOf(socket);
    await clock.advance(ASK_LIMIT_MS);
    expect(await rest).toBe('');
  });

  it('gives a client its time to take the answer, and no more', async () => {
    const clock = new ManualClock();
    let released = 0;
    const { promise: isReleased, resolve: release } = withResolve<void>();
    const rig = await openRig({}, { clock });
    rig.picture = pictureOf(Buffer.alloc(64 * 1024 * 1024), () => {
      released += 1;
      release();
    });
    const socket = await openSocket(rig.port);
    socket.write(requestText(`${CAMERA}/frame`));
    await once(socket, 'readable');
    expect(released).toBe(0);
    await clock.advance(TAKE_LIMIT_MS);
    await isReleased;
    expect(released).toBe(1);
    socket.destroy();
  });

  it('releases the picture of a client that has gone while it was fetched', async () => {
    const rig = await openRig();
    const { promise, resolve } = withResolve<Picture>();
    const { promise: isReleased, resolve: release } = withResolve<void>();
    rig.picture = promise;
    const socket = await openSocket(rig.port);
    socket.write(requestText(`${CAMERA}/frame`));
    while (rig.fetched.length === 0 && (await ask(rig.port, '/healthz')).status === 200);
    socket.resetAndDestroy();
    await closed(socket);
    resolve(pictureOf(Buffer.from('JPEG'), release));
    await isReleased;
  });

  it('takes its time where the client waits, although that has closed its own side', async () => {
    const clock = new ManualClock();
    const rig = await openRig({}, { clock });
    const { promise, resolve } = withResolve<Picture>();
    rig.picture = promise;
    const socket = await openSocket(rig.port);
    socket.end(requestText(`${CAMERA}/frame`));
    while (rig.fetched.length === 0 && (await ask(rig.port, '/healthz')).status === 200);
    const rest = restOf(socket);
    await clock.advance(ASK_LIMIT_MS);
    resolve({ kind: 'nothing', why: 'off' });
    expect(await rest).toMatch(/^HTTP\/1\.1 204 No Content\r\n/);
  });

  it('is forgotten when it is over', async () => {
    const open: number[] = [];
    const snapshot = snapshotOf([]);
    const rig = await openRig(
      {},
      {
        // Another one each time, so that the metrics are made anew.
        snapshot: () => ({ ...snapshot }),
        expose: (_, { connections }) => {
          open.push(connections);
          return '';
        },
      },
    );
    for (let turn = 0; turn < MAX_CONNECTIONS; turn += 1) await ask(rig.port, '/healthz');
    // The server hears of a client's closing a moment later.
    for (let turn = 0; turn < 500 && open.at(-1) !== 1; turn += 1) await ask(rig.port, '/metrics');
    expect(open.at(-1)).toBe(1);
  });

  it('does not read on from a client that goes on sending', async () => {
    const rig = await openRig();
    rig.picture = new Promise(() => undefined);
    const socket = await openSocket(rig.port);
    let isDrained = false;
    socket.write(requestText(`${CAMERA}/frame`));
    socket.write(Buffer.alloc(64 * 1024 * 1024), () => {
      isDrained = true;
    });
    for (let turn = 0; turn < 100; turn += 1) await ask(rig.port, '/healthz');
    expect(isDrained).toBe(false);
    socket.destroy();
  });

  it('keeps no more connections than its limit, and lets a new one in', async () => {
    const rig = await openRig();
    const sockets: Socket[] = [];
    for (let index = 0; index < MAX_CONNECTIONS; index += 1) sockets.push(await openSocket(rig.port));
    const first = sockets[0];
    if (first === undefined) throw new Error('There are sockets.');
    const isCut = closed(first);
    const newest = await openSocket(rig.port);
    await isCut;
    expect([sockets.filter(({ destroyed }) => destroyed).length, newest.destroyed]).toEqual([1, false]);
    expect((await ask(rig.port, '/healthz')).status).toBe(200);
    for (const socket of [...sockets, newest]) socket.destroy();
  });

  it('goes on after an answer that failed', async () => {
    const rig = await openRig();
    rig.picture = Promise.reject(new Error('The desk is broken.'));
    const { status, body } = await ask(rig.port, `${CAMERA}/frame`);
    expect([status, JSON.parse(body.toString())]).toEqual([500, { error: 'The monitor failed: The desk is broken.' }]);
    expect((await ask(rig.port, '/healthz')).status).toBe(200);
  });

  it('cuts open connections when the server closes, twice or not', async () => {
    const rig = await openRig();
    const socket = await openSocket(rig.port);
    await ask(rig.port, '/healthz');
    const rest = restOf(socket);
    await Promise.all([rig.server.close(), rig.server.close()]);
    expect(await rest).toBe('');
  });

  it('says when it cannot listen', async () => {
    const rig = await openRig();
    await expect(new ServerRig({ port: rig.port }).open()).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

describe('the body of a command', () => {
  const open = (): Promise<ServerRig> => openRig({ hasToken: true, hasControl: true });
  const settings = (headers: Record<string, string | null>, body = ''): string =>
    requestText(`${CAMERA}/settings`, { method: 'POST', headers: { ...POST, ...headers }, body });

  it('may come in pieces, and what follows it is not read', async () => {
    const rig = await open();
    const socket = await openSocket(rig.port);
    const body = '{"settings":{"gain":2}}';
    socket.write(settings({ 'Content-Length': String(body.length) }));
    for (const byte of Buffer.from(body)) socket.write(Buffer.of(byte));
    socket.write('more');
    expect(await restOf(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(rig.commands).toEqual([{ command: 'set_settings', device_id: DEVICE, settings: { gain: 2 } }]);
  });

  it('may wait until it is asked for', async () => {
    const rig = await open();
    const socket = await openSocket(rig.port);
    socket.write(settings({ 'Content-Length': '15', Expect: '100-continue' }));
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write('{"settings":{}}');
    expect(await restOf(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it.each([
    ['no length', 411, {}],
    ['a length that is none', 411, { 'Content-Length': '-1' }],
    ['chunks', 411, { 'Content-Length': '2', 'Transfer-Encoding': 'chunked' }],
    ['too many bytes', 413, { 'Content-Length': String(MAX_BODY_BYTES + 1) }],
    ['no JSON', 400, { 'Content-Length': '0' }],
  ])('is refused with %s', async (_, status, headers) => {
    const rig = await open();
    expect((await sendRaw(rig.port, settings(headers))).status).toBe(status);
    expect(rig.commands).toEqual([]);
  });

  it('of a client without the token is not waited for, and the refusal arrives although it is still being sent', async () => {
    const rig = await open();
    const text = settings({ Authorization: null, 'Content-Length': '16000' });
    expect((await sendRaw(rig.port, text + 'x'.repeat(16_000))).status).toBe(401);
  });

  it('must come in time', async () => {
    const clock = new ManualClock();
    const rig = await openRig({ hasToken: true, hasControl: true }, { clock });
    const socket = await openSocket(rig.port);
    socket.write(settings({ 'Content-Length': '15' }));
    await ask(rig.port, '/healthz');
    const rest = restOf(socket);
    await clock.advance(ASK_LIMIT_MS);
    expect(await rest).toMatch(/^HTTP\/1\.1 408 /);
    expect(rig.commands).toEqual([]);
  });
});

function pictureOf(bytes: Uint8Array, release: () => void): Picture {
  return { kind: 'picture', bytes, frameNumber: 7, arrivedMonotonicNs: process.hrtime.bigint(), release };
}

/** Answers so far, as the metrics tell them. */
async function traffic(rig: ServerRig): Promise<unknown> {
  const { body } = await ask(rig.port, '/metrics');
  return JSON.parse(body.toString()) as unknown;
}
