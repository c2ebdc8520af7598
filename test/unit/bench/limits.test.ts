import { describe, expect, it } from '@jest/globals';
import { figuresOf, ratiosOf } from '../../../bench/figures.mjs';
import { GOALS, GUARDS, judge, judgeTwice, verdictText, type Figures, type Limit } from '../../../bench/limits.mjs';
import { measured } from './measured.js';

const LIMITS: readonly Limit[] = [
  {
    figure: 'throughputVsFfmpeg',
    what: 'speed',
    measurement: 'flatOut',
    atLeast: 1.5,
    quietPercent: 15,
    digits: 2,
    unit: 'times',
  },
  { figure: 'dropped', what: 'losses', measurement: 'paced', atMost: 0, digits: 0, unit: 'frames' },
];

function figures(some: Partial<Figures> = {}): Figures {
  return { ...figuresOf({ ...measured(), flatOut: [], schedule: null, paced: [], proof: null, start: null }), ...some };
}

describe('judge', () => {
  it('takes a value at its limit as kept', () => {
    const kept = judge(LIMITS, figures({ throughputVsFfmpeg: 1.5, dropped: 0 })).map((verdict) => verdict.kept);
    expect(kept).toEqual(['yes', 'yes']);
  });

  it('tells a value beyond its limit, and one that is no number', () => {
    const kept = judge(LIMITS, figures({ throughputVsFfmpeg: 1.49, dropped: NaN })).map((verdict) => verdict.kept);
    expect(kept).toEqual(['no', 'no']);
  });

  it('says nothing of what was not measured', () => {
    expect(judge(LIMITS, figures())).toEqual([]);
  });

  it('does not blame ours for what a busy machine did to a clock on the wall', () => {
    const busy = { throughputVsFfmpeg: 1.2, dropped: 1, othersPercent: 16 };
    expect(judge(LIMITS, figures(busy)).map((verdict) => verdict.kept)).toEqual(['busy', 'no']);
    const quiet = { ...busy, othersPercent: 14 };
    expect(judge(LIMITS, figures(quiet)).map((verdict) => verdict.kept)).toEqual(['no', 'no']);
  });

  it('says each verdict in a sentence', () => {
    const [speed, losses] = judge(LIMITS, figures({ throughputVsFfmpeg: 1.2, dropped: 0 })).map(verdictText);
    expect(speed).toBe('speed: 1.20 times, NOT within the limit (at least 1.5).');
    expect(losses).toBe('losses: 0 frames, within the limit (at most 0).');
  });
});

describe('judgeTwice', () => {
  async function judged(first: Partial<Figures>, second: Partial<Figures>) {
    const again: string[] = [];
    let present = first;
    const verdicts = await judgeTwice(
      LIMITS,
      () => figures(present),
      async (measurement) => {
        again.push(measurement);
        present = second;
        await Promise.resolve();
      },
    );
    return { again, kept: verdicts.map((verdict) => verdict.kept) };
  }

  it('measures nothing again where all was kept', async () => {
    const { again, kept } = await judged({ throughputVsFfmpeg: 2, dropped: 0 }, {});
    expect(again).toEqual([]);
    expect(kept).toEqual(['yes', 'yes']);
  });

  it('measures again only what was not kept, and takes the second word for it', async () => {
    const { again, kept } = await judged(
      { throughputVsFfmpeg: 1, dropped: 0 },
      { throughputVsFfmpeg: 1.8, dropped: 0 },
    );
    expect(again).toEqual(['flatOut']);
    expect(kept).toEqual(['yes', 'yes']);
  });

  it('calls it broken when it was not kept twice, and lets a limit that was kept be', async () => {
    const { again, kept } = await judged({ throughputVsFfmpeg: 2, dropped: 3 }, { throughputVsFfmpeg: 1, dropped: 1 });
    expect(again).toEqual(['paced']);
    expect(kept).toEqual(['yes', 'no']);
  });
});

describe('the limits', () => {
  it.each([
    ['guards', GUARDS],
    ['goals', GOALS],
  ])('of the %s are on figures that a whole run has', (_, limits) => {
    expect(judge(limits, figuresOf(measured())).map(({ figure }) => figure)).toEqual(
      limits.map(({ figure }) => figure),
    );
  });

  it('have one side each', () => {
    for (const { atLeast, atMost } of [...GUARDS, ...GOALS]) expect(atLeast === undefined).toBe(atMost !== undefined);
  });
});

describe('the figures', () => {
  it('are of the first place, and of two cameras', () => {
    expect(figuresOf(measured())).toMatchObject({
      throughputVsFfmpeg: 2.1,
      cpuVsFfmpeg: 0.4,
      scheduleCpuVsFfmpeg: 1.2,
      corePercent: 8,
    });
    expect(ratiosOf(measured())).toMatchObject({ throughputVsFfmpeg: 2.1, cpuVsCat: 0.4 });
  });

  it('are null where ffmpeg was missing', () => {
    expect(ratiosOf({ ...measured(), flatOut: [], schedule: null })).toMatchObject({
      throughputVsFfmpeg: null,
      cpuVsFfmpeg: null,
      scheduleCpuVsFfmpeg: null,
    });
  });

  it('add up what all paced runs lost', () => {
    const all = measured();
    for (const one of all.paced) one.dropped = 2;
    expect(figuresOf(all).dropped).toBe(4);
  });
});
