import { MessageChannel } from 'node:worker_threads';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Monitoring } from '../../../src/module/monitoring.js';
import type { MonitorHost, MonitorSettings } from '../../../src/monitor/monitor.js';
import { DEFAULT_CONFIG } from '../../../src/protocol/config.js';
import type { Report, StatusMessage } from '../../../src/protocol/statuses.js';
import { ManualClock, settled } from '../../harness/manual-clock.js';
import { MemoryLogSink } from '../../harness/memory-log-sink.js';
import { moduleRig, type ModuleRig } from './module-rig.js';

/** A monitor in the test's hands. */
class FakeMonitor {
  static made: FakeMonitor[] = [];
  static failure: Error | null = null;
  said: string[] = [];

  constructor(
    readonly settings: MonitorSettings,
    readonly host: MonitorHost,
  ) {
    FakeMonitor.made.push(this);
  }

  start(): void {
    this.said.push('start');
    if (FakeMonitor.failure !== null) throw FakeMonitor.failure;
  }

  listens(): void {
    const url = 'http://127.0.0.1:8722/';
    this.host.onListening({ url, link: `${url}#token=secret`, port: 8722, tokenFile: '/state/monitor-token' });
  }

  end(): Promise<void> {
    this.said.push('end');
    return FakeMonitor.failure === null ? Promise.resolve() : Promise.reject(FakeMonitor.failure);
  }
}

let rig: ModuleRig;
let reports: Report[];
let logs: MemoryLogSink;
let connected: string[];

beforeEach(() => {
  FakeMonitor.made = [];
  FakeMonitor.failure = null;
  rig = moduleRig();
  reports = [];
  logs = new MemoryLogSink();
  connected = [];
});

function monitoringWith(
  config: Partial<MonitorSettings> & { names?: never } = {},
  stateFolder: string | null = '/state',
): Monitoring {
  return new Monitoring({
    config: { ...DEFAULT_CONFIG.monitor, port: 8722, ...config, names: ' lab-pi , ,10.0.0.5 ' },
    stateFolder: stateFolder ?? undefined,
    module: rig.module,
    connectPreview: (deviceId, port) => {
      connected.push(deviceId);
      port.close();
    },
    report: (report) => {
      reports.push(report);
    },
    logs,
    clock: new ManualClock(),
    load: () => Promise.resolve(FakeMonitor),
  });
}

async function started(monitoring: Monitoring): Promise<FakeMonitor> {
  monitoring.start();
  await settled();
  const [monitor] = FakeMonitor.made;
  if (monitor === undefined) throw new Error('No monitor was made.');
  return monitor;
}

describe('the monitor of a module', () => {
  it('is given what the configuration says, and where its token is kept', async () => {
    const monitor = await started(monitoringWith({ host: '0.0.0.0', tokenFile: '/etc/token', control: true }));
    expect(monitor.said).toEqual(['start']);
    expect(monitor.settings).toEqual({
      port: 8722,
      host: '0.0.0.0',
      names: ['lab-pi', '10.0.0.5'],
      tokenFile: '/etc/token',
      control: true,
      stateDir: '/state',
    });
  });

  it('is told to the host when it listens, without the token', async () => {
    const monitoring = monitoringWith();
    const monitor = await started(monitoring);
    expect(monitoring.link).toBeNull();
    monitor.listens();
    expect(monitoring.link).toBe('http://127.0.0.1:8722/#token=secret');
    const data = { url: 'http://127.0.0.1:8722/', port: 8722, token_file: '/state/monitor-token' };
    expect(reports).toEqual([{ status: 'monitor_started', data }]);
    expect(JSON.stringify([reports, logs.lines])).not.toContain('secret');
  });

  it('warns the host and the log, and only until its end', async () => {
    const monitoring = monitoringWith();
    const monitor = await started(monitoring);
    monitor.host.warn('monitor_failed', 'Port 8722 is in use.');
    await monitoring.end();
    monitor.host.warn('monitor_restarted', 'Too late.');
    monitor.listens();
    expect(reports).toEqual([{ status: 'warning', data: { code: 'monitor_failed', message: 'Port 8722 is in use.' } }]);
    expect(logs.lines).toEqual([
      { level: 'warn', message: 'Port 8722 is in use.', context: { code: 'monitor_failed' } },
    ]);
    expect(monitoring.link).toBeNull();
  });

  it('that cannot be started or ended stops nothing', async () => {
    FakeMonitor.failure = new Error('no threads left');
    const monitoring = monitoringWith();
    await started(monitoring);
    expect(reports).toEqual([
      {
        status: 'warning',
        data: { code: 'monitor_failed', message: 'The monitor cannot be started: no threads left' },
      },
    ]);
    await monitoring.end();
    expect(logs.saying('The monitor could not be ended.')).toHaveLength(1);
  });

  it('is started for a user without a home, too: it says itself that there is no place for its token', async () => {
    const { settings } = await started(monitoringWith({ control: true }, null));
    expect([settings.control, settings.stateDir, reports]).toEqual([true, '', []]);
  });

  it('is ended once it is there, and not begun at all where the end comes before', async () => {
    const monitoring = monitoringWith();
    monitoring.start();
    await monitoring.end();
    expect(FakeMonitor.made).toEqual([]);
    const other = monitoringWith();
    const monitor = await started(other);
    await other.end();
    expect(monitor.said).toEqual(['start', 'end']);
  });

  it('looks at cameras while the module runs; later the port is closed, so that nothing waits', async () => {
    const monitor = await started(monitoringWith());
    await rig.start();
    const first = new MessageChannel();
    monitor.host.connectPreview('picam:0', first.port1);
    expect(connected).toEqual(['picam:0']);
    await rig.end();
    const late = new MessageChannel();
    const closed = new Promise((resolve) => {
      late.port2.once('close', () => {
        resolve('closed');
      });
    });
    monitor.host.connectPreview('picam:0', late.port1);
    expect(await closed).toBe('closed');
    expect(connected).toEqual(['picam:0']);
    first.port2.close();
  });
});

