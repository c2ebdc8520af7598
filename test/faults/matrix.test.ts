import { describe, expect, it } from '@jest/globals';
import { waitForFrames } from '../harness/whole-recording.js';
import { TooSlow, type FaultRow } from './matrix/fault-row.js';
import { progressOf, summaryOf, tableOf } from './matrix/report.js';
import { PLANNED } from './matrix/rows/all.js';
import { runRows } from './matrix/run-rows.js';
import { assign, record, stop } from './matrix/steps.js';

/** The program behind `npm run faults` must not call a row green that is not. CI runs all of its rows by themselves. */

const made = (fault: string, run: FaultRow['run'], more: Partial<FaultRow> = {}): FaultRow => ({
  fault,
  injected: 'nothing',
  expected: 'nothing',
  run,
  ...more,
});

const resultsOf = async (...rows: FaultRow[]) =>
  runRows(
    rows.map((row) => ({ theme: 'Test', row })),
    2,
    () => undefined,
  );

describe('the fault matrix', () => {
  it('has more than forty faults, each with a name of its own and with words for all that it does', () => {
    const names = PLANNED.map(({ row }) => row.fault);
    expect(names.length).toBeGreaterThan(40);
    expect(new Set(names).size).toBe(names.length);
    for (const { row } of PLANNED) expect(Math.min(row.injected.length, row.expected.length)).toBeGreaterThan(3);
  });

  it('holds a recording of a row against its files, and finds the one that was tampered with', async () => {
    const recorded: FaultRow['run'] = async (rig) => {
      const host = await rig.inProcess({ config: { recording: { minFreeBytes: 0 } } });
      await assign(host);
      await record(host, rig.session());
      await waitForFrames(host, 3);
      await stop(host);
      return { seen: 'recorded', detectMs: 1.4 };
    };
    const [good, bad, stray] = await resultsOf(
      made('whole', recorded),
      made('tampered with', async (rig) => {
        const seen = await recorded(rig);
        await rig.spoil('_timing.csv');
        return seen;
      }),
      made('stray', async (rig) => {
        const seen = await recorded(rig);
        await rig.spoil('stray.avi');
        return seen;
      }),
    );
    expect(good).toMatchObject({
      ok: true,
      seen: 'recorded',
      detectMs: 1,
      recoverMs: null,
      framesUnaccounted: 0,
      lostWhy: '',
    });
    expect(bad).toMatchObject({ ok: false });
    expect(stray).toMatchObject({ ok: false, seen: expect.stringContaining('was reported to nobody') });
  });

  it('measures a time that was not kept again, and gives up after three trials', async () => {
    let trials = 0;
    const late =
      (times: number): FaultRow['run'] =>
      () => {
        trials += 1;
        return trials <= times ? Promise.reject(new TooSlow('late')) : Promise.resolve({ seen: 'in time' });
      };
    expect(await resultsOf(made('once', late(1), { isTimed: true }))).toMatchObject([
      { ok: true, seen: 'in time (trial 2)' },
    ]);
    trials = 0;
    expect(await resultsOf(made('always', late(9), { isTimed: true }))).toMatchObject([
      { ok: false, seen: 'late (trial 3)' },
    ]);
    expect(trials).toBe(3);
  });

  it('tells people in order what was seen, and which rows failed', async () => {
    const seen = (text: string) => () => Promise.resolve({ seen: text });
    const results = await resultsOf(
      made('good', seen('all well')),
      made('bad', () => Promise.reject(new Error('no status came'))),
    );
    expect(tableOf(results)).toMatch(/TEST\n[^]*ok +good [^]*all well[^]*FAIL +bad [^]*no status came/);
    expect(summaryOf(results, 1500)).toContain(
      '2 faults, 1 failed, 0 frames unaccounted for, 2 s\n  FAIL  bad: no status came',
    );
    expect(results.map((result, index) => progressOf(result, index + 1, 12))[1]).toMatch(
      /^\[ 2\/12\] FAIL .* bad: no status came$/,
    );
  });
});
