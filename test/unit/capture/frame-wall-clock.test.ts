import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { FrameWallClock } from '../../../src/capture/frame-wall-clock.js';

const FRAME_US = 33_333;
/** From the moment that the camera stamps to the frame's arrival. */
const LATENCY_US = 50_000;
const UP_US = 25_000_000;

const TODAY_US = Date.UTC(2026, 10, 25, 14, 30) * 1000;
/** A machine without a clock chip and without a network, 25 s after it was switched on. */
const WITHOUT_CLOCK_US = UP_US;

const UNITS = [
  { unit: 'nanoseconds', perUs: 1000n },
  { unit: 'microseconds', perUs: 1n },
];

interface Moment {
  /** Wall clock when the frame was taken; `null` if the tool does not give it. */
  readonly frameUs: number | null;
  /** The same clock when the frame arrived. */
  readonly arrivedUs: number;
}

/** `count` frames from one wall clock on. */
function frames(count: number, fromUs: number, latencyUs = LATENCY_US): Moment[] {
  return Array.from({ length: count }, (_, index) => {
    const frameUs = fromUs + index * FRAME_US;
    return { frameUs, arrivedUs: frameUs + latencyUs };
  });
}

/** What is read of each frame, microseconds. */
function read(moments: readonly Moment[], perUs: bigint, hasSensorTime = true): number[] {
  const clock = new FrameWallClock();
  return moments.map(({ frameUs, arrivedUs }, index) => {
    const value = frameUs === null ? 0n : BigInt(frameUs) * perUs;
    const sensorNs = hasSensorTime ? BigInt(UP_US + index * FRAME_US) * 1000n : 0n;
    return Number(clock.read(value, sensorNs, arrivedUs / 1000));
  });
}

const own = ({ arrivedUs }: Moment): number => arrivedUs;
const given = ({ frameUs, arrivedUs }: Moment): number => frameUs ?? arrivedUs;

describe.each(UNITS)('a wall clock in $unit', ({ perUs }) => {
  it.each([
    ['today', TODAY_US],
    ['in 1970, on a machine without a clock', WITHOUT_CLOCK_US],
    ['in 2200', Date.UTC(2200, 0) * 1000],
  ])('is read as it is, %s', (_when, fromUs) => {
    const moments = frames(20, fromUs);
    expect(read(moments, perUs)).toEqual(moments.map(given));
    expect(read(moments, perUs, false)).toEqual(moments.map(given));
  });

  it.each([
    ['from 1970 to today', WITHOUT_CLOCK_US, TODAY_US],
    ['from today to 1970', TODAY_US, WITHOUT_CLOCK_US],
    ['by an hour', TODAY_US, TODAY_US + 3_600_000_000],
  ])('is read as it is where the clock is set in mid-stream, %s', (_how, beforeUs, afterUs) => {
    const moments = [...frames(10, beforeUs), ...frames(10, afterUs)];
    expect(read(moments, perUs)).toEqual(moments.map(given));
  });

  it('is our own where the clock was set between the frame and its arrival', () => {
    const [early = { frameUs: 0, arrivedUs: 0 }, ...rest] = frames(10, WITHOUT_CLOCK_US);
    const torn = { ...early, arrivedUs: TODAY_US };
    const later = frames(5, TODAY_US);
    // The first frame of all: nothing is known of the unit, and the two clocks are 56 years apart.
    expect(read([torn, ...later], perUs)).toEqual([own(torn), ...later.map(given)]);
    expect(read([...rest, torn, ...later], perUs)).toEqual([...rest.map(given), own(torn), ...later.map(given)]);
  });

  it('is our own where the tool gives none, and as it is in the frames around', () => {
    const moments = frames(12, WITHOUT_CLOCK_US).map((moment, index) =>
      index % 3 === 0 ? { ...moment, frameUs: null } : moment,
    );
    expect(read(moments, perUs)).toEqual(moments.map(given));
  });

  it.each([LATENCY_US, 1_000_000])(
    'is told by its steps where the clock begins at 1970 with the stream, and frames arrive %i us late',
    (latencyUs) => {
      const moments = frames(10, 1000, latencyUs);
      const [first, ...rest] = read(moments, perUs);
      expect(first).toBe(1000 + latencyUs);
      expect(rest).toEqual(moments.slice(1).map(given));
    },
  );

  it('is our own where a frame of 1970 arrives today, though its nanoseconds look like the microseconds of today', () => {
    const before = frames(10, TODAY_US / 1000);
    const torn = { frameUs: TODAY_US / 1000 + 10 * FRAME_US, arrivedUs: TODAY_US + 3_600_000_000 };
    const moments = [...before, torn];
    expect(read(moments, perUs)).toEqual([...before.map(given), own(torn)]);
  });

  it('never differs from our own clock by a factor, whatever comes', () => {
    const us = fc.integer({ min: 11_000_000, max: 4_000_000_000_000_000 });
    const moment = fc.record({ frameUs: fc.option(us), arrivedUs: us });
    fc.assert(
      fc.property(fc.array(moment, { maxLength: 40 }), fc.boolean(), (moments, hasSensorTime) => {
        for (const [index, readUs] of read(moments, perUs, hasSensorTime).entries()) {
          const ratio = readUs / (moments[index]?.arrivedUs ?? 0);
          expect(ratio).toBeGreaterThan(1 / 5);
          expect(ratio).toBeLessThan(5);
        }
      }),
    );
  });
});
