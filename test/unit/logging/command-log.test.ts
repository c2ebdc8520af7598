import { describe, expect, it } from '@jest/globals';
import { commandLine } from '../../../src/logging/command-log.js';

describe('commandLine', () => {
  it.each([
    [
      { dir: 'in', cmd: 'start_recording', id: 'rec_001', payload: {} },
      '{"ts":1704567890.123,"dir":"in","cmd":"start_recording","id":"rec_001","payload":{}}',
    ],
    [
      { id: 'rec_001', state: 'completed', duration_ms: 333 },
      '{"ts":1704567890.123,"id":"rec_001","state":"completed","duration_ms":333}',
    ],
    [{}, '{"ts":1704567890.123}'],
  ])('writes %j in the format of the specification', (line, expected) => {
    expect(commandLine(line, 1704567890123, 65_535)).toBe(expected);
  });

  it('always has three decimals, and its own time', () => {
    expect(commandLine({ ts: 'mine', id: 'a' }, 1704567890000, 65_535)).toBe('{"ts":1704567890.000,"id":"a"}');
  });

  it('cuts a line that is too long, and says so', () => {
    const line = commandLine({ dir: 'in', cmd: 'x', payload: 'é'.repeat(600_000) }, 0, 65_535);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(65_535);
    expect(JSON.parse(line)).toMatchObject({ ts: 0, dir: 'in', cmd: 'x', cut: true });
  });
});
