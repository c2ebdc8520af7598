import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { FrameBatch, FrameRing } from '../../../../src/pipeline/recorder/frame-ring.js';
import type { RingLimits } from '../../../../src/pipeline/recorder/frame-ring.js';
import { FrameLedger, makeFrame, numberOf } from '../../../harness/fake-camera-source.js';

function ringOf(limits: Partial<RingLimits> = {}) {
  const ring = new FrameRing({ maxFrames: 4, maxBytes: 1_000, whenFull: 'dropOldest', ...limits });
  const ledger = new FrameLedger();
  let number = 0;
  /** Pushes a frame as the router does (which lets go of it afterwards) and returns the numbers of what went. */
  const push = (byteLength = 100): number[] => {
    number += 1;
    const frame = makeFrame(number, { byteLength, ledger });
    const evicted = ring.push(frame, number, number * 10);
    frame.release();
    const numbers = evicted.map((one) => one.number);
    for (const one of evicted) one.frame.release();
    return numbers;
  };
  return { ring, ledger, push };
}

describe('FrameRing', () => {
  it('gives frames back in order, with their numbers and times', () => {
    const { ring, push } = ringOf();
    for (let count = 0; count < 3; count += 1) push();
    const batch = new FrameBatch();
    expect(ring.claim(2, 1_000, batch)).toBe(2);
    expect(batch.frames.map(numberOf)).toEqual([1, 2]);
    expect(batch.numbers).toEqual([1, 2]);
    expect(batch.timesMs).toEqual([10, 20]);
    expect(batch.byteLength).toBe(200);
  });

  it('drops the oldest frame, never the newest, when it holds too many', () => {
    const { ring, push } = ringOf();
    expect([push(), push(), push(), push(), push(), push()]).toEqual([[], [], [], [], [1], [2]]);
    expect(ring.frames).toBe(4);
  });

  it('drops as many as it takes when the bytes are too many', () => {
    const { ring, push } = ringOf();
    push(400);
    push(300);
    expect(push(900)).toEqual([1, 2]);
    expect(ring.bytes).toBe(900);
  });

  it('lets in a frame that is larger than everything it may hold', () => {
    const { ring, push } = ringOf();
    push();
    expect(push(5_000)).toEqual([1]);
    expect(ring.frames).toBe(1);
  });

  it('never evicts what is being written, and counts it', () => {
    const { ring, push } = ringOf();
    push();
    push();
    const batch = new FrameBatch();
    ring.claim(2, 1_000, batch);
    push();
    push();
    expect(push()).toEqual([3]);
    expect(ring.frames).toBe(4);
    expect(ring.bytes).toBe(400);
    expect(batch.frames.map(numberOf)).toEqual([1, 2]);
  });

  it('counts the bytes that are being written', () => {
    const { ring, push } = ringOf();
    push(600);
    ring.claim(1, 1_000, new FrameBatch());
    push(300);
    expect(push(200)).toEqual([2]);
    expect(ring.bytes).toBe(800);
  });

  it('takes what fits the limit in bytes to the byte, and not one byte more', () => {
    for (const [limit, taken] of [
      [300, 3],
      [299, 2],
    ] as const) {
      const { ring, push } = ringOf();
      for (let count = 0; count < 4; count += 1) push();
      expect(ring.claim(4, limit, new FrameBatch())).toBe(taken);
    }
  });

  it('holds as many bytes as it may, to the byte', () => {
    const { ring, push } = ringOf({ maxBytes: 300 });
    expect([push(), push(), push(), push(101)]).toEqual([[], [], [], [1, 2]]);
    expect(ring.bytes).toBe(201);
  });

  it('takes at least one frame, whatever the limit in bytes', () => {
    const { ring, push } = ringOf();
    push(500);
    push(100);
    expect(ring.claim(5, 10, new FrameBatch())).toBe(1);
    expect(ring.waitingFrames).toBe(1);
  });

  it('tells how full it is, by the fuller of frames and bytes', () => {
    const { ring, push } = ringOf();
    expect(ring.fill).toBe(0);
    push(100);
    expect(ring.fill).toBe(0.25);
    push(700);
    expect(ring.fill).toBe(0.8);
  });

  it('returns the same empty list whenever nothing has to go', () => {
    const { ring } = ringOf();
    expect(ring.push(makeFrame(1), 1, 0)).toBe(ring.push(makeFrame(2), 2, 0));
  });

  it('holds no memory once everything was released or evicted', () => {
    const { ring, ledger, push } = ringOf();
    for (let count = 0; count < 10; count += 1) push();
    const batch = new FrameBatch();
    ring.claim(2, 1_000, batch);
    expect(ledger.held).toBe(4);
    ring.release(batch);
    expect(ledger.held).toBe(2);
    for (const { frame } of ring.evictAll()) frame.release();
    expect(ledger.held).toBe(0);
    expect(ring.frames + ring.bytes).toBe(0);
    expect(batch).toMatchObject({ frames: [], numbers: [], timesMs: [], byteLength: 0 });
  });

  it('grows rather than drop where the source is paused instead', () => {
    const { ring, push } = ringOf({ whenFull: 'pauseSource' });
    const batch = new FrameBatch();
    push();
    push();
    push();
    ring.claim(2, 1_000, batch);
    for (let count = 0; count < 12; count += 1) expect(push()).toEqual([]);
    expect(ring.frames).toBe(15);
    ring.release(batch);
    ring.claim(50, 5_000, batch);
    expect(batch.frames.map(numberOf)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(batch.numbers).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    expect(batch.timesMs).toEqual([30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150]);
  });

  it('stays within its bounds and loses no frame without a word, whatever is done to it', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('push' as const), byteLength: fc.integer({ min: 4, max: 400 }) }),
      fc.record({ do: fc.constant('take' as const), frames: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ do: fc.constant('release' as const) }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 120 }), (maxFrames, steps) => {
        const { ring, ledger, push } = ringOf({ maxFrames });
        const batch = new FrameBatch();
        let pushed = 0;
        let evicted = 0;
        const written: number[] = [];
        for (const one of steps) {
          if (one.do === 'push') {
            evicted += push(one.byteLength).length;
            pushed += 1;
          } else if (one.do === 'take' && batch.frames.length === 0) {
            ring.claim(one.frames, 600, batch);
            written.push(...batch.frames.map(numberOf));
          } else if (one.do === 'release') ring.release(batch);
          expect(ring.waitingFrames + written.length + evicted).toBe(pushed);
          expect(ring.frames).toBe(ledger.held);
          // While a write pins the bound, one more may come in.
          if (ring.waitingFrames > 1) {
            expect(ring.frames).toBeLessThanOrEqual(maxFrames);
            expect(ring.bytes).toBeLessThanOrEqual(1_000);
          }
        }
        expect(written).toEqual([...written].sort((a, b) => a - b));
      }),
    );
  });
});
