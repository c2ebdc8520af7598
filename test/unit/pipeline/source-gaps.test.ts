import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SourceGaps } from '../../../src/pipeline/source-gaps.js';

/**
 * Frames found missing, what was only suspected at the end included. A time that is not after the newest one is that of a
 * frame out of order.
 */
function missing(timesMs: readonly number[], durationMs: (index: number) => number = () => 0): number {
  const gaps = new SourceGaps();
  let sum = 0;
  let newestMs = timesMs[0] ?? 0;
  for (const [index, timeMs] of timesMs.entries()) {
    if (index > 0 && timeMs <= newestMs) {
      gaps.fill();
      continue;
    }
    sum += gaps.observe(timeMs - newestMs, durationMs(index));
    newestMs = timeMs;
  }
  return sum + gaps.settle();
}

/** `count` timestamps at an even interval that begin one interval after the last of `before`. */
function then(before: readonly number[], count: number, intervalMs: number): number[] {
  const startMs = (before.at(-1) ?? -intervalMs) + intervalMs;
  return [...before, ...Array.from({ length: count }, (_, index) => startMs + index * intervalMs)];
}

const at30 = then([], 100, 1_000 / 30);

/** Each pair in the wrong order. */
function swapped(times: readonly number[]): number[] {
  return times.map((timeMs, index) => times[index % 2 === 0 ? index + 1 : index - 1] ?? timeMs);
}

function without(times: readonly number[], ...indices: number[]): number[] {
  return times.filter((_, index) => !indices.includes(index));
}