describe('a command of the page', () => {
  const nack = (answer: StatusMessage): unknown => ({ ...answer.data, status: answer.status });

  it("goes the way of a host's, with an id that tells where it came from", async () => {
    await rig.record();
    const heard: unknown[] = [];
    rig.module.watchCommands((command) => heard.push(command));
    const { host } = await started(monitoringWith({ control: true }));
    const answer = await host.command({ command: 'take_snapshot', device_id: 'picam:0', session_dir: '/elsewhere' });
    expect(answer).toMatchObject({
      status: 'snapshot_taken',
      in_reply_to: 'monitor_take_snapshot_20260106_143052_001',
    });
    expect(rig.heard.named('snapshot_taken')).toEqual([answer]);
    expect(heard).toEqual([
      {
        id: 'monitor_take_snapshot_20260106_143052_001',
        cmd: 'take_snapshot',
        payload: {
          command: 'take_snapshot',
          command_id: 'monitor_take_snapshot_20260106_143052_001',
          device_id: 'picam:0',
        },
      },
    ]);
    const refused = await host.command({ command: 'set_settings', device_id: 'picam:0', settings: { gain: 2 } });
    expect(refused).toMatchObject({ status: 'command_nack', data: { code: 'recording_in_progress' } });
    await rig.end();
  });

  it.each([
    { command: 'stop_recording', device_id: 'picam:0' },
    { command: 'quit' },
    { command: 'fix_settings' },
    { command: 'fix_settings', device_id: null },
    { command: ['set_settings'], device_id: 'picam:0' },
    {},
  ])("is refused where it is not the page's to give: %j", async (command) => {
    await rig.start();
    const { host } = await started(monitoringWith({ control: true }));
    expect(nack(await host.command(command))).toMatchObject({ status: 'command_nack', code: 'invalid_command' });
    expect(rig.module.status().state).toBe('running');
    await rig.end();
  });

  it('is refused where control is off', async () => {
    await rig.start();
    const { host } = await started(monitoringWith());
    const answer = await host.command({ command: 'fix_settings', device_id: 'picam:0' });
    expect(nack(answer)).toMatchObject({ status: 'command_nack', error: 'The page may not do that.' });
    await rig.end();
  });
});

describe('watchCommands', () => {
  it('tells of each command as it came in, before its answer, until it is taken back', async () => {
    await rig.start();
    const heard: string[] = [];
    rig.module.watch(({ status }) => heard.push(status));
    const end = rig.module.watchCommands(({ cmd, id }) => heard.push(`${cmd} ${id}`));
    rig.module.watchCommands(() => {
      throw new Error('the listener is broken');
    });
    await rig.ask('get_status', { command_id: 'g1' });
    await rig.ask('nonsense', { command_id: 'n1' });
    rig.module.refuse('Not JSON.', '{{{');
    expect(heard).toEqual([
      'get_status g1',
      'status_report',
      'nonsense n1',
      'command_nack',
      'invalid invalid_20260106_143052_001',
      'command_nack',
    ]);
    expect(rig.logs.saying('A command listener failed.')).toHaveLength(3);
    end();
    await rig.ask('get_status');
    expect(heard.slice(6)).toEqual(['status_report']);
    await rig.end();
  });
});
