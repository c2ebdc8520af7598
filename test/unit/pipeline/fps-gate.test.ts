import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { FpsGate } from '../../../src/pipeline/fps-gate.js';

interface Stream {
  readonly fps: number;
  readonly seconds: number;
  /** Largest deviation of a timestamp, as a share of the frame interval. */
  readonly jitter?: number;
  readonly random?: () => number;
  readonly startMs?: number;
}

function timestamps({ fps, seconds, jitter = 0, random = Math.random, startMs = 0 }: Stream): number[] {
  const intervalMs = 1_000 / fps;
  return Array.from(
    { length: Math.round(fps * seconds) },
    (_, index) => startMs + (index + jitter * (2 * random() - 1)) * intervalMs,
  );
}

function passed(gate: FpsGate, times: readonly number[]): number[] {
  return times.filter((timeMs) => gate.passes(timeMs));
}

function perSecond(times: readonly number[], seconds: number): number[] {
  const counts = Array.from<number>({ length: seconds }).fill(0);
  for (const timeMs of times) {
    const second = Math.floor(timeMs / 1_000);
    if (second in counts) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

function intervals(times: readonly number[]): number[] {
  return times.slice(1).map((timeMs, index) => timeMs - (times[index] ?? 0));
}

/** A small reproducible generator: property tests must fail the same way twice. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

describe('FpsGate', () => {
  it('passes every frame when the target is 0', () => {
    expect(passed(new FpsGate(0), [5, 3, 3, 900])).toEqual([5, 3, 3, 900]);
  });

  it('keeps 25 frames in every second of 60, at intervals of two or three frames', () => {
    const times = passed(new FpsGate(25), timestamps({ fps: 60, seconds: 10 }));
    expect(times.length).toBeGreaterThanOrEqual(249);
    expect(times.length).toBeLessThanOrEqual(251);
    for (const count of perSecond(times, 10)) expect(Math.abs(count - 25)).toBeLessThanOrEqual(1);
    for (const interval of intervals(times)) expect([33, 50]).toContain(Math.floor(interval + 1e-6));
  });

  it('keeps the rate within 1 % over 10 s and every second within one frame, whatever the ratio', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.011, max: 12, noNaN: true }),
        fc.double({ min: 5, max: 120, noNaN: true }),
        (ratio, targetFps) => {
          const sourceFps = targetFps * ratio;
          const times = passed(new FpsGate(targetFps), timestamps({ fps: sourceFps, seconds: 10 }));
          expect(Math.abs(times.length - targetFps * 10)).toBeLessThanOrEqual(Math.max(1, targetFps * 0.1));
          const whole = perSecond(times, 9);
          expect(Math.max(...whole.map((count) => Math.abs(count - targetFps)))).toBeLessThan(2);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('spaces what it passes as evenly as the source allows: never more than one source interval off', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.011, max: 12, noNaN: true }),
        fc.double({ min: 5, max: 120, noNaN: true }),
        (ratio, targetFps) => {
          const sourceMs = 1_000 / (targetFps * ratio);
          const times = passed(new FpsGate(targetFps), timestamps({ fps: targetFps * ratio, seconds: 10 }));
          const worst = Math.max(...intervals(times).map((interval) => Math.abs(interval - 1_000 / targetFps)));
          expect(worst).toBeLessThan(sourceMs * 1.0001);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps the rate within 1 % under jitter of 20 % of an interval', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 8, noNaN: true }),
        fc.integer({ min: 10, max: 60 }),
        seeds,
        (ratio, targetFps, seed) => {
          const stream = { fps: targetFps * ratio, seconds: 10, jitter: 0.2, random: randomFrom(seed) };
          const times = passed(new FpsGate(targetFps), timestamps(stream));
          expect(Math.abs(times.length - targetFps * 10)).toBeLessThanOrEqual(Math.max(1, targetFps * 0.1));
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    // With a fifth of a frame time of jitter a source just below the target may lose one frame in some hundreds.
    { jitter: 0.2, maxRatio: 0.9 },
    { jitter: 0.1, maxRatio: 1 },
    { jitter: 0, maxRatio: 1 },
  ])('passes a source whole that is no faster than the target: %j', ({ jitter, maxRatio }) => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: maxRatio, noNaN: true }),
        fc.integer({ min: 10, max: 120 }),
        seeds,
        (ratio, targetFps, seed) => {
          const stream = { fps: targetFps * ratio, seconds: 20, jitter, random: randomFrom(seed) };
          const times = timestamps(stream);
          expect(passed(new FpsGate(targetFps), times)).toHaveLength(times.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('leaves no hole where the camera runs a trifle fast', () => {
    const times = timestamps({ fps: 30.003, seconds: 1_200 });
    expect(passed(new FpsGate(30), times)).toHaveLength(times.length);
  });

  it('makes up for nothing after a gap', () => {
    const gate = new FpsGate(25);
    passed(gate, timestamps({ fps: 60, seconds: 2 }));
    const after = passed(gate, timestamps({ fps: 60, seconds: 3, startMs: 7_000 })).map((timeMs) => timeMs - 7_000);
    for (const count of perSecond(after, 3)) expect(Math.abs(count - 25)).toBeLessThanOrEqual(1);
    expect(Math.min(...intervals(after))).toBeGreaterThan(33);
  });

  it('keeps the rate when single frames are missing', () => {
    const random = randomFrom(7);
    const times = timestamps({ fps: 60, seconds: 10 }).filter(() => random() > 0.05);
    expect(Math.abs(passed(new FpsGate(25), times).length - 250)).toBeLessThanOrEqual(3);
  });

  it('begins anew when time runs backwards', () => {
    const gate = new FpsGate(25);
    passed(gate, timestamps({ fps: 60, seconds: 2, startMs: 1_000_000 }));
    const after = passed(gate, timestamps({ fps: 60, seconds: 2 }));
    expect(after[0]).toBe(0);
    for (const count of perSecond(after, 2)) expect(Math.abs(count - 25)).toBeLessThanOrEqual(1);
  });

  it('follows a source that changes its rate', () => {
    const gate = new FpsGate(20);
    passed(gate, timestamps({ fps: 10, seconds: 5 }));
    const faster = passed(gate, timestamps({ fps: 60, seconds: 5, startMs: 5_000 })).map((timeMs) => timeMs - 5_000);
    for (const count of perSecond(faster, 5)) expect(Math.abs(count - 20)).toBeLessThanOrEqual(1);
  });

  it('passes a frame once when its timestamp comes twice', () => {
    expect(passed(new FpsGate(25), [0, 0, 16, 16, 40, 40])).toEqual([0, 40]);
  });
});
