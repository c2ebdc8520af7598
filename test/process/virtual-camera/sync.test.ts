import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as passes } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { freeUdpPort } from '../../harness/free-udp-port.js';
import { expectNothingLeft, holdings, type Holdings } from '../../harness/nothing-left.js';
import { numbersOf, type ReadFrame, readMetadata, readStream } from '../../harness/read-stream.js';
import { RunningTool, STREAM_OPTIONS } from './run-tool.js';

const FPS = 60;
const PERIOD_US = 1_000_000 / FPS;
const FOR_EVER = ['--timeout', '0'];
const OPTIONS = STREAM_OPTIONS.filter((one) => !FOR_EVER.includes(one));
/** With buffers for a second, because a busy machine may keep a process waiting, and no frame is to be lost here. */
const BUFFERED = [...OPTIONS, '--buffer-count', String(FPS), '--framerate', String(FPS)];
const SMALL = [...BUFFERED, '--width', '64', '--height', '64'];
/** What two cameras in step may differ by, microseconds. */
const IN_STEP_US = 1000;

describe('synchronised cameras', () => {
  let before: Holdings;
  let port: number;
  let sockets: Socket[];
  let running: RunningTool[];
  let pester: NodeJS.Timeout | undefined;

  beforeEach(async () => {
    before = holdings();
    [sockets, running] = [[], []];
    port = await freeUdpPort();
  });
  afterEach(async () => {
    clearInterval(pester);
    for (const { child } of running) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await closeSockets();
    await expectNothingLeft(before);
  });

  async function socketAt(at: number): Promise<Socket> {
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.bind(at, '127.0.0.1');
    await once(socket, 'listening');
    return socket;
  }
  async function closeSockets(): Promise<void> {
    for (const socket of sockets.splice(0)) {
      socket.close();
      await once(socket, 'close');
    }
  }

  /** A camera that meets the others of its test only. */
  function start(role: string, options = '', args: readonly string[] = FOR_EVER): RunningTool {
    const tool = new RunningTool([...SMALL, '--sync', role, ...args], `sync-port=${port}${options}`);
    running.push(tool);
    return tool;
  }
  const isOpen = ({ stderr }: RunningTool): boolean => stderr.includes('Selected sensor format');
  /** Waits until the camera has given so many frames; fails if it ends before. */
  async function frames(tool: RunningTool, count: number): Promise<void> {
    const ended = tool.ended.then(({ code, signal }) => {
      if (tool.blockCount < count) throw new Error(`It ended: ${code} ${signal}, after it said: ${tool.stderr}`);
    });
    await Promise.race([tool.until(({ blockCount }) => blockCount >= count), ended]);
  }

  it('begin together, server first, and stay in step whatever comes to their port, with a second server and a wrong clock', async () => {
    // All are launched at once, because a launch may take long on a busy machine. The others begin when the server counts.
    const server = start('server', ',sync-frames=80');
    const clients = [
      start('client', ',start-delay=200', [...FOR_EVER, '--camera', '1']),
      start('client', ',start-delay=200,sync-ppm=2000'),
    ];
    const noise = await socketAt(0);
    const packets = ['', 'CSIsync1', 'x'.repeat(16), 'y'.repeat(40), 'z'.repeat(60_000)];
    pester = setInterval(() => packets.forEach((packet) => noise.send(packet, port, '127.0.0.1')), 50);
    await frames(server, 1);
    const second = start('server', ',sync-frames=1');
    await Promise.all([frames(second, 1), ...[server, ...clients].map((tool) => frames(tool, 40))]);
    clearInterval(pester);
    const ended = await Promise.all([server, ...clients].map((tool) => tool.interrupt()));
    expect(ended).toEqual(Array.from({ length: 3 }, () => ({ code: 0, signal: null })));
    expect(server.stderr).not.toContain('It runs alone.');
    expect(second.stderr.split('It runs alone.')).toHaveLength(2);

    const given = readStream(server.stdout);
    expect(numbersOf(given)[0]).toBe(81);
    const moment = momentOf(given[0]);
    expect(Math.abs(timerOf(given[0]))).toBeLessThanOrEqual(1);
    for (const client of clients) {
      expectGapless(readStream(client.stdout));
      // Each frame of each camera tells the same moment.
      for (const frame of readStream(client.stdout)) expect(Math.abs(momentOf(frame) - moment)).toBeLessThanOrEqual(2);
      const offsets = offsetsUs(readStream(client.stdout), given);
      expect(Math.abs(offsets[0] ?? Number.NaN)).toBeLessThan(IN_STEP_US);
      expect(offsets.length).toBeGreaterThanOrEqual(40);
      expect(Math.max(...offsets.map(Math.abs))).toBeLessThan(IN_STEP_US);
      expect(client.stderr).toMatch(/INFO RPiSync sync\.cpp:\d+ \*\*\* Sync achieved! Difference -?\d+us\n/);
    }
    // The wrong clock alone is 2000 us off after a second.
    const wrong = readStream(clients[1]?.stdout ?? Buffer.alloc(0));
    expect(offsetsUs(wrong, given).some((offset) => offset > 50)).toBe(true);
    expect(readMetadata(wrong[0]?.metadata ?? '').get('SyncReady')).toBe('true');
  });

  it('begin together, client first; the client goes on without its server, and follows the next one', async () => {
    const client = start('client');
    await client.until(isOpen);
    await passes(100);
    expect(client.byteCount).toBe(0);
    // The client has two thirds of a second to hear it and to come into step; it needs a third.
    const server = start('server', ',sync-frames=40');
    await Promise.all([client, server].map((tool) => frames(tool, 10)));
    server.child.kill('SIGKILL');
    await server.ended;
    const alone = client.blockCount;
    await frames(client, alone + 10);

    const next = start('server', ',sync-frames=5');
    await frames(next, 30);
    await Promise.all([client.interrupt(), next.interrupt()]);
    const [followed, first] = [readStream(client.stdout), wholeFrames(server.stdout)];
    expectGapless(followed);
    const offsets = offsetsUs(followed, first);
    expect(Math.abs(offsets[0] ?? Number.NaN)).toBeLessThan(IN_STEP_US);
    expect(Math.max(...offsets.map(Math.abs))).toBeLessThan(IN_STEP_US);
    const last = readStream(next.stdout).slice(-10);
    const nearest = last.map(({ timestampNs }) => {
      return Math.min(...followed.map((frame) => Math.abs(Number(frame.timestampNs - timestampNs)) / 1000));
    });
    // The client's last frame may be older than the server's.
    expect(nearest.filter((us) => us < IN_STEP_US).length).toBeGreaterThanOrEqual(7);
  });

  it('wait for ever as a client that hears no server, and hear SIGINT and the timeout nevertheless', async () => {
    // Something else has the port, and answers each hello with what it got.
    const stranger = await socketAt(port);
    let hellos = 0;
    stranger.on('message', (packet, from) => {
      hellos += 1;
      stranger.send(packet, from.port, from.address);
    });
    const [interrupted, timed] = [start('client'), start('client', '', ['--timeout', '400'])];
    const server = start('server', ',sync-frames=5');
    await frames(server, 3);
    expect(await timed.ended).toEqual({ code: 0, signal: null });
    expect(timed.stderr).toContain('Halting: reached timeout of 400 milliseconds.\n');
    expect(hellos).toBeGreaterThan(2);
    expect(await interrupted.interrupt()).toEqual({ code: 0, signal: null });
    expect([timed.byteCount, interrupted.byteCount]).toEqual([0, 0]);
    expect(timed.stderr + interrupted.stderr).not.toContain('RPiSync');
    // A server without its port runs alone, and says so in one line.
    expect(await server.interrupt()).toEqual({ code: 0, signal: null });
    const told = server.stderr.split('\n').filter((line) => line.includes(' ERROR '));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`Unable to bind server socket to port ${port}: EADDRINUSE. It runs alone.`);
  });
});

