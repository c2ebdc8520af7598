import { describe, expect, it } from '@jest/globals';
import { lostLinesWarning } from '../../../src/module/log-losses.js';
import type { Report } from '../../../src/protocol/statuses.js';
import { MemoryLogSink } from '../../harness/memory-log-sink.js';

describe('lostLinesWarning', () => {
  it('tells of lost lines once, and only of those that were lost since', () => {
    const logs = new MemoryLogSink();
    logs.lost = { application: 1, commands: 1, drops: 1 };
    const said: Report[] = [];
    const check = lostLinesWarning(logs, (report) => {
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
        data: { code: 'logs_lost', message: expect.stringMatching(/^3 lines of the logs are lost/) },
      },
    ]);
  });
});
