import { describe, expect, it } from '@jest/globals';
import { StatusReporter } from '../../../src/module/status-reporter.js';
import { Watchers } from '../../../src/module/watchers.js';
import type { Report, StatusMessage } from '../../../src/protocol/statuses.js';
import { ManualClock, settled } from '../../harness/manual-clock.js';
import { MemoryLogSink } from '../../harness/memory-log-sink.js';

const ACK: Report = { status: 'device_ack', data: { device_id: 'picam:0' } };

function reporterTo(sendStatus: (message: StatusMessage) => unknown): {
  reporter: StatusReporter;
  logs: MemoryLogSink;
} {
  const logs = new MemoryLogSink();
  return { reporter: new StatusReporter(new ManualClock(), logs, sendStatus), logs };
}

describe('StatusReporter', () => {
  it('puts a status into its envelope, logs it, and hands it to the host', () => {
    const heard: StatusMessage[] = [];
    const { reporter, logs } = reporterTo((message) => {
      // The log comes first: what the host knows is on record.
      expect(logs.commands).toHaveLength(1);
      heard.push(message);
    });
    const message = reporter.send(ACK, 'a1');
    expect(heard).toEqual([message]);
    expect(message).toEqual({
      type: 'status',
      status: 'device_ack',
      timestamp: '2026-01-06T14:30:52.123Z',
      command_id: 'a1',
      in_reply_to: 'a1',
      data: { device_id: 'picam:0' },
    });
    expect(logs.commands).toEqual([
      { dir: 'out', status: 'device_ack', reply_to: 'a1', payload: { device_id: 'picam:0' } },
    ]);
  });

  it('names no command where none was the cause', () => {
    const { reporter, logs } = reporterTo(() => undefined);
    expect(Object.keys(reporter.send(ACK))).toEqual(['type', 'status', 'data', 'timestamp']);
    expect(logs.commands).toEqual([{ dir: 'out', status: 'device_ack', payload: { device_id: 'picam:0' } }]);
  });

  it('logs what a host throws, and nothing else happens', () => {
    const { reporter, logs } = reporterTo(() => {
      throw new Error('the host is broken');
    });
    expect(reporter.send(ACK).status).toBe('device_ack');
    expect(logs.lines).toEqual([
      {
        level: 'warn',
        message: "The host's sendStatus failed.",
        context: { device: 'picam:0', status: 'device_ack', error: 'the host is broken' },
      },
    ]);
  });

  it('logs what a host rejects with later', async () => {
    const { reporter, logs } = reporterTo(() => Promise.reject(new Error('too late')));
    reporter.send(ACK);
    await settled();
    expect(logs.lines.map(({ context }) => context)).toEqual([
      { device: 'picam:0', status: 'device_ack', error: 'too late' },
    ]);
  });

  it('takes a host without a sendStatus for a broken one', () => {
    const { reporter, logs } = reporterTo(undefined as unknown as () => void);
    reporter.send(ACK);
    expect(logs.lines).toHaveLength(1);
  });

  it('keeps heartbeats out of the command log', () => {
    const { reporter, logs } = reporterTo(() => undefined);
    reporter.send({ status: 'heartbeat', data: {} } as unknown as Report);
    expect(logs.commands).toEqual([]);
  });
});

describe('Watchers', () => {
  it('lets others hear what the host hears, in order, until they leave; their mistakes reach nobody else', async () => {
    const logs = new MemoryLogSink();
    const heard: string[] = [];
    const watchers = new Watchers<StatusMessage>();
    const reporter = new StatusReporter(new ManualClock(), logs, () => heard.push('host'), watchers);
    watchers.add(() => {
      throw new Error('a broken watcher');
    });
    watchers.add(() => Promise.reject(new Error('a watcher that fails late')));
    const leave = watchers.add(() => heard.push('watcher'));
    reporter.send(ACK);
    leave();
    reporter.send(ACK);
    await settled();
    expect(heard).toEqual(['host', 'watcher', 'host']);
    expect(logs.saying('A status listener failed.')).toHaveLength(4);
  });
});
