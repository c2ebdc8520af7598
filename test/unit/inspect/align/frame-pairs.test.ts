import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { FramePairs, frameTimeNs, Spread } from '../../../../src/inspect/align/frame-pairs.js';
import { runParameters } from '../../../properties/run-parameters.js';

type Pair = readonly [firstNs: number, otherNs: number];

function pairsOf(first: readonly number[], other: readonly number[], toleranceNs: number): readonly Pair[] {
  const found: Pair[] = [];
  const pairs = new FramePairs(toleranceNs, (firstNs, otherNs) => found.push([firstNs, otherNs]));
  const frames = [...first.map((ns) => [0, ns] as const), ...other.map((ns) => [1, ns] as const)];
  for (const [camera, ns] of frames.sort((a, b) => a[1] - b[1] || a[0] - b[0])) pairs.add(camera, ns);
  pairs.end();
  return found;
}

/** The definition, word for word: of each frame all frames of the other camera are looked at. */
function pairsByDefinition(first: readonly number[], other: readonly number[], toleranceNs: number): readonly Pair[] {
  const nearest = (ns: number, among: readonly number[]): number | undefined =>
    among.toSorted((a, b) => Math.abs(a - ns) - Math.abs(b - ns) || a - b)[0];
  return first.flatMap((ns) => {
    const partner = nearest(ns, other);
    if (partner === undefined || nearest(partner, first) !== ns || Math.abs(partner - ns) > toleranceNs) return [];
    return [[ns, partner] as const];
  });
}

/** Strictly ascending times of a camera with its own rate, start, jitter and losses. */
const cameraTimes = fc
  .record({
    startNs: fc.integer({ min: 0, max: 200 }),
    stepNs: fc.integer({ min: 10, max: 40 }),
    steps: fc.array(fc.record({ jitterNs: fc.integer({ min: 0, max: 9 }), isLost: fc.boolean() }), { maxLength: 40 }),
  })
  .map(({ startNs, stepNs, steps }) =>
    steps.flatMap(({ jitterNs, isLost }, index) => (isLost ? [] : [startNs + index * stepNs + jitterNs])),
  );

describe('frames of two cameras', () => {
  it('are pairs where each is the nearest of the other and near enough, for any rates, jitter and losses', () => {
    const tolerance = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(cameraTimes, cameraTimes, tolerance, (first, other, toleranceNs) => {
        expect(pairsOf(first, other, toleranceNs)).toEqual(pairsByDefinition(first, other, toleranceNs));
      }),
      runParameters(500),
    );
  });

  it('of equal times are pairs, and of two that are equally near the earlier one counts', () => {
    expect(pairsOf([0, 100], [0, 100], 50)).toEqual([
      [0, 0],
      [100, 100],
    ]);
    expect(pairsOf([0, 100], [50], 50)).toEqual([[0, 50]]);
    expect(pairsOf([50], [0, 100], 50)).toEqual([[50, 0]]);
  });

  it('are none without frames', () => {
    expect(pairsOf([], [], 50)).toEqual([]);
    expect(pairsOf([1, 2], [], 50)).toEqual([]);
  });

  it('that drift through a whole frame leave one frame without a partner, and use none twice', () => {
    const first = Array.from({ length: 1000 }, (_, index) => index * 1_000_000);
    const other = Array.from({ length: 1000 }, (_, index) => index * 1_002_000);
    const pairs = pairsOf(first, other, 500_000);
    expect(new Set(pairs.map(([ns]) => ns)).size).toBe(pairs.length);
    expect(pairs.length).toBeGreaterThanOrEqual(997);
    expect(pairs).toEqual(pairsByDefinition(first, other, 500_000));
  });
});

describe('the spread of values', () => {
  it('has quantiles that are exact to half a cell', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -16_666_667, max: 16_666_667 }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.05, 0.25, 0.5, 0.75, 0.95, 1),
        (values, share) => {
          const spread = new Spread(16_666_667);
          for (const value of values) spread.add(value);
          const exact = values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
          expect(Math.abs(spread.quantile(share) - exact)).toBeLessThanOrEqual(spread.resolution / 2 + 1e-6);
          expect(spread.count).toBe(values.length);
        },
      ),
      runParameters(100),
    );
  });

  it('is exact where all values are the same, and nothing where there are none', () => {
    const spread = new Spread(16_666_667);
    expect(spread.quantile(0.5)).toBeNaN();
    for (let count = 0; count < 10; count += 1) spread.add(3_214_159);
    expect([0.25, 0.5, 0.75].map((share) => spread.quantile(share))).toEqual([3_214_159, 3_214_159, 3_214_159]);
  });
});

describe('the time from frame to frame', () => {
  it('is the median step, whatever was lost between', () => {
    expect(frameTimeNs([0, 10, 20, 90, 100, 111])).toBe(10);
    expect(frameTimeNs([5, 12])).toBe(7);
    expect(frameTimeNs([5])).toBeNaN();
  });
});
