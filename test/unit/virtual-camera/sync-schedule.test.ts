import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';

import { type Agreement, latenessUs } from '../../../src/virtual-camera/sync/agreement.js';
import { FollowingSchedule } from '../../../src/virtual-camera/sync/following-schedule.js';
import { MOST_OF_PERIOD, steer, TOLERANCE_US } from '../../../src/virtual-camera/sync/steering.js';

const ORIGIN_US = 9_297_983_128_000;
const LONGEST_US = 15_000_000;

const scheduleOf = (periodUs: number, shortestUs = periodUs / 2, crystal = 1): FollowingSchedule =>
  new FollowingSchedule({ originUs: ORIGIN_US, periodUs, shortestUs, longestUs: LONGEST_US, crystal });

/** Timestamps of the first frames, microseconds. */
const momentsOf = (schedule: FollowingSchedule, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => schedule.timestampUs(i + 1));

/** From a frame's beginning to that of the next one, microseconds. */
const lengthOf = (number: number, moments: readonly number[]): number =>
  (moments[number] ?? Number.NaN) - (moments[number - 1] ?? Number.NaN);

const agreed = (periodUs: number, lagUs: number): Agreement => ({
  periodUs,
  originUs: ORIGIN_US - 1_000_000 + lagUs,
  startUs: ORIGIN_US,
});

const periods = fc.integer({ min: 1000, max: 2_000_000 });
const shares = fc.double({ min: 0, max: 1, noNaN: true });

describe('how late a camera is', () => {
  it('is told by the nearest agreed frame', () => {
    const agreement = { periodUs: 1000, originUs: 5000, startUs: 5000 };
    const moments = [5000, 5400, 5600, 6000, 4900, 1_005_001];
    expect(moments.map((moment) => latenessUs(agreement, moment))).toEqual([0, 400, -400, 0, -100, 1]);
  });
});

describe('the way into step', () => {
  it.each([
    ['late', 1000, 1, -1000],
    ['early', -1000, 1, 1000],
    ['very late', 4000, 4, -1000],
    ['half a period off', 5000, 4, -1250],
    ['within what nobody minds', 49, 0, 0],
  ])('is short for a camera that is %s', (_, lateUs, frames, changeUs) => {
    expect(steer(lateUs, 10_000, 5000)).toEqual({ frames, changeUs });
  });

  it('is the long way round for a camera at its highest rate', () => {
    expect(steer(2000, 10_000, 10_000)).toEqual({ frames: 7, changeUs: 8000 / 7 });
  });

  it('leads there, by frames that are neither too long nor too short', () => {
    fc.assert(
      fc.property(periods, shares, shares, (periodUs, phase, least) => {
        const lateUs = (phase - 0.5) * periodUs;
        const shortestUs = least * periodUs;
        const { frames, changeUs } = steer(lateUs, periodUs, shortestUs);
        const left = lateUs + frames * changeUs;
        expect(Math.abs(left - Math.round(left / periodUs) * periodUs)).toBeLessThanOrEqual(TOLERANCE_US);
        expect(Math.abs(changeUs)).toBeLessThanOrEqual(periodUs * MOST_OF_PERIOD * (1 + 1e-9));
        expect(periodUs + changeUs).toBeGreaterThanOrEqual(shortestUs * (1 - 1e-9));
        expect(frames).toBeLessThanOrEqual(8);
      }),
    );
  });
});

