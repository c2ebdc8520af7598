import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { askMonitor } from '../../../../src/cli/watch/ask-monitor.js';
import { monitorPlace, monitorUrl } from '../../../../src/cli/watch/monitor-place.js';
import { givenMonitor, givenServer } from '../../../harness/given-monitor.js';
import { ManualClock } from '../../../harness/manual-clock.js';
import { answerOf, recordingCamera } from '../../../harness/watched-answers.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const ask = async (link: string, signal?: AbortSignal) =>
  askMonitor(await monitorPlace(monitorUrl(link), undefined), signal);

describe('a question to a monitor', () => {
  it('brings its answer', async () => {
    const monitor = await givenMonitor(answerOf([recordingCamera()]));
    closing.push(() => monitor.close());
    expect(await ask(monitor.url)).toMatchObject({ kind: 'answered', answer: monitor.answer, json: monitor.answer });
    expect(monitor.authorizations).toEqual([undefined]);
  });

  it('gives the token, and says what is wrong with it', async () => {
    const monitor = await givenMonitor(answerOf([]));
    closing.push(() => monitor.close());
    monitor.token = 'right';
    expect(await ask(monitor.url)).toEqual({ kind: 'refused', why: expect.stringContaining('--token-file') });
    expect(await ask(`${monitor.url}#token=wrong`)).toEqual({
      kind: 'refused',
      why: expect.stringContaining('does not accept'),
    });
    expect(await ask(`${monitor.url}#token=right`)).toMatchObject({ kind: 'answered' });
  });

  it('says how to turn the monitor on where nothing listens', async () => {
    const monitor = await givenMonitor(answerOf([]));
    await monitor.close();
    const { url } = monitor;
    expect(await ask(url)).toEqual({ kind: 'failed', why: expect.stringMatching(/^Nothing listens at .*--monitor/) });
  });

  const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const endless = (socket: Socket, piece: string): void => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  };
  it.each<[string, (socket: Socket) => void, RegExp]>([
    ['is not JSON', (socket) => socket.end(ok('<html>')), /not the monitor/],
    ['is other JSON', (socket) => socket.end(ok('{"status":{"cameras":7}}')), /not the monitor/],
    ['is JSON as deep as a well', (socket) => socket.end(ok('['.repeat(100_000))), /not the monitor/],
    [
      'is an error',
      (socket) => socket.end('HTTP/1.1 500 \u001b[2J\r\nContent-Length: 0\r\n\r\n'),
      /HTTP 500|speak HTTP/,
    ],
    ['leads elsewhere', (socket) => socket.end('HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n'), /HTTP 302/],
    [
      'names no host that it knows',
      (socket) => socket.end('HTTP/1.1 421 M\r\nContent-Length: 0\r\n\r\n'),
      /monitor.names/,
    ],
    ['is not HTTP', (socket) => socket.end('220 mail.example ESMTP\r\n'), /speak HTTP/],
    ['ends at once', (socket) => socket.destroy(), /closed the connection/],
    ['is cut', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{'), /closed|aborted/],
    [
      'never ends',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        endless(socket, 'x'.repeat(65_536));
      },
      /too large/,
    ],
    [
      'has endless headers',
      (socket) => endless(socket, `HTTP/1.1 200 OK\r\n${'X-A: b\r\n'.repeat(9999)}`),
      /speak HTTP/,
    ],
  ])('is `failed` where what comes %s', async (_, onRequest, why) => {
    const server = await givenServer((socket) => {
      socket.once('data', () => {
        onRequest(socket);
      });
    });
    closing.push(server.close);
    const asked = await ask(server.url);
    expect(asked).toEqual({ kind: 'failed', why: expect.stringMatching(why) });
    expect(JSON.stringify(asked)).not.toContain(String.raw`\u001b`);
  });

  it('does not wait for an answer that does not come', async () => {
    const clock = new ManualClock();
    const server = await givenServer((socket) => {
      socket.once('data', () => void clock.advance(3000));
    });
    closing.push(server.close);
    const place = await monitorPlace(monitorUrl(server.url), undefined);
    expect(await askMonitor(place, undefined, clock)).toEqual({
      kind: 'failed',
      why: expect.stringContaining('within 3 s'),
    });
  });

  it('ends with its signal', async () => {
    const connected = new AbortController();
    const server = await givenServer(() => {
      connected.abort();
    });
    closing.push(server.close);
    expect(await ask(server.url, connected.signal)).toMatchObject({ kind: 'failed' });
  });
});
