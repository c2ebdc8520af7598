import { describe, expect, it } from '@jest/globals';
import type { Verdict } from './growth.js';
import type { Judgement } from './judge.js';
import { exitCodeOf, outcomeOf } from './outcome.js';

const LENGTH = { count: 300_000, unit: 'frames' } as const;

function judgement(verdict: Verdict | null, timesLonger: number | null = null): Judgement {
  const figures = { from: 100, to: 101, growthPercent: 1, errorPercent: 1 };
  return { measure: 'rss', title: 'resident set', unit: 'MB', ...figures, rule: '', verdict, timesLonger };
}

describe('The outcome of a soak', () => {
  it('passes where nothing grows', () => {
    const outcome = outcomeOf([], [judgement('not growing'), judgement(null)], LENGTH);
    expect(outcome.sentence).toContain('PASS');
    expect([exitCodeOf(outcome, false), exitCodeOf(outcome, true)]).toEqual([0, 0]);
  });

  it('is no proof where the run is too short, and says which length would tell', () => {
    const outcome = outcomeOf([], [judgement('too short to tell', 2), judgement('too short to tell', 5.03)], LENGTH);
    expect(outcome.sentence).toMatch(/^NO PROOF: .* too short to tell .* about 1,600,000 frames would tell\.$/);
    expect([exitCodeOf(outcome, false), exitCodeOf(outcome, true)]).toEqual([0, 3]);
  });

  it('fails where something grows, and names it', () => {
    const outcome = outcomeOf([], [judgement('too short to tell', 2), judgement('growing')], LENGTH);
    expect(outcome.sentence).toBe('FAIL: growing: resident set.');
    expect([exitCodeOf(outcome, false), exitCodeOf(outcome, true)]).toEqual([1, 1]);
  });

  it('fails where anything else went wrong', () => {
    const outcome = outcomeOf(['A frame is missing.'], [judgement('not growing')], LENGTH);
    expect(exitCodeOf(outcome, false)).toBe(1);
  });
});
