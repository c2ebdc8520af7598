import { describe, expect, it } from '@jest/globals';
import { judge, type Measure, type Sample } from './judge.js';

const MIB = 2 ** 20;
const RULES = { maxGrowth: 5, warmUp: 0.25, round: 12 };

/** `at(progress)`: what differs from a healthy run at this point of it, 0 to 1. */
function samples(at: (progress: number, index: number) => Partial<Sample>, count = 120): Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    frames: index * 1_000,
    elapsedS: index,
    days: (index + 1) / count,
    heapUsed: 12 * MIB,
    heapData: 10 * MIB,
    arrayBuffers: 4 * MIB,
    rss: 100 * MIB,
    descriptors: 25,
    children: 1,
    timers: 6,
    handles: 7,
    ...at(index / (count - 1), index),
  }));
}

function growing(run: readonly Sample[]): Measure[] {
  return judge(run, RULES)
    .filter(({ verdict }) => verdict === 'growing')
    .map(({ measure }) => measure);
}

describe('The judgement of a soak', () => {
  it('passes a run that holds the same throughout', () => {
    expect(growing(samples(() => ({})))).toEqual([]);
  });

  it('does not judge what grows during the warm-up', () => {
    const warming = samples((progress) => ({ heapData: progress < 0.25 ? progress * 40 * MIB : 10 * MIB }));
    expect(growing(warming)).toEqual([]);
  });

  it.each(['heapData', 'rss'] as const)('fails a %s that grows by more than 5 %% a day after warm-up', (measure) => {
    const run = (percent: number): Sample[] =>
      // Noise of 10 %, as garbage collections make it: the trend is what counts.
      samples((progress, index) => ({ [measure]: MIB * (100 + progress * percent + (index % 2) * 10) }));
    expect(growing(run(4))).toEqual([]);
    expect(growing(run(9))).toEqual([measure]);
  });

  it('reports how much memory grows in a day, by the trend line, with its error', () => {
    const [heap] = judge(
      samples((progress, index) => ({ heapData: MIB * (100 + 40 * progress + (index % 5)) })),
      RULES,
    );
    // 40 MB, against a mean of 127 MB.
    expect(heap?.growthPercent).toBeCloseTo(31.5, 0);
    expect(heap?.errorPercent).toBeGreaterThan(0);
    expect(heap?.errorPercent).toBeLessThan(2);
    expect(heap?.to).toBeCloseTo(142, 0);
  });

  it('tells nothing of memory by three rounds, and all the same of counts', () => {
    const verdicts = judge(
      samples((progress) => ({ rss: MIB * (100 + 40 * progress), timers: progress > 0.5 ? 7 : 6 }), 60),
      RULES,
    );
    const of = (measure: Measure): unknown => verdicts.find((judgement) => judgement.measure === measure)?.verdict;
    expect([of('rss'), of('timers')]).toEqual(['too short to tell', 'growing']);
  });

  it.each(['descriptors', 'children', 'timers', 'handles'] as const)('fails one more of %s for good', (measure) => {
    const once = samples((progress) => (progress > 0.6 ? { [measure]: 30 } : { [measure]: 29 }));
    expect(growing(once)).toEqual([measure]);
  });

  it('shows how compiled code grows, and does not judge it', () => {
    const compiling = samples((progress) => ({ heapUsed: MIB * (12 + 4 * progress) }));
    expect(growing(compiling)).toEqual([]);
    expect(judge(compiling, RULES).find(({ measure }) => measure === 'heapUsed')?.growthPercent).toBeGreaterThan(20);
  });

  it('passes counts that are higher for a moment', () => {
    const passing = samples((_, index) => ({ descriptors: index % 4 === 0 ? 25 : 27, timers: 6 + (index % 3) }));
    expect(growing(passing)).toEqual([]);
  });

  it('fails a child that appears where there was none', () => {
    expect(growing(samples((progress) => ({ children: progress > 0.5 ? 1 : 0 })))).toEqual(['children']);
  });

  it('refuses to judge by a handful of samples', () => {
    expect(() =>
      judge(
        samples(() => ({}), 10),
        RULES,
      ),
    ).toThrow('too few');
  });
});
