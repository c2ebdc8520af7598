import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { type Clock, systemClock } from '../../../src/core/clock.js';
import { realFileSystem } from '../../../src/core/file-system.js';
import { Monitor } from '../../../src/monitor/monitor.js';
import { monitorThreads } from '../../../src/monitor/monitor-thread.js';
import { MonitoredModule } from '../../harness/monitored-module.js';

const ODD_THREAD = new URL('../../harness/odd-monitor-thread.mjs', import.meta.url);
/** The monitor looks after its thread 40 times a second instead of twice. */
const fastClock: Clock = { ...systemClock, every: (periodMs, callback) => systemClock.every(periodMs / 20, callback) };

let monitor: Monitor | null = null;

afterEach(() => monitor?.end());

/** A monitor whose thread misbehaves as told at the first snapshot. */
function start(deed: 'throw' | 'exit' | 'spin' | 'leak' | 'ask'): MonitoredModule {
  const host = new MonitoredModule(fastClock);
  const settings = { port: 0, host: '127.0.0.1', names: [deed], tokenFile: '', control: false, stateDir: '' };
  monitor = new Monitor(settings, host, { startThread: monitorThreads(ODD_THREAD), fileSystem: realFileSystem });
  monitor.start();
  return host;
}

describe("a monitor's thread", () => {
  it.each(['throw', 'exit', 'spin', 'leak'] as const)(
    'that does this: %s, is back within 5 s at the same place, and nothing else ends',
    async (deed) => {
      const host = start(deed);
      const beganMs = performance.now();
      const [code] = (await once(host.told, 'warning')) as [string];
      expect(code).toBe('monitor_restarted');
      expect(performance.now() - beganMs).toBeLessThan(5_000);
      expect(host.listening).toMatchObject([{ port: 40_001 }]);
    },
  );

  it('has its wishes for pictures and commands brought to the module, and hears the answer', async () => {
    const host = start('ask');
    const [, message] = (await once(host.told, 'warning')) as [string, string];
    expect(host.commands[0]).toEqual({ command: 'take_snapshot', device_id: 'picam:0' });
    expect(message).toContain('"answer":{"type":"status","status":"command_ack"');
    const [deviceId, port] = host.previews[0] ?? [];
    expect([deviceId, port === undefined]).toEqual(['picam:0', false]);
    port?.close();
  });

  it('that is stuck is gone a moment after the monitor was told to end', async () => {
    const host = start('spin');
    await once(host.told, 'listening');
    const beganMs = performance.now();
    await monitor?.end();
    expect(performance.now() - beganMs).toBeLessThan(250);
    expect(host.warnings).toEqual([]);
  });
});
