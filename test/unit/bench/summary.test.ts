import { describe, expect, it } from '@jest/globals';
import { ratesOf, ratiosTo, summarize, type RatedRun } from '../../../bench/summary.mjs';

/** One GB in so many seconds, at so much CPU. */
function run(
  contender: string,
  round: number,
  seconds: number,
  cpuSeconds: number,
  peakResidentBytes?: number,
): RatedRun {
  const measured = {
    contender,
    cameras: 1,
    frames: 4_000,
    bytes: 1e9,
    seconds,
    cpuSeconds,
    cpuSystemSeconds: cpuSeconds / 4,
    cpuSecondsWithStart: cpuSeconds + 0.1,
    ...(peakResidentBytes === undefined ? {} : { peakResidentBytes }),
  };
  return { round, place: '/somewhere', othersPercent: 1, ...measured, ...ratesOf(measured) };
}

const RUNS = [
  run('ours', 0, 1, 1, 120e6),
  run('theirs', 0, 2, 2),
  run('theirs', 1, 4, 3),
  run('ours', 1, 4, 1, 140e6),
  run('ours', 2, 2, 2, 130e6),
  run('theirs', 2, 2, 4),
];

describe('ratesOf', () => {
  it('counts in MB and GB of powers of ten', () => {
    const rates = ratesOf({ ...run('ours', 0, 2, 0.5), bytes: 500e6 });
    expect(rates).toEqual({
      megabytesPerSecond: 250,
      cpuSecondsPerGb: 1,
      cpuSystemSecondsPerGb: 0.25,
      cpuSecondsPerGbWithStart: 1.2,
    });
  });
});

describe('summarize', () => {
  it('gives each contender its medians and spreads', () => {
    const [ours, theirs] = summarize(RUNS);
    expect(ours).toMatchObject({
      contender: 'ours',
      runs: 3,
      megabytesPerSecond: { median: 500, min: 250, max: 1000 },
      cpuSecondsPerGb: { median: 1, min: 1, max: 2 },
      peakResidentMb: { median: 130, min: 120, max: 140 },
    });
    expect(theirs).toMatchObject({ contender: 'theirs', runs: 3, peakResidentMb: null });
  });
});

describe('ratiosTo', () => {
  it('compares medians, and the runs of each round', () => {
    expect(ratiosTo(RUNS, 'ours', 'theirs')).toEqual({
      to: 'theirs',
      throughput: 1,
      cpu: 1 / 3,
      cpuWithStart: expect.closeTo(1.1 / 3.1, 9),
      throughputPaired: { median: 1, min: 1, max: 2 },
      cpuPaired: { median: 0.5, min: 1 / 3, max: 0.5 },
    });
  });

  it('is null where a peer was missing', () => {
    expect(ratiosTo(RUNS, 'ours', 'ffmpeg')).toBeNull();
  });
});
