import { describe, expect, it } from '@jest/globals';
import { bucketsOf } from '../../../../src/inspect/report/buckets.js';
import { histogramOf } from '../../../../src/inspect/report/histogram.js';
import { rowFigures, type RowFigures } from '../../../../src/inspect/report/row-figures.js';
import { delayPlot, histogramPlot, intervalPlot } from '../../../../src/inspect/report/row-plots.js';
import { clockTicks, frameTicks, linearTicks, logTicks } from '../../../../src/inspect/report/ticks.js';
import { timingRows } from './report-rig.js';

const START_NS = 9_297_983_128_000n;
const PERIOD_NS = 33_333_000n;

function plotsOf(rows: RowFigures): readonly string[] {
  const { intervals, delays } = rows;
  return [
    ...(intervals === null ? [] : [intervalPlot(rows, intervals).text, histogramPlot(intervals.histogram).text]),
    ...(delays === null ? [] : [delayPlot(rows, delays).text]),
  ];
}

describe('ticks', () => {
  it('stand at round numbers, within the axis, and are never more than asked for', () => {
    expect(linearTicks(0, 97, 6)).toEqual([0, 20, 40, 60, 80]);
    expect(linearTicks(0.1, 0.7, 6)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]);
    expect(logTicks(15, 290, 7)).toEqual([20, 50, 100, 200]);
    expect(logTicks(0.9, 4e7, 7)).toEqual([1, 100, 10_000, 1_000_000]);
    expect(logTicks(30, 34, 7)).toEqual([30, 31, 32, 33, 34]);
    expect(clockTicks(0, 3700, 7)).toEqual([0, 600, 1200, 1800, 2400, 3000, 3600]);
    expect(frameTicks(231, 6)).toEqual([1, 50, 100, 150, 200, 231]);
    expect(frameTicks(1, 6)).toEqual([1]);
    expect(frameTicks(2, 6)).toEqual([1, 2]);
  });
});

describe('the buckets of a plot', () => {
  it('keep a single value among many, at its place', () => {
    const values = new Float64Array(260_000).fill(16.6);
    values[123_456] = 33.2;
    const { most, size } = bucketsOf(values, 1000);
    expect(most).toHaveLength(1000);
    expect([...most.keys()].filter((bucket) => (most[bucket] ?? 0) > 20)).toEqual([Math.floor(123_456 / size)]);
  });

  it('hold nothing where there is nothing', () => {
    expect([...bucketsOf(Float64Array.of(Number.NaN, 1, 2), 3).most]).toEqual([Number.NaN, 1, 2]);
    expect(bucketsOf(new Float64Array(0), 10).most).toHaveLength(0);
  });
});

describe('the histogram', () => {
  it('counts every interval once, in a bin or beside', () => {
    const sorted = Float64Array.from({ length: 10_000 }, (_, index) => 33 + index / 10_000).map((value, index) =>
      index === 9_999 ? 1000 : value,
    );
    const { counts, shorter, longer } = histogramOf(sorted);
    expect(counts.reduce((sum, count) => sum + count, 0) + shorter + longer).toBe(10_000);
    expect(longer).toBe(1);
  });
});

describe('the plots of a recording', () => {
  it('show one lost frame among 216,000, in some 16 KB', () => {
    const lost = timingRows(216_000, (row) => START_NS + BigInt(row > 100_000 ? row + 1 : row) * PERIOD_NS);
    const figures = rowFigures(lost, 1000);
    expect(figures.intervals).toMatchObject({ mostAfterFrame: 100_000, most: 66.666, median: 33.333 });
    const [plot = ''] = plotsOf(figures);
    expect(/class="far"[^>]*d="(?<dots>[^"]*)"/s.exec(plot)?.groups?.['dots']?.match(/M/g)).toHaveLength(1);
    expect(plot.length).toBeLessThan(24_000);
  });

  it.each([
    ['no frame', timingRows(0)],
    ['one frame', timingRows(1)],
    ['two frames', timingRows(2)],
    ['no sensor times', timingRows(50, () => 0n)],
    ['frames of one time', timingRows(50, () => START_NS)],
    [
      'a gap of hours',
      timingRows(50, (row) => START_NS + BigInt(row) * PERIOD_NS + (row > 20 ? 9_000_000_000_000n : 0n)),
    ],
    ['times that go back', timingRows(50, (row) => START_NS + BigInt(row % 10) * PERIOD_NS)],
    [
      'frames without a time at the beginning',
      timingRows(50, (row) => (row < 4 ? 0n : START_NS + BigInt(row) * PERIOD_NS)),
    ],
    ['one frame with a time', timingRows(50, (row) => (row === 30 ? START_NS : 0n))],
    ['times beyond 2^63 apart', timingRows(3, (row) => (row === 2 ? 2n ** 62n : 1n))],
  ])('are drawn of %s, without a number that is none', (_what, rows) => {
    const plots = plotsOf(rowFigures(rows, 1000)).join('');
    expect(plots).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('tell times of arrival where the camera gave none', () => {
    expect(
      rowFigures(
        timingRows(50, () => 0n),
        1000,
      ),
    ).toMatchObject({ clock: 'recorder', delays: null, intervals: { median: 33.333 } });
  });

  it('have no interval and no delay at frames to which the camera gave no time', () => {
    const figures = rowFigures(
      timingRows(50, (row) => (row > 20 && row <= 25 ? 0n : START_NS + BigInt(row) * PERIOD_NS)),
      1000,
    );
    expect(figures).toMatchObject({
      untold: 5,
      untoldFirstFrame: 21,
      intervals: { most: 33.333, least: 33.333, disordered: 0 },
      delays: { least: 20, most: 20 },
    });
    expect([...(figures.intervals?.buckets.most ?? [])].filter((step) => Number.isNaN(step))).toHaveLength(6);
  });

  it('count steps back in time, and leave them out', () => {
    const { intervals } = rowFigures(
      timingRows(30, (row) => START_NS + BigInt(row === 11 ? 9 : row) * PERIOD_NS),
      1000,
    );
    expect(intervals).toMatchObject({ disordered: 1, disorderedAfterFrame: 10, mostAfterFrame: 11, least: 33.333 });
  });

  it('are exact to the nanosecond long after the boot', () => {
    const { intervals } = rowFigures(
      timingRows(3, (row) => 2n ** 62n + BigInt(row) * 16_666_667n),
      10,
    );
    expect(intervals).toMatchObject({ least: 16.666667, most: 16.666667 });
  });
});