function expectGapless(frames: readonly ReadFrame[]): void {
  const numbers = numbersOf(frames);
  expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] ?? 0) + i));
  for (const [i, frame] of frames.slice(1).entries()) {
    const stepUs = Number(frame.timestampNs - (frames[i]?.timestampNs ?? 0n)) / 1000;
    expect(Math.abs(stepUs - PERIOD_US)).toBeLessThan(PERIOD_US / 7);
    const told = Number(readMetadata(frames[i]?.metadata ?? '').get('FrameDuration'));
    expect(Math.abs(stepUs - told)).toBeLessThanOrEqual(1);
  }
}

const timerOf = (frame: ReadFrame | undefined): number =>
  Number(readMetadata(frame?.metadata ?? '').get('SyncTimer') ?? Number.NaN);

/** When the cameras began, microseconds of the monotonic clock, as a frame tells it. */
function momentOf(frame: ReadFrame | undefined): number {
  return Number((frame?.timestampNs ?? 0n) / 1000n) + timerOf(frame);
}

/** Microseconds by which each of a client's frames is later than that of the server, from the first one on. */
function offsetsUs(client: readonly ReadFrame[], server: readonly ReadFrame[]): readonly number[] {
  const pairs = Math.min(client.length, server.length);
  return client.slice(0, pairs).map((frame, i) => Number(frame.timestampNs - (server[i]?.timestampNs ?? 0n)) / 1000);
}

/** The stream of a camera that was killed, without what it was just writing. */
function wholeFrames(stream: Buffer): readonly ReadFrame[] {
  const end = stream.lastIndexOf(Buffer.from('\n\n')) + 2;
  return readStream(stream.subarray(0, end));
}
