import { describe, expect, it } from '@jest/globals';
import { durationText, runSteps, timeLeft } from '../../../bench/steps.mjs';

describe('timeLeft', () => {
  it('begins with what is expected', () => {
    expect(timeLeft([10, 20, 30], 0, 0)).toBe(60);
  });

  it('is corrected by how long the steps before have taken', () => {
    expect(timeLeft([10, 20, 30], 2, 60)).toBe(60);
  });
});

describe('durationText', () => {
  it('counts in seconds first, then in minutes', () => {
    expect(durationText(12.2)).toBe('13 s');
    expect(durationText(150)).toBe('3 min');
  });
});

describe('runSteps', () => {
  it('runs one after another and says which, of how many, and how long it will take', async () => {
    let nowMs = 0;
    const lines: string[] = [];
    const step = (title: string) => ({
      title,
      seconds: 10,
      run: async () => {
        nowMs += 20_000;
        await Promise.resolve();
      },
    });
    await runSteps([step('one'), step('two')], { progress: (line) => lines.push(line), nowMs: () => nowMs });
    expect(lines).toEqual(['[1/2] one (about 20 s left)', '[2/2] two (about 20 s left)', 'Done in 40 s.']);
  });
});
