import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Growth } from '../../../../src/monitor/state/growth.js';
import { camera, MS, recording } from '../../../harness/told-statuses.js';

describe('the growth of a take', () => {
  it('is told while a take is in a file, and at no other time', () => {
    const growth = new Growth();
    expect(growth.look(camera(), 0n)).toBeNull();
    expect(growth.look(recording({ take: 0, frames: 0 }), 0n)).toBeNull();
    expect(growth.look(recording(), 0n)).toBe(0);
    expect(growth.look(camera(), 0n)).toBeNull();
  });

  it('gets older while the same figure is told, however young the figure is said to be', () => {
    const growth = new Growth();
    growth.look(recording({ frames: 100 }), 0n);
    for (const ms of [500n, 1_000n, 7_000n]) {
      expect(growth.look(recording({ frames: 100 }), ms * MS)).toBe(Number(ms));
    }
  });

  it('is as old as the figures that told of it', () => {
    const growth = new Growth();
    growth.look(recording({ frames: 100 }), 0n);
    expect(growth.look({ ...recording({ frames: 130 }), figures_age_ms: 420 }, 1_000n * MS)).toBe(420);
    expect(growth.look({ ...recording({ frames: 131 }), figures_age_ms: 60_000 }, 1_500n * MS)).toBe(920);
  });

  it('is not renewed by a count that fell and came back to where it was', () => {
    const growth = new Growth();
    growth.look(recording({ frames: 100 }), 0n);
    growth.look(recording({ frames: 0 }), 500n * MS);
    expect(growth.look(recording({ frames: 100 }), 1_000n * MS)).toBe(1_000);
    expect(growth.look(recording({ frames: 101 }), 1_500n * MS)).toBe(0);
  });

  it('begins anew with the next take, part or not, and with the same take of another recording', () => {
    const growth = new Growth();
    growth.look(recording({ frames: 100 }), 0n);
    expect(growth.look(recording({ take: 2, frames: 100 }), 5_000n * MS)).toBe(0);
    expect(growth.look(recording({ take: 2, frames: 100 }), 9_000n * MS)).toBe(4_000);
    growth.look(camera(), 9_100n * MS);
    expect(growth.look(recording({ take: 2, frames: 100 }), 9_200n * MS)).toBe(0);
    growth.forget('picam:0');
    expect(growth.look(recording({ take: 2, frames: 1 }), 9_500n * MS)).toBe(0);
  });

  it('forgets cameras that are not there any more', () => {
    const growth = new Growth();
    growth.look(recording({ frames: 100 }), 0n);
    growth.keep(new Set());
    expect(growth.look(recording({ frames: 100 }), 5_000n * MS)).toBe(0);
  });

  it('is never told younger than the last frame that was more than all before it', () => {
    const step = fc.record({
      afterMs: fc.nat(3_000),
      frames: fc.nat(20),
      ageMs: fc.oneof(fc.constant(null), fc.nat(20_000)),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const growth = new Growth();
        let nowMs = 0;
        let [most, grownMs] = [-1, 0];
        for (const { afterMs, frames, ageMs } of steps) {
          nowMs += afterMs;
          if (frames > most) [most, grownMs] = [frames, nowMs];
          const told = growth.look({ ...recording({ frames }), figures_age_ms: ageMs }, BigInt(nowMs) * MS);
          expect(told).toBeGreaterThanOrEqual(nowMs - grownMs);
          expect(told).toBeLessThanOrEqual(nowMs);
        }
      }),
    );
  });
});
