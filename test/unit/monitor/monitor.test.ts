import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FileHandle, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { realFileSystem } from '../../../src/core/file-system.js';
import { withResolve } from '../../../src/core/within.js';
import { Monitor, type MonitorSettings } from '../../../src/monitor/monitor.js';
import type { MonitorWord } from '../../../src/monitor/monitor-words.js';
import type { StatusMessage } from '../../../src/protocol/statuses.js';
import type { MonitorSnapshot } from '../../../src/monitor/view.js';
import { FakeMonitorThreads } from '../../harness/fake-monitor-thread.js';
import { MonitoredModule } from '../../harness/monitored-module.js';
import { ManualClock } from '../../harness/manual-clock.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { camera, ready, recording, report, stopped, told } from '../../harness/told-statuses.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let clock: ManualClock;
let host: MonitoredModule;
let threads: FakeMonitorThreads;
let monitor: Monitor;

beforeEach(async () => {
  folder = await temporaryFolder();
  clock = new ManualClock();
  host = new MonitoredModule(clock);
  threads = new FakeMonitorThreads();
});

afterEach(async () => {
  await monitor.end();
  await monitor.end();
  expect([clock.timers, host.listener]).toEqual([0, null]);
  await folder.remove();
});

/** Starts the monitor and lets it read its files. Resolves when there is a thread, or a warning. */
async function start(changes: Partial<MonitorSettings> = {}): Promise<void> {
  const settings = { port: 8722, host: '127.0.0.1', names: ['cam'], tokenFile: '', control: false };
  const all = { ...settings, stateDir: folder.path, ...changes };
  monitor = new Monitor(all, host, { startThread: threads.start, fileSystem: realFileSystem });
  monitor.start();
  while (threads.all.length === 0 && host.warnings.length === 0) await clock.advance(0);
}

const snapshotsOf = (words: readonly MonitorWord[]): MonitorSnapshot[] =>
  words.flatMap((word) => (word.type === 'snapshot' ? [word.snapshot] : []));
const codes = (): string[] => host.warnings.map(([code]) => code);

