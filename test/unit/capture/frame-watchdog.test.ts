import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { FrameWatchdog, type WatchdogLimits } from '../../../src/capture/frame-watchdog.js';
import { FPS_RANGE } from '../../../src/core/capture-limits.js';
import { TestClock } from './test-clock.js';

const LIMITS: WatchdogLimits = { frameTimeoutMs: 2000, firstFrameTimeoutMs: 5000, fps: 60 };

function watch(limits: Partial<WatchdogLimits> = {}) {
  const clock = new TestClock();
  const timeouts: number[] = [];
  const silences: number[] = [];
  const reads: (() => void)[] = [];
  const watchdog = new FrameWatchdog(
    clock,
    { ...LIMITS, ...limits },
    {
      onTimeout: (silentMs) => timeouts.push(silentMs),
      onSilence: (silentMs) => silences.push(silentMs),
    },
    (callback) => reads.push(callback),
  );
  watchdog.start();
  /** One turn of the event loop. */
  const turn = (): void => {
    for (const read of reads.splice(0)) read();
  };
  const advance = (byMs: number): void => {
    for (let done = 0; done < byMs; done += 1) {
      clock.advance(1);
      turn();
    }
  };
  return { clock, watchdog, timeouts, silences, turn, advance };
}

describe('FrameWatchdog', () => {
  it('tells a hung camera between 2.0 and 2.5 s after its last frame', () => {
    for (const offsetMs of [0, 1, 50, 99]) {
      const { watchdog, timeouts, advance } = watch();
      watchdog.frameArrived(0);
      advance(1000 + offsetMs);
      watchdog.frameArrived(0);
      advance(1999);
      expect(timeouts).toHaveLength(0);
      advance(501);
      expect(timeouts).toHaveLength(1);
      advance(10_000);
      expect(timeouts).toHaveLength(1);
    }
  });

  it('tells how long the silence lasts, some times a second, until its limit', () => {
    const { silences, timeouts, advance } = watch();
    advance(6_000);
    expect(timeouts).toEqual([5_200]);
    expect(silences).toEqual(Array.from({ length: 25 }, (_, index) => 200 * (index + 1)));
  });

  it('says nothing while frames come', () => {
    const { watchdog, timeouts, advance } = watch();
    for (let frame = 0; frame < 10; frame += 1) {
      watchdog.frameArrived(0);
      advance(1900);
    }
    expect(timeouts).toHaveLength(0);
  });

  it('waits 5 s and ten frame times for the first frame', () => {
    const { timeouts, advance } = watch({ fps: 1 });
    advance(14_900);
    expect(timeouts).toHaveLength(0);
    advance(700);
    expect(timeouts).toHaveLength(1);
  });

  it('waits longer for the first frame where it is told to', () => {
    const { timeouts, advance } = watch({ firstFrameTimeoutMs: 20_000 });
    advance(19_000);
    expect(timeouts).toHaveLength(0);
    advance(2000);
    expect(timeouts).toHaveLength(1);
  });

  it('waits five frame times between slow frames', () => {
    const { watchdog, timeouts, advance } = watch({ fps: 1 });
    watchdog.frameArrived(0);
    advance(4900);
    expect(timeouts).toHaveLength(0);
    advance(800);
    expect(timeouts).toHaveLength(1);
  });

  it('gives a camera that runs slower than asked five of its own frame times', () => {
    const { watchdog, timeouts, advance } = watch();
    watchdog.frameArrived(1_000_000);
    advance(4900);
    expect(timeouts).toHaveLength(0);
    watchdog.frameArrived(1_000_000);
    advance(4900);
    watchdog.frameArrived(16_666);
    advance(2500);
    expect(timeouts).toHaveLength(1);
  });

  describe('at one frame in 200 seconds', () => {
    const SLOW = { fps: 0.005 };
    const FRAME_US = 200_000_000;
    const seconds = ({ clock, turn }: ReturnType<typeof watch>, count: number): void => {
      for (let passed = 0; passed < count * 10; passed += 1) {
        clock.advance(100);
        turn();
      }
    };

    it('waits ten frame times for the first frame, and then five for each', () => {
      const rig = watch(SLOW);
      seconds(rig, 2_004);
      rig.watchdog.frameArrived(FRAME_US);
      for (let frame = 0; frame < 12; frame += 1) {
        seconds(rig, 999);
        rig.watchdog.frameArrived(FRAME_US);
      }
      expect(rig.timeouts).toEqual([]);
      seconds(rig, 1_002);
      expect(rig.timeouts).toHaveLength(1);
    });

    it('does not trust the first frames, which may state the rate from before', () => {
      const rig = watch(SLOW);
      for (let frame = 0; frame < 9; frame += 1) rig.watchdog.frameArrived(33_333);
      seconds(rig, 999);
      expect(rig.timeouts).toEqual([]);
    });

    it('goes by the rate that the camera gives, once ten frames have stated it', () => {
      const rig = watch(SLOW);
      for (let frame = 0; frame < 10; frame += 1) rig.watchdog.frameArrived(33_333);
      seconds(rig, 3);
      expect(rig.timeouts).toHaveLength(1);
    });

    it('is the slowest that is believed, so that a garbled duration cannot hide a dead camera', () => {
      const rig = watch();
      for (let frame = 0; frame < 10; frame += 1) rig.watchdog.frameArrived(10 ** 15);
      seconds(rig, 999);
      expect(rig.timeouts).toEqual([]);
      seconds(rig, 3);
      expect(rig.timeouts).toHaveLength(1);
    });

    it('goes by the requested rate where the camera states none', () => {
      const rig = watch(SLOW);
      for (let frame = 0; frame < 20; frame += 1) rig.watchdog.frameArrived(0);
      seconds(rig, 999);
      expect(rig.timeouts).toEqual([]);
      seconds(rig, 3);
      expect(rig.timeouts).toHaveLength(1);
    });
  });

  it('calls no camera dead before five of its frame times, whatever rate was asked for and is given, and then does', () => {
    // Rates of all sizes, as often slow as fast.
    const anyFps = fc
      .double({ min: Math.log(FPS_RANGE.min), max: Math.log(FPS_RANGE.max), noNaN: true })
      .map((exponent) => Math.exp(exponent));
    const anyLimit = fc.constantFrom(100, 2_000, 5_000, 60_000);
    fc.assert(
      fc.property(
        fc.record({ fps: anyFps, frameTimeoutMs: anyLimit, firstFrameTimeoutMs: anyLimit }),
        fc.oneof(fc.constant(null), anyFps),
        fc.array(fc.double({ min: 0, max: 4.99, noNaN: true }), { minLength: 1, maxLength: 15 }),
        (limits, givenFps, waits) => {
          const { clock, watchdog, timeouts, turn } = watch(limits);
          const frameMs = 1_000 / (givenFps ?? limits.fps);
          const pass = (byMs: number): void => {
            clock.advance(byMs);
            turn();
          };
          pass(Math.min(10_000 / limits.fps + 4_900, 5 * frameMs));
          for (const frameTimes of waits) {
            watchdog.frameArrived(givenFps === null ? 0 : frameMs * 1_000);
            pass(frameTimes * frameMs);
            expect(timeouts).toEqual([]);
          }
          watchdog.frameArrived(givenFps === null ? 0 : frameMs * 1_000);
          // At most one check is late. Until ten frames were seen, the slower of both rates counts.
          const slowestMs = Math.max(limits.frameTimeoutMs, 5 * Math.max(frameMs, 1_000 / limits.fps));
          pass(slowestMs * 1.1 + 200);
          expect(timeouts).toHaveLength(1);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('does not take its own standstill for the camera\u2019s', () => {
    const { clock, watchdog, timeouts, turn, advance } = watch();
    watchdog.frameArrived(0);
    advance(1950);
    clock.stall(3000);
    turn();
    expect(timeouts).toHaveLength(0);
    advance(400); // what waited is read meanwhile
    watchdog.frameArrived(0);
    advance(1900);
    expect(timeouts).toHaveLength(0);
  });

  it('still tells a hung camera after a standstill', () => {
    const { clock, watchdog, timeouts, advance } = watch();
    watchdog.frameArrived(0);
    advance(1000);
    clock.stall(3000);
    advance(1200);
    expect(timeouts).toHaveLength(1);
  });

  it('lets what waits be read before it judges', () => {
    const { clock, watchdog, timeouts, turn } = watch();
    watchdog.frameArrived(0);
    clock.advance(2100);
    watchdog.frameArrived(0); // read in the turn between timer and judgement
    turn();
    expect(timeouts).toHaveLength(0);
  });

  it('goes on judging after a frame that came at the last moment', () => {
    const { clock, watchdog, timeouts, turn, advance } = watch();
    watchdog.frameArrived(0);
    clock.advance(2100);
    watchdog.frameArrived(0);
    turn();
    advance(2500);
    expect(timeouts).toHaveLength(1);
  });

  it('counts the silence anew after a pause, whatever came before', () => {
    const { watchdog, timeouts, advance } = watch();
    watchdog.frameArrived(0);
    advance(1800);
    watchdog.pause();
    watchdog.resume();
    advance(1500);
    expect(timeouts).toHaveLength(0);
  });

  it('does not count a pause', () => {
    const { watchdog, timeouts, advance } = watch();
    watchdog.frameArrived(0);
    watchdog.pause();
    advance(10_000);
    watchdog.resume();
    advance(1900);
    expect(timeouts).toHaveLength(0);
    advance(500);
    expect(timeouts).toHaveLength(1);
  });

  it('leaves no timer behind when it is stopped, and says nothing afterwards', () => {
    const { clock, watchdog, timeouts, turn } = watch();
    watchdog.frameArrived(0);
    clock.advance(2100);
    watchdog.stop();
    watchdog.stop();
    turn();
    expect(timeouts).toHaveLength(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