describe('a schedule that follows', () => {
  it('is the ideal grid as long as nobody is heard', () => {
    const schedule = scheduleOf(1_000_000 / 60);
    expect(schedule.timestampUs(61) - ORIGIN_US).toBe(1_000_000);
    expect(schedule.lastComplete(ORIGIN_US + 15_999)).toBe(0);
    expect(schedule.lastComplete(ORIGIN_US + 16_000)).toBe(1);
    expect(schedule.msUntil(61, ORIGIN_US + 1_000_000)).toBe(16);
    expect(schedule.durationUs(1)).toBe(16_667);
  });

  it('leaves the frame that is exposed as it is, and steers the next ones', () => {
    const schedule = scheduleOf(10_000);
    // The server is 2000 us ahead of this camera's frames.
    expect(schedule.follow(agreed(10_000, -2000), ORIGIN_US + 5000, 1)).toBe(true);
    expect(momentsOf(schedule, 6).map((moment) => moment - ORIGIN_US)).toEqual([
      0, 10_000, 19_000, 28_000, 38_000, 48_000,
    ]);
    expect([1, 2, 3, 4].map((number) => schedule.durationUs(number))).toEqual([10_000, 9000, 9000, 10_000]);
  });

  it('takes the period of the server where its sensor can do that', () => {
    const schedule = scheduleOf(33_333, 16_600);
    expect(schedule.follow(agreed(16_667, 0), ORIGIN_US + 1, 1)).toBe(true);
    expect(schedule.durationUs(50)).toBe(16_667);
    const lateUs = latenessUs(agreed(16_667, 0), schedule.timestampUs(50));
    expect(Math.abs(lateUs)).toBeLessThanOrEqual(TOLERANCE_US);
  });

  it('keeps its own period where the sensor cannot do the one of the server, and comes back to it', () => {
    const schedule = scheduleOf(33_333, 20_000);
    expect(schedule.follow(agreed(16_667, 0), ORIGIN_US + 1, 1)).toBe(false);
    expect(schedule.timestampUs(101) - ORIGIN_US).toBe(3_333_300);
    expect(schedule.follow(agreed(LONGEST_US * 2, 0), ORIGIN_US + 1, 1)).toBe(false);
    schedule.follow(agreed(40_000, 0), ORIGIN_US + 1_000_000, 1);
    expect(schedule.durationUs(200)).toBe(40_000);
    schedule.follow(agreed(16_667, 0), ORIGIN_US + 9_000_000, 1);
    expect(schedule.durationUs(400)).toBe(33_333);
  });

  it('remembers of its past what is still asked for', () => {
    const [schedule, forgetful] = [scheduleOf(10_000), scheduleOf(10_000)];
    for (let i = 1; i < 50; i += 1) {
      const server = agreed(10_000, i % 2 === 0 ? 300 : -300);
      schedule.follow(server, ORIGIN_US + i * 100_000, 1);
      // Frame 123 waits for its reader all the time; the present one has not even begun.
      forgetful.follow(server, ORIGIN_US + i * 100_000, i < 12 ? 1000 : 123);
    }
    expect(momentsOf(forgetful, 600).slice(122)).toEqual(momentsOf(schedule, 600).slice(122));
    expect(forgetful.lastComplete(ORIGIN_US + 5_000_000)).toBe(schedule.lastComplete(ORIGIN_US + 5_000_000));
  });

  it('comes into step from any phase with any clock, never backwards, and by no step that is too large', () => {
    const slow = fc.integer({ min: -500, max: 500 });
    const heard = fc.array(fc.record({ afterShare: shares, phase: shares }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(periods, slow, heard, (periodUs, ppm, servers) => {
        const crystal = 1 + ppm / 1e6;
        const schedule = scheduleOf(periodUs, periodUs / 2, crystal);
        let nowUs = ORIGIN_US;
        let told = agreed(periodUs, 0);
        const moments: number[] = [];
        const record = (last: number): void => {
          for (let number = moments.length + 1; number <= last; number += 1) moments.push(schedule.timestampUs(number));
        };
        for (const { afterShare, phase } of servers) {
          nowUs += afterShare * periodUs * 6;
          // What has begun is settled, and so is the end of it. Timestamps are rounded.
          while ((moments.at(-1) ?? ORIGIN_US - 1) <= nowUs - 1) record(moments.length + 1);
          const oldest = schedule.lastComplete(nowUs) + 1;
          told = agreed(periodUs, phase * periodUs);
          schedule.follow(told, nowUs, oldest);
          for (let number = oldest; number <= moments.length; number += 1) {
            expect(schedule.timestampUs(number)).toBe(moments[number - 1]);
          }
          for (let number = oldest; number < moments.length; number += 1) {
            expect(Math.abs(schedule.durationUs(number) - lengthOf(number, moments))).toBeLessThanOrEqual(1);
          }
        }
        record(moments.length + 13);
        for (let number = 1; number < moments.length; number += 1) {
          const change = Math.abs(lengthOf(number, moments) - periodUs * crystal);
          expect(change).toBeLessThanOrEqual(periodUs * MOST_OF_PERIOD * crystal + 1);
        }
        const drift = 14 * periodUs * (Math.abs(ppm) / 1e6);
        expect(Math.abs(latenessUs(told, moments.at(-1) ?? 0))).toBeLessThanOrEqual(TOLERANCE_US + drift + 1);
      }),
    );
  });

  it('stays in step with a clock that is wrong as long as it hears the server', () => {
    const periodUs = 1_000_000 / 60;
    const schedule = scheduleOf(periodUs, 16_561, 1.0015);
    const server = agreed(periodUs, 7000);
    for (let ms = 100; ms < 5000; ms += 100) schedule.follow(server, ORIGIN_US + ms * 1000, 1);
    const late = momentsOf(schedule, 290)
      .slice(60)
      .map((moment) => latenessUs(server, moment));
    expect(Math.max(...late)).toBeLessThan(500);
    expect(Math.max(...late)).toBeGreaterThan(TOLERANCE_US);
  });
});
