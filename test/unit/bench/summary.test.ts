import { describe, expect, it } from '@jest/globals';
import { contendersText, growthText, ratiosText, startText } from '../../../bench/report.mjs';
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
    frames: 4_000,
    bytes: 1e9,
    seconds,
    cpuSeconds,
    cpuSecondsWithStart: cpuSeconds + 0.1,
    ...(peakResidentBytes === undefined ? {} : { peakResidentBytes }),
  };
  return { round, place: '/somewhere', ...measured, ...ratesOf(measured) };
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
    expect(rates).toEqual({ megabytesPerSecond: 250, cpuSecondsPerGb: 1, cpuSecondsPerGbWithStart: 1.2 });
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

describe('the texts', () => {
  it('show each contender with its spread', () => {
    const lines = contendersText(summarize(RUNS)).split('\n');
    expect(lines[2]).toMatch(
      /^ours +3 +500 \(250 to 1000\) +1\.00 \(1\.00 to 2\.00\) +1\.10 \(1\.10 to 2\.10\) +130 \(120 to 140\)$/,
    );
    expect(lines[3]).toMatch(/^theirs/);
  });

  it('say the ratios in words', () => {
    const ratios = ratiosTo(RUNS, 'ours', 'theirs');
    expect(ratiosText(ratios === null ? [] : [ratios])).toContain(
      '1.00 times its throughput (round by round 1.00 (1.00 to 2.00))',
    );
  });

  it('show growth by length', () => {
    expect(growthText([run('ours', 0, 2, 1, 150e6)])).toMatch(/\n1 GB +4000 +500 +1\.00 +150\n$/);
  });

  it('show the start in milliseconds', () => {
    expect(startText({ bareNodeMs: [40], readyMs: [300, 250, 280], ackMs: [3, 1, 2] })).toMatch(
      /280 \(250 to 300\)\n.* 2\.0 \(1\.0 to 3\.0\)\n$/,
    );
  });
});
