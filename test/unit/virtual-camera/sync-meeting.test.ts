import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { monotonicUs } from '../../../src/virtual-camera/frame-schedule.js';
import { type FrameSync, type FrameSyncOptions, frameSyncOf } from '../../../src/virtual-camera/sync/frame-sync.js';

/** Server and clients in this process, on a real port. */
describe('cameras that meet', () => {
  let port: number;
  let said: string[];
  let open: FrameSync[];

  beforeEach(async () => {
    [said, open] = [[], []];
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    port = socket.address().port;
    socket.close();
    await once(socket, 'close');
  });
  afterEach(() => {
    // Twice, because the end of a program may be asked for twice.
    for (const sync of [...open, ...open]) sync.close();
  });

  function syncOf(role: FrameSyncOptions['role'], options: Partial<FrameSyncOptions> = {}): FrameSync {
    const say = (line: string): number => said.push(line);
    const limits = { fps: 60, shortestUs: 16_561, longestUs: 15_000_000 };
    const rest = { countedFrames: 0, slowPpm: 0, complain: say, inform: say };
    const sync = frameSyncOf({ role, port, ...limits, ...rest, ...options });
    open.push(sync);
    return sync;
  }
  /** Attends at this moment until the condition holds. */
  async function attendUntil(sync: FrameSync, nowUs: number, condition: () => boolean): Promise<void> {
    while (!condition()) {
      sync.attend(nowUs, 1);
      await turn();
    }
  }

  it('begin at one moment, and count on from it', async () => {
    const startedUs = monotonicUs() - 1_000_000;
    const server = syncOf('server', { countedFrames: 30 });
    const client = syncOf('client');
    const [schedule, followed] = [server.open(startedUs), client.open(startedUs + 5000)];
    expect([30, 31].map((number) => server.isHeldBack(number))).toEqual([true, false]);
    expect([server.timerUs(31), server.timerUs(91)]).toEqual([0, -1_000_000]);
    expect(client.isHeldBack(61)).toBe(true);
    const lastUs = followed.timestampUs(100);
    await attendUntil(client, startedUs + 100_000, () => followed.timestampUs(100) !== lastUs);
    const first = Array.from({ length: 90 }, (_, i) => i + 1).find((number) => !client.isHeldBack(number)) ?? 0;
    expect(Math.abs(followed.timestampUs(first) - schedule.timestampUs(31))).toBeLessThan(500);
    expect(Math.abs(client.timerUs(first))).toBeLessThan(500);
    expect(Math.abs(client.timerUs(first + 60) + 1_000_000)).toBeLessThan(500);
    expect(said.filter((line) => line.includes('*** Sync achieved! Difference '))).toHaveLength(2);
  });

  it('begin together at rates that do not go together, and say so once', async () => {
    const startedUs = monotonicUs() - 1_000_000;
    syncOf('server', { countedFrames: 30 }).open(startedUs);
    const client = syncOf('client', { fps: 30, shortestUs: 20_000 });
    const schedule = client.open(startedUs);
    await attendUntil(client, startedUs + 100_000, () => said.length > 0);
    for (let i = 0; i < 20; i += 1) {
      client.attend(startedUs + 200_000 * i, 1);
      await turn();
    }
    expect(said.join('')).toMatch(
      /^\S+ \S+ {2}WARN RPiSync \S+ The server's frames of 16667us are not possible here\./,
    );
    expect(said).toHaveLength(1);
    expect([15, 16].map((number) => client.isHeldBack(number))).toEqual([true, false]);
    expect(schedule.timestampUs(16)).toBe(startedUs + 500_000);
    expect(client.durationUs(16)).toBe(33_333);
  });

  it('have one server: the second one says that it is alone, and counts nevertheless', async () => {
    syncOf('server').open(monotonicUs());
    const second = syncOf('server', { countedFrames: 2 });
    second.open(monotonicUs());
    while (said.length === 0) await turn();
    expect(said.join('')).toContain(`Unable to bind server socket to port ${port}: EADDRINUSE. It runs alone.\n`);
    expect([1, 2, 3].map((number) => second.isHeldBack(number))).toEqual([true, true, false]);
  });
});