describe('SourceGaps', () => {
  it('finds nothing in an even stream', () => {
    expect(missing(at30)).toBe(0);
    expect(missing(at30, () => 1_000 / 30)).toBe(0);
  });

  it('counts the frames that are missing, by the duration that the camera states', () => {
    expect(missing(without(at30, 1), () => 1_000 / 30)).toBe(1);
    expect(missing(without(at30, 10, 50, 51, 52), () => 1_000 / 30)).toBe(4);
  });

  it('counts the same of the slowest camera that can be asked for, with a frame in 200 s', () => {
    const slow = then([], 30, 200_000);
    for (const durationMs of [200_000, 0]) {
      expect(missing(slow, () => durationMs)).toBe(0);
      expect(missing(without(slow, 20, 25, 26), () => durationMs)).toBe(3);
    }
  });

  it('counts the frames that are missing, by its own estimate', () => {
    expect(missing(without(at30, 20, 50, 51, 52))).toBe(4);
  });

  it('counts what is missing among the first frames too', () => {
    expect(missing(without(at30, 1, 4))).toBe(2);
    expect(missing(without(then([], 5, 40), 3))).toBe(1);
  });

  it('counts a frame that is missing right before the end', () => {
    expect(missing(without(at30, 98))).toBe(1);
  });

  it.each([
    ['stated', 40],
    ['estimated', 0],
  ])('tells of a gap by a duration that is %s with the frame after it', (_how, durationMs) => {
    const gaps = new SourceGaps();
    gaps.observe(0, durationMs);
    for (let frame = 0; frame < 20; frame += 1) gaps.observe(40, durationMs);
    expect(gaps.observe(120, durationMs)).toBe(0);
    expect(gaps.observe(40, durationMs)).toBe(2);
    expect(gaps.settle()).toBe(0);
  });

  it('believes the longer of two stated durations where the rate changes', () => {
    const gaps = new SourceGaps();
    gaps.observe(0, 100);
    gaps.observe(100, 33);
    gaps.observe(33, 33);
    gaps.observe(100, 100);
    expect(gaps.settle()).toBe(0);
  });

  it.each([
    ['stated', 40],
    ['estimated', 0],
  ])(
    'takes frames that come out of order for those that seemed to be missing, by a duration that is %s',
    (_how, ms) => {
      const even = then([], 100, 40);
      expect(missing(swapped(even), () => ms)).toBe(0);
      expect(missing(swapped(even.slice(1)), () => ms)).toBe(0);
      expect(missing(swapped(even).slice(0, -1), () => ms)).toBe(0); // the end comes between the two of a pair
      expect(missing([...even.slice(0, 50), ...swapped(even.slice(50, 52)), ...even.slice(52)], () => ms)).toBe(0);
      // Of ten frames that are missing behind the first fifty, one comes late.
      const late = [...even.slice(0, 50), even[60] ?? 0, even[59] ?? 0, ...even.slice(61)];
      expect(missing(late, () => ms)).toBe(9);
    },
  );

  it('counts nothing where the stamps stood still while frames came', () => {
    const even = then([], 100, 40);
    const standing = even.map((timeMs, index) => (index > 40 && index < 60 ? 40 * 40 : timeMs));
    expect(missing(standing, () => 40)).toBe(0);
    expect(missing(standing)).toBe(0);
  });

  it('forgets a gap where the clock was set', () => {
    const gaps = new SourceGaps();
    gaps.observe(0, 40);
    gaps.observe(400, 40);
    gaps.restart(40);
    expect(gaps.observe(40, 40)).toBe(0);
    expect(gaps.settle()).toBe(0);
  });

  it('does not take a slower rate for a gap', () => {
    const slower = then(at30, 30, 100);
    expect(missing(slower)).toBe(0);
    expect(missing(slower, (index) => (index < 100 ? 1_000 / 30 : 100))).toBe(0);
  });

  it('does not take a faster rate for anything, and finds gaps in it soon after', () => {
    const faster = then(at30, 60, 1_000 / 120);
    expect(missing(faster)).toBe(0);
    expect(missing(without(faster, 120, 130))).toBe(2);
  });

  it('follows a rate that changes again and again', () => {
    let times: number[] = [];
    for (const intervalMs of [16, 33, 100, 20, 50, 8]) times = then(times, 40, intervalMs);
    expect(missing(times)).toBe(0);
  });

  it('tells two gaps of different length in a row from a new rate', () => {
    expect(missing(without(at30, 50, 52, 53, 54))).toBe(4);
  });

  it('says nothing of timestamps that stand still or run backwards', () => {
    expect(missing([...at30, 3_300, 3_300, 10, 43, 76])).toBe(0);
  });

  it('finds nothing in jitter of 20 %', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 2, max: 200, noNaN: true }),
        fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 30, maxLength: 200 }),
        fc.boolean(),
        (intervalMs, jitter, isStated) => {
          const times = jitter.map((share, index) => (index + share) * intervalMs);
          // Without a stated duration the first estimate needs a few frames that are in order.
          const calm = then([], 8, intervalMs).map((timeMs) => timeMs - 8 * intervalMs);
          expect(missing([...calm, ...times], () => (isStated ? intervalMs : 0))).toBe(0);
        },
      ),
    );
  });

  it('counts every loss exactly, in jitter of 10 %', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 2, max: 200, noNaN: true }),
        fc.array(fc.record({ share: fc.double({ min: -0.1, max: 0.1, noNaN: true }), lost: fc.nat({ max: 9 }) }), {
          minLength: 30,
          maxLength: 200,
        }),
        fc.boolean(),
        (intervalMs, frames, isStated) => {
          let isAfterLoss = false;
          const kept = frames.filter(({ lost }, index) => {
            // Losses stand alone, and not among the first and last: three alike in a row are a new rate.
            const isLost = lost === 0 && !isAfterLoss && index > 10 && index < frames.length - 1;
            isAfterLoss = isLost;
            return !isLost;
          });
          const times = kept.map((frame) => (frames.indexOf(frame) + frame.share) * intervalMs);
          const lossRuns = isStated ? 0 : longestAlternation(kept.map((frame) => frames.indexOf(frame)));
          fc.pre(lossRuns < 3);
          expect(missing(times, () => (isStated ? intervalMs : 0))).toBe(frames.length - kept.length);
        },
      ),
    );
  });
});

/** Most intervals of two in a row. */
function longestAlternation(indices: readonly number[]): number {
  let longest = 0;
  let run = 0;
  for (const [position, index] of indices.entries()) {
    run = position > 0 && index - (indices[position - 1] ?? 0) === 2 ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
