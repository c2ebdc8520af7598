import { describe, expect, it } from '@jest/globals';
import { latencySvg } from '../../../bench/plots/latency-plot.mjs';
import { plotsOf } from '../../../bench/plots/plots.mjs';
import { decades, escaped, short, ticks } from '../../../bench/plots/svg.mjs';
import { distribution } from '../../../bench/statistics.mjs';
import { measured } from './measured.js';

/** Numbers of an attribute, in order. */
function numbers(svg: string, pattern: RegExp): number[] {
  return [...svg.matchAll(pattern)].map((match) => Number(match[1]));
}

describe('ticks', () => {
  it.each([
    [1, [0, 0.25, 0.5, 0.75, 1]],
    [7, [0, 2, 4, 6, 8]],
    [1196, [0, 500, 1000, 1500]],
    [0, [0, 1]],
  ])('are round up to %d', (to, expected) => {
    expect(ticks(to)).toEqual(expected);
  });
});

describe('decades', () => {
  it('are around all values', () => {
    expect(decades([0.5, 40, 110])).toEqual([0.1, 1, 10, 100, 1000]);
  });

  it('are two at least', () => {
    expect(decades([10])).toEqual([10, 100]);
    expect(decades([])).toEqual([1, 10]);
  });
});

describe('texts of a plot', () => {
  it('are as short as tells them apart', () => {
    expect([0, 0.25, 1.234, 72.66, 1196.4].map((value) => short(value))).toEqual(['0', '0.25', '1.23', '72.7', '1196']);
  });

  it('cannot break the markup', () => {
    expect(escaped('a < b & "c"')).toBe('a &lt; b &amp; &quot;c&quot;');
  });
});

describe('the plots', () => {
  const plots = plotsOf(measured());

  it('are of what was measured', () => {
    expect(Object.keys(plots)).toEqual(['throughput', 'cpu', 'latency', 'growth']);
    expect(plotsOf({ ...measured(), flatOut: [], paced: [], growth: [] })).toEqual({});
  });

  it.each(Object.entries(plots))('%s has only numbers that can be drawn', (_, svg) => {
    expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it.each(Object.entries(plots))('%s stays on its card', (_, svg) => {
    const height = Number(/height="(\d+)"/.exec(svg)?.[1]);
    const ys = numbers(svg, / (?:y|y1|y2|cy)="(-?[\d.]+)"/g);
    const xs = numbers(svg, / (?:x|x1|x2|cx)="(-?[\d.]+)"/g);
    expect(Math.max(...ys)).toBeLessThan(height);
    expect(Math.max(...xs)).toBeLessThan(860);
    expect(Math.min(...ys, ...xs)).toBeGreaterThanOrEqual(0);
  });

  it('draw bars as long as their values', () => {
    const widths = numbers(plots['throughput'] ?? '', /<rect x="150" y="[\d.]+" width="([\d.]+)"/g);
    const [cat = 0, , ours = 0] = widths;
    expect(ours / cat).toBeCloseTo(2, 2);
  });

  it('show on a disk only those that make their files durable, as ours does', () => {
    const [, onDisk = ''] = (plots['cpu'] ?? '').split('to disk (ext4)');
    expect(onDisk).toContain('>cat, synced<');
    expect(onDisk).not.toContain('>cat<');
  });

  it('put slower frames higher', () => {
    const [one] = measured().paced;
    if (one === undefined) throw new Error('There is one.');
    const times = { ...one.times, workUs: distribution([...Array.from({ length: 99 }, () => 50), 5000]) };
    const heights = numbers(latencySvg([{ ...one, times }]), /<circle cx="[\d.]+" cy="([\d.]+)"/g).slice(0, 5);
    expect(heights[4]).toBeLessThan(heights[0] ?? 0);
  });
});