describe('a monitor', () => {
  it('tells where it listens, once', async () => {
    await start();
    expect(threads.last.options).toEqual({
      port: 8722,
      host: '127.0.0.1',
      names: ['cam'],
      tokenSha256: null,
      readsNeedToken: false,
      hasControl: false,
    });
    threads.last.listen();
    const url = 'http://127.0.0.1:8722/';
    expect(host.listening).toEqual([{ url, link: url, port: 8722, tokenFile: null }]);
    expect(host.warnings).toEqual([]);
  });

  it('gives the link the token, and the server its hash alone', async () => {
    const tokenFile = join(folder.path, 'token');
    await writeFile(tokenFile, 'correct-horse-battery', { mode: 0o600 });
    await start({ tokenFile, control: true });
    threads.last.listen();
    expect(host.listening[0]).toMatchObject({
      url: 'http://127.0.0.1:8722/',
      link: 'http://127.0.0.1:8722/#token=correct-horse-battery',
      tokenFile,
    });
    expect(threads.last.options).toMatchObject({ readsNeedToken: true, hasControl: true });
    expect(threads.last.options.tokenSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify([threads.last.options, host.logged])).not.toContain('correct-horse');
  });

  it('is not opened, and says why, without a token where it needs one', async () => {
    await start({ host: '0.0.0.0' });
    expect(host.warnings).toEqual([['monitor_failed', expect.stringContaining('without a token')]]);
    expect(threads.all).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('is opened without control where the token for it cannot be made', async () => {
    await start({ control: true, stateDir: '' });
    expect(host.warnings).toEqual([['monitor_failed', expect.stringContaining('cannot control')]]);
    while (threads.all.length === 0) await clock.advance(0);
    expect(threads.last.options.hasControl).toBe(false);
  });

  it('that is ended while it reads its token starts nothing', async () => {
    const bytes = Buffer.from('correct-horse-battery');
    const file = {
      stat: () => Promise.resolve({ isFile: () => true, mode: 0o100_600 }),
      read: () => Promise.resolve({ buffer: bytes, bytesRead: bytes.length }),
      close: () => Promise.resolve(),
    } as unknown as FileHandle;
    const { promise, resolve } = withResolve<FileHandle>();
    const settings = { port: 8722, host: '127.0.0.1', names: [], tokenFile: '/token', control: true, stateDir: '' };
    const fileSystem = { ...realFileSystem, open: () => promise };
    monitor = new Monitor(settings, host, { startThread: threads.start, fileSystem });
    monitor.start();
    await monitor.end();
    resolve(file);
    await clock.advance(1_000);
    expect([threads.all, host.warnings]).toEqual([[], []]);
  });
});

describe('the snapshots of a monitor', () => {
  it('come twice a second, with one look at the module each', async () => {
    await start();
    threads.last.listen();
    const before = host.looks;
    await clock.advance(2_000);
    expect(host.looks - before).toBe(4);
    const snapshots = snapshotsOf(threads.last.heard);
    expect(snapshots).toHaveLength(5);
    expect(snapshots.at(-1)).toMatchObject({
      madeNs: clock.monotonicNs(),
      madeWallMs: clock.wallMs(),
      view: { status: host.present, cameras: [{ device_id: 'picam:0' }], events: [] },
      totals: { cameras: { 'picam:0': { framesReceived: 0 } } },
    });
  });

  it('fail without an exception, told once, and come again', async () => {
    await start();
    threads.last.listen();
    const { present } = host;
    const before = snapshotsOf(threads.last.heard).length;
    Object.defineProperty(host, 'present', {
      configurable: true,
      get: () => {
        throw new Error('no figures');
      },
    });
    await clock.advance(2_000);
    host.listener?.(told({ status: 'shutdown_started', data: { reason: 'quit' } }));
    expect(host.warnings).toEqual([['monitor_failed', expect.stringContaining('no figures')]]);
    expect(snapshotsOf(threads.last.heard)).toHaveLength(before);
    Object.defineProperty(host, 'present', { value: present });
    await clock.advance(500);
    expect(snapshotsOf(threads.last.heard)).toHaveLength(before + 1);
  });

  it('tell what was heard, and how long a take has not grown', async () => {
    await start();
    threads.last.listen();
    host.listener?.(stopped());
    host.present = report(recording({ frames: 10 }));
    await clock.advance(4_000);
    const { view } = snapshotsOf(threads.last.heard).at(-1) ?? {};
    expect(view?.cameras[0]?.grown_ms_ago).toBe(3_500);
    expect(view?.events).toMatchObject([{ ago_ms: 4_000, device_id: 'picam:0' }]);
  });

  it('tell of the shutdown at once', async () => {
    await start();
    threads.last.listen();
    host.present = { ...report(), state: 'stopping' };
    host.listener?.(told({ status: 'shutdown_started', data: { reason: 'quit' } }));
    expect(snapshotsOf(threads.last.heard).at(-1)?.view.status.state).toBe('stopping');
  });

  it('tell of a camera as soon as it is ready: its host may ask for it right away', async () => {
    host.present = report();
    await start();
    threads.last.listen();
    host.present = report(camera());
    host.listener?.(ready());
    expect(snapshotsOf(threads.last.heard).at(-1)?.view.cameras).toHaveLength(1);
  });

  it('say when the module was started by the wall clock that holds now, and do not waver', async () => {
    await start();
    const startedMs = clock.wallMs();
    threads.last.listen();
    host.present = { ...host.present, uptime_s: 1.498 };
    await clock.advance(500);
    expect(snapshotsOf(threads.last.heard).map(({ startedWallMs }) => startedWallMs)).toEqual([
      startedMs - 1_000,
      startedMs - 1_000,
    ]);
    clock.setWallMs(startedMs + 3_600_000);
    await clock.advance(500);
    expect(snapshotsOf(threads.last.heard).at(-1)?.startedWallMs).toBe(startedMs + 3_600_500 - 1_498);
  });
});

describe("the wishes of a monitor's server", () => {
  it('are brought to the previews', async () => {
    await start();
    const { port1, port2 } = new MessageChannel();
    threads.last.say({ type: 'connectPreview', deviceId: 'picam:0', port: port2 });
    expect(host.previews).toEqual([['picam:0', port2]]);
    port1.close();
  });

  it('become commands with the fields that are meant, and each is answered', async () => {
    await start();
    const command = { command: 'take_snapshot', device_id: 'picam:0', settings: { gain: 2 }, extra: 1 } as const;
    threads.last.say({ type: 'command', request: 7, command });
    threads.last.say({ type: 'command', request: 8, command: { ...command, command: 'set_settings' } });
    await clock.advance(0);
    expect(host.commands).toEqual([
      { command: 'take_snapshot', device_id: 'picam:0' },
      { command: 'set_settings', device_id: 'picam:0', settings: { gain: 2 } },
    ]);
    expect(threads.last.heard).toMatchObject([
      { type: 'answered', request: 7, answer: { status: 'command_ack' } },
      { type: 'answered', request: 8 },
    ]);
  });

  it('that a page may not have are not passed on', async () => {
    await start();
    threads.last.say({ type: 'command', request: 1, command: { command: 'quit', device_id: 'x' } as never });
    await clock.advance(0);
    expect(host.commands).toEqual([]);
    expect(host.logged).toContain('A command of the monitor failed.');
  });

  it('are answered to the thread that had them, not to the one that came after it', async () => {
    await start();
    const { promise, resolve } = withResolve<StatusMessage>();
    host.answer = () => promise;
    const [first] = threads.all;
    threads.last.say({ type: 'command', request: 1, command: { command: 'fix_settings', device_id: 'picam:0' } });
    threads.last.die();
    await clock.advance(500);
    // Its own first request has the same number.
    threads.last.listen();
    resolve(told({ status: 'command_ack', data: { success: true } }));
    await clock.advance(0);
    expect([threads.all.length, threads.last === first]).toEqual([2, false]);
    expect(threads.last.heard.map(({ type }) => type)).toEqual(['snapshot']);
  });

  it('that fail are logged', async () => {
    await start();
    host.answer = () => Promise.reject(new Error('broken'));
    threads.last.say({ type: 'command', request: 1, command: { command: 'fix_settings', device_id: 'picam:0' } });
    await clock.advance(0);
    expect(host.logged).toContain('A command of the monitor failed.');
  });
});

describe("a monitor's thread that ends", () => {
  it('is started again after half a second, then later and later, on the port that it had', async () => {
    await start({ port: 0 });
    threads.last.listen(40_001);
    const delays: number[] = [];
    for (let death = 0; death < 9; death += 1) {
      const count = threads.all.length;
      threads.last.die(new Error('out of memory'));
      let waitedMs = 0;
      while (threads.all.length === count) {
        await clock.advance(500);
        waitedMs += 500;
      }
      delays.push(waitedMs);
      expect(threads.last.options.port).toBe(40_001);
    }
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(host.warnings).toEqual([
      ['monitor_failed', expect.stringMatching(/does not start: out of memory\. .*tried again/)],
    ]);
  });

  it('is told when it is back, its page is told no second time, and what was heard is still known', async () => {
    await start();
    threads.last.listen();
    host.listener?.(stopped());
    threads.last.die();
    await clock.advance(500);
    threads.last.listen();
    expect(codes()).toEqual(['monitor_restarted']);
    expect(host.listening).toHaveLength(1);
    expect(snapshotsOf(threads.last.heard)[0]?.view.events).toHaveLength(1);
  });

  it('is started again soon if it had lived long', async () => {
    await start();
    for (let death = 0; death < 4; death += 1) {
      threads.last.listen();
      await clock.advance(60_000);
      threads.last.die();
      await clock.advance(500);
      expect(threads.all).toHaveLength(death + 2);
    }
  });

  it('is started again later and later if it never listened, however long it lived', async () => {
    await start();
    for (let death = 0; death < 4; death += 1) {
      await clock.advance(60_000);
      threads.last.die();
      await clock.advance(3_500);
    }
    expect(threads.all).toHaveLength(4);
    expect(codes()).toEqual(['monitor_failed']);
  });

  it('is ended and started again when it has been stuck for 10 s', async () => {
    await start();
    threads.last.listen();
    await clock.advance(30_000);
    threads.last.isStuck = true;
    await clock.advance(9_000);
    expect(threads.last.isGone).toBe(false);
    await clock.advance(1_500);
    expect([threads.all[0]?.isGone, threads.all.length]).toEqual([true, 2]);
    // The next one is judged by its own figures, from its first moment on.
    threads.last.listen();
    await clock.advance(60_000);
    expect(threads.all).toHaveLength(2);
  });

  it('is ended too if it has been stuck since it began', async () => {
    const { start: startThread } = threads;
    Object.assign(threads, {
      start: (...all: Parameters<typeof startThread>) => {
        const thread = startThread(...all);
        threads.last.isStuck = true;
        return thread;
      },
    });
    await start();
    for (let lives = 2; lives <= 4; lives += 1) {
      await clock.advance(15_000);
      expect(threads.all).toHaveLength(lives);
    }
  });

  it('is not started again when the monitor is ended', async () => {
    await start();
    threads.last.listen();
    await monitor.end();
    expect(threads.last.isGone).toBe(true);
    threads.last.listen();
    await clock.advance(60_000);
    expect([threads.all.length, host.warnings, host.listening.length]).toEqual([1, [], 1]);
  });

  it('is not started again either when the monitor is ended while that is waited for', async () => {
    await start();
    threads.last.die();
    await monitor.end();
    await clock.advance(60_000);
    expect(threads.all).toHaveLength(1);
  });

  it('may fail to start at all', async () => {
    const { start: startThread } = threads;
    let failures = 0;
    Object.assign(threads, {
      start: (...all: Parameters<typeof startThread>) => {
        failures += 1;
        if (failures <= 3) throw new Error('no memory');
        return startThread(...all);
      },
    });
    const started = start();
    await clock.advance(3_500);
    await started;
    threads.last.listen();
    expect(codes()).toEqual(['monitor_failed']);
    expect(host.listening).toHaveLength(1);
  });
});

describe('a port that the monitor cannot have', () => {
  it('is tried again if another program has it, told once, and told when it is had', async () => {
    await start();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      threads.last.refuse('EADDRINUSE');
      await clock.advance(30_000);
    }
    expect(host.warnings).toEqual([
      ['monitor_failed', expect.stringMatching(/port 8722: another program.*tried again/)],
    ]);
    threads.last.listen();
    expect(host.listening).toHaveLength(1);
    expect(codes()).toEqual(['monitor_failed']);
    // It was had in between, so this is news.
    threads.last.die();
    await clock.advance(30_000);
    threads.last.refuse('EADDRINUSE');
    expect(codes()).toEqual(['monitor_failed', 'monitor_failed']);
  });

  it.each([
    ['EACCES', /does not allow it.*from 1024 on/],
    ['ENOTFOUND', /\(listen ENOTFOUND\)/],
  ])('is not tried again if that cannot help (%s)', async (errno, why) => {
    await start();
    threads.last.refuse(errno);
    await clock.advance(120_000);
    expect(threads.all).toHaveLength(1);
    expect(host.warnings).toEqual([['monitor_failed', expect.stringMatching(why)]]);
    expect(host.warnings[0]?.[1]).toContain('It is not tried again. Recordings are not touched.');
  });
});
