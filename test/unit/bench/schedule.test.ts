import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { freedBytes, hasMemoryFor, supplyMemory } from '../../../bench/schedule/memory-supply.mjs';
import { scheduleRatios, scheduleRun, summarizeSchedule } from '../../../bench/schedule/run-figures.mjs';
import { sideBySideText } from '../../../bench/schedule/schedule-report.mjs';
import { runText } from '../../../bench/schedule/side-by-side.mjs';
import { sideBySide } from './measured.js';
import { runOf, windowOf } from './schedule-runs.js';

describe('scheduleRun', () => {
  const which = { contender: 'ours', round: 0, othersPercent: 1 };

  it('divides by the frames that were due in the window', () => {
    const cost = { ...windowOf(600_000), voluntarySwitches: 1800, readCalls: 1200, bytesRead: 600 * 1000 };
    const run = scheduleRun(which, cost, { fps: 60, frameBytes: 1000 });
    expect(run).toMatchObject({
      frames: 600,
      figures: {
        cpuUsPerFrame: 1000,
        switchesPerFrame: 3,
        readsPerFrame: 2,
        corePercent: 6,
        switchesPerSecond: 180,
      },
      corePercentByThread: { main: 1.5, node: 4.5 },
      unseenPercent: 0,
    });
  });

  it('has no figures a frame where there is no camera', () => {
    const { frames, figures } = scheduleRun(which, windowOf(30_000), null);
    expect(frames).toBe(0);
    expect(figures).toMatchObject({ cpuUsPerFrame: null, readsPerFrame: null, corePercent: 0.3 });
  });

  it('refuses a run that did not get its frames', () => {
    const cost = { ...windowOf(600_000), bytesRead: 300 * 1000 };
    expect(() => scheduleRun(which, cost, { fps: 60, frameBytes: 1000 })).toThrow('read 300 of 600 frames');
  });
});

describe('the rounds', () => {
  const runs = [
    runOf('ours', 0, 900),
    runOf('ffmpeg', 0, 600),
    runOf('ffmpeg', 1, 800),
    runOf('ours', 1, 800),
    runOf('ours', 2, 1000),
    runOf('ffmpeg', 2, 500),
    runOf('no camera', 2, null),
  ];

  it('give each contender its medians', () => {
    const [ours, , idle] = summarizeSchedule(runs);
    expect(ours).toMatchObject({
      contender: 'ours',
      runs: 3,
      figures: { cpuUsPerFrame: { median: 900, min: 800, max: 1000 } },
    });
    expect(idle).toMatchObject({ contender: 'no camera', runs: 1, figures: { cpuUsPerFrame: null } });
  });

  it('are compared each by itself', () => {
    const ratios = scheduleRatios(runs, 'ffmpeg');
    expect(ratios).toMatchObject([{ contender: 'ours', to: 'ffmpeg', cpu: { median: 1.5, min: 1, max: 2 } }]);
  });

  it('are compared with nobody who was missing', () => {
    expect(scheduleRatios(runs, 'dd')).toEqual([]);
  });

  it('are told one by one while they run', () => {
    expect(runText(runOf('ours', 0, 900))).toBe('ours: 900 us a frame');
    expect(runText(runOf('ours, no camera', 0, null))).toBe('ours, no camera: 0.30 % of a core');
  });
});

describe('the report of cameras on schedule', () => {
  it('has each contender with its spread, and the ratios of the rounds', () => {
    const text = sideBySideText(sideBySide());
    expect(text).toMatch(/\| csi-cameras +\| +900 \(810 to 1080\) \| +5\.40 \(4\.86 to 6\.48\) \| +2\.00 /);
    expect(text).toMatch(/\| csi-cameras, no camera +\| +\| +0\.30 \(0\.27 to 0\.36\) \| +\| +20\.0 /);
    expect(text).toMatch(/\| csi-cameras over ffmpeg \| +1\.20 \(1\.08 to 1\.44\) \|/);
    expect(text).not.toMatch(/lost|two speeds|ended within/);
  });

  it('says what takes from its worth', () => {
    const doubtful = {
      ...sideBySide(),
      usedMemory: false,
      lost: 3,
      runs: [{ ...runOf('ours', 0, 900), unseenPercent: 12 }],
    };
    const text = sideBySideText(doubtful);
    expect(text).toContain('3 frames were lost');
    expect(text).toContain('two speeds');
    expect(text).toContain("Up to 12 % of a run's CPU time is not in its figures");
  });
});

describe('memory that was used before', () => {
  it('is freed ahead of what is recorded', () => {
    expect(freedBytes(10, 17e6)).toBeGreaterThan(170e6);
    expect(freedBytes(0, 17e6)).toBeGreaterThan(0);
  });

  it('is held in a file that is gone afterwards', () => {
    if (!hasMemoryFor(1e6, 1)) return;
    const held = () => readdirSync('/dev/shm').filter((name) => name.startsWith('csi-cameras-bench-'));
    const before = held();
    const memory = supplyMemory(1e6, 1);
    const during = held().filter((name) => !before.includes(name));
    memory.release();
    expect(during).toHaveLength(1);
    expect(held()).not.toContain(during[0]);
  });

  it('is not asked for where there is none', () => {
    expect(hasMemoryFor(1e15, 1000)).toBe(false);
    expect(() => {
      supplyMemory(1e15, 1000).release();
    }).not.toThrow();
  });
});
