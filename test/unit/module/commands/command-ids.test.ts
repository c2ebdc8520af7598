import { expect, it } from '@jest/globals';
import { CommandIds } from '../../../../src/module/commands/command-ids.js';
import { ManualClock } from '../../../harness/manual-clock.js';

it('makes readable ids of action, time and sequence', () => {
  const ids = new CommandIds(new ManualClock());
  expect(ids.next('start_recording')).toBe('start_recording_20260106_143052_001');
  expect(ids.next('get_status')).toBe('get_status_20260106_143052_002');
});

it('never makes the same one twice, not even when the clock jumps back', () => {
  const clock = new ManualClock();
  const ids = new CommandIds(clock);
  const made = new Set<string>();
  for (let number = 0; number < 2_000; number += 1) {
    if (number % 100 === 0) clock.setWallMs(Date.UTC(2026, 0, 1));
    made.add(ids.next('get_status'));
  }
  expect(made.size).toBe(2_000);
});
