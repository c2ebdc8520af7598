import { beforeEach, describe, expect, it } from '@jest/globals';
import type { FrameDrop } from '../../../src/core/frame-drop.js';
import { DropReporter } from '../../../src/pipeline/drop-reporter.js';

describe('DropReporter', () => {
  let drops: FrameDrop[];

  beforeEach(() => {
    drops = [];
  });

  function reporter(reportsGateSkips = true): DropReporter {
    return new DropReporter('picam:0', reportsGateSkips, (drop) => drops.push(drop));
  }

  it('reports each drop with its frame, device and trial', () => {
    const one = reporter();
    one.report('corrupt', 3, 30n);
    one.trial = 7;
    one.report('buffer_full', 5, 50n);
    one.report('source_gap', 9, 90n, 4);
    expect(drops).toEqual([
      { reason: 'corrupt', monoNs: 30n, frameNumber: 3, deviceId: 'picam:0', trial: null },
      { reason: 'buffer_full', monoNs: 50n, frameNumber: 5, deviceId: 'picam:0', trial: 7 },
      { reason: 'source_gap', monoNs: 90n, frameNumber: 9, deviceId: 'picam:0', trial: 7, count: 4 },
    ]);
  });

  it('names no trial for what no recording misses, in a burst too', () => {
    const one = reporter();
    one.trial = 7;
    for (let number = 1; number <= 500; number += 1) one.report('source_gap', number, BigInt(number));
    one.reportOutside('source_gap', 501, 501n, 2);
    one.report('source_gap', 502, 502n);
    one.reportOutside('source_gap', 503, 503n, 3);
    one.flush();
    expect(drops.slice(500)).toEqual([
      { reason: 'source_gap', monoNs: 502n, frameNumber: 502, deviceId: 'picam:0', trial: 7 },
      { reason: 'source_gap', monoNs: 501n, frameNumber: 501, deviceId: 'picam:0', trial: null, count: 5 },
    ]);
    expect(one.totals.source_gap).toBe(506);
  });

  it('sums up what is beyond a thousand a second, and loses none of the count', () => {
    const one = reporter();
    for (let number = 1; number <= 3_000; number += 1) one.report('buffer_full', number, BigInt(number));
    expect(drops).toHaveLength(500);
    one.tick();
    expect(drops).toHaveLength(501);
    expect(drops.at(-1)).toMatchObject({ frameNumber: 501, count: 2_500 });
    one.report('buffer_full', 3_001, 3_001n);
    expect(drops.at(-1)).toMatchObject({ frameNumber: 3_001 });
    expect(one.totals.buffer_full).toBe(3_001);
  });

  it('reports skips of the gate as one line a second', () => {
    const one = reporter();
    for (let number = 1; number <= 20; number += 1) one.report('gate_skip', number, BigInt(number));
    one.tick();
    expect(drops).toEqual([]);
    for (let number = 21; number <= 30; number += 1) one.report('gate_skip', number, BigInt(number));
    one.tick();
    expect(drops).toEqual([
      { reason: 'gate_skip', monoNs: 1n, frameNumber: 1, deviceId: 'picam:0', trial: null, count: 30 },
    ]);
  });

  it('only counts skips of the gate where they are not wanted', () => {
    const one = reporter(false);
    one.report('gate_skip', 1, 1n);
    one.flush();
    expect(drops).toEqual([]);
    expect(one.totals.gate_skip).toBe(1);
  });

  it('reports what it held back under the trial that it belongs to', () => {
    const one = reporter();
    one.trial = 7;
    one.report('gate_skip', 1, 1n);
    one.trial = null;
    expect(drops).toMatchObject([{ reason: 'gate_skip', trial: 7 }]);
  });
});
