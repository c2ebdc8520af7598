import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isHeavier, LoadGovernor, type LoadChange } from '../../../../src/module/load/load-governor.js';
import type { PipelineFigures } from '../../../../src/pipeline/pipeline-messages.js';
import { FakeLoadSignals } from '../../../harness/fake-load-signals.js';
import { NO_FIGURES } from '../../../harness/fake-pipeline.js';
import { ManualClock } from '../../../harness/manual-clock.js';

let clock: ManualClock;
let signals: FakeLoadSignals;
let pipelines: PipelineFigures[];
let changes: LoadChange[];
let underVoltages: number;
let governor: LoadGovernor;

beforeEach(() => {
  clock = new ManualClock();
  signals = new FakeLoadSignals();
  pipelines = [];
  changes = [];
  underVoltages = 0;
  governor = new LoadGovernor({
    clock,
    signals,
    pipelines: () => pipelines,
    onChange: (change) => {
      changes.push(change);
    },
    onUnderVoltage: () => {
      underVoltages += 1;
    },
  });
  governor.start();
});

afterEach(() => {
  governor.stop();
  governor.stop();
  expect(clock.timers).toBe(0);
  expect(signals.isOpen).toBe(false);
});

const late = (medianMs: number, captureFps: number): PipelineFigures => ({
  ...NO_FIGURES,
  captureFps,
  latencyMs: { median: medianMs, max: medianMs },
});

describe('LoadGovernor', () => {
  it('judges by the worst camera, once a second, and tells each change once with its figures', async () => {
    pipelines = [NO_FIGURES, { ...NO_FIGURES, bufferFill: 0.75 }];
    await clock.advance(1_000);
    expect(governor.level).toBe('normal');
    await clock.advance(1_000);
    expect(governor.level).toBe('previewThinned');
    const figures = { ...signals.figures, bufferFill: 0.75, writeDelayMs: 0 };
    expect(changes).toEqual([{ was: 'normal', level: 'previewThinned', figures }]);
    expect(governor.figures).toEqual(figures);
    await clock.advance(20_000);
    expect(changes.map(({ level }) => level)).toEqual(['previewThinned', 'previewPaused', 'reportingSlowed']);
  });

  it('goes back when the cameras are gone', async () => {
    pipelines = [{ ...NO_FIGURES, bufferFill: 1 }];
    await clock.advance(6_000);
    expect(governor.level).toBe('reportingSlowed');
    pipelines = [];
    await clock.advance(30_000);
    expect(governor.level).toBe('normal');
    expect(isHeavier('reportingSlowed', 'previewPaused')).toBe(true);
    expect(isHeavier('normal', 'normal')).toBe(false);
  });

  it('counts a write late by the frame times of its camera', async () => {
    pipelines = [late(550, 30)];
    await clock.advance(3_000);
    expect(governor.figures.writeDelayMs).toBeCloseTo(383.3, 1);
    expect(governor.level).toBe('normal');
    pipelines = [late(4_000, 1)];
    await clock.advance(10_000);
    expect(governor.figures.writeDelayMs).toBe(0);
    expect(governor.level).toBe('normal');
    pipelines = [late(700, 30)];
    await clock.advance(2_000);
    expect(governor.level).toBe('previewThinned');
  });

  it('takes no notice of timestamps that are of another clock, or of a stream without a rate', async () => {
    pipelines = [late(86_400_000, 30), late(5_000, 0)];
    await clock.advance(10_000);
    expect(governor.level).toBe('normal');
  });

  it('tells of under-voltage once, until the supply was well for a minute', async () => {
    const supply = async (isUnderVoltage: boolean, seconds: number): Promise<void> => {
      signals.figures = { ...signals.figures, isUnderVoltage };
      await clock.advance(seconds * 1_000);
    };
    await supply(true, 5);
    await supply(false, 30);
    await supply(true, 2);
    expect(underVoltages).toBe(1);
    expect(governor.level).toBe('previewThinned');
    await supply(false, 60);
    expect(governor.level).toBe('normal');
    await supply(true, 1);
    expect(underVoltages).toBe(2);
  });
});
