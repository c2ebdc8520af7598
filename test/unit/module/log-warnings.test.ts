import { describe, expect, it } from '@jest/globals';
import { logWarnings } from '../../../src/module/log-warnings.js';
import type { Report } from '../../../src/protocol/statuses.js';
import { MemoryLogSink } from '../../harness/memory-log-sink.js';

describe('logWarnings', () => {
  it('tells of lost lines once, and only of those that were lost since', () => {
    const logs = new MemoryLogSink();
    logs.lost = { application: 1, commands: 1, drops: 1 };
    const said: Report[] = [];
    const check = logWarnings(logs, (report) => {
      said.push(report);
    });
    check();
    expect(said).toEqual([]);
    logs.lost = { application: 2, commands: 1, drops: 3 };
    check();
    logs.lost = { application: 900, commands: 1, drops: 3 };
    check();
    expect(said).toEqual([
      {
        status: 'warning',
        data: { code: 'logs_lost', message: expect.stringMatching(/^3 log lines are lost/) },
      },
    ]);
  });

  it('says once why the logs cannot be written, before anything is lost', () => {
    const logs = new MemoryLogSink();
    const said: Report[] = [];
    const check = logWarnings(logs, (report) => {
      said.push(report);
    });
    check();
    logs.failing = "EACCES: permission denied, mkdir '/logs'";
    check();
    logs.failing = null;
    check();
    logs.failing = 'again';
    check();
    expect(said).toEqual([
      {
        status: 'warning',
        data: { code: 'logs_waiting', message: expect.stringMatching(/wait in memory: EACCES: .*logs'$/) },
      },
    ]);
  });
});
