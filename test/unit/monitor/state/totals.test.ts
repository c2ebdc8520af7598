import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Totals } from '../../../../src/monitor/state/totals.js';
import type { CameraTotals } from '../../../../src/monitor/view.js';
import { camera } from '../../../harness/told-statuses.js';

const of = (totals: Totals, deviceId = 'picam:0'): CameraTotals | undefined => totals.read().cameras[deviceId];

describe('the totals of a camera', () => {
  it('are summed over its openings', () => {
    const totals = new Totals();
    for (const frames of [0, 60, 120, 0, 30]) totals.look(camera({ frames }));
    totals.look(camera({ frames: 10, drops: { buffer_full: 2, corrupt: 1, source_gap: 5, gate_skip: 7 } }));
    totals.look(camera({ frames: 0, drops: {} }));
    totals.look(camera({ frames: 1, drops: { buffer_full: 1, source_gap: 0, gate_skip: 1 } }));
    expect(of(totals)).toEqual({
      framesReceived: 120 + 30 + 10 + 1,
      framesMissing: 5,
      framesSkipped: 8,
      framesDropped: { buffer_full: 3, corrupt: 1 },
      recordingsEnded: {},
      losses: {},
    });
  });

  it('never fall, and are never more than was counted, whatever the camera counts', () => {
    const opening = fc.array(fc.record({ frames: fc.nat(50), dropped: fc.nat(3) }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(opening, { maxLength: 8 }), (openings) => {
        const totals = new Totals();
        let [counted, before] = [0, 0];
        for (const looks of openings) {
          let [frames, dropped] = [0, 0];
          totals.look(camera({ frames: 0, drops: {} }));
          for (const more of looks) {
            frames += more.frames;
            dropped += more.dropped;
            totals.look(camera({ frames, drops: { buffer_full: dropped } }));
            const now = of(totals)?.framesReceived ?? -1;
            expect(now).toBeGreaterThanOrEqual(before);
            expect(now).toBe(counted + frames);
            before = now;
          }
          counted += frames;
        }
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (figures) => {
        const totals = new Totals();
        let before = 0;
        for (const frames of figures) {
          totals.look(camera({ frames }));
          const now = of(totals)?.framesReceived ?? -1;
          expect(now).toBeGreaterThanOrEqual(before);
          before = now;
        }
        expect(before).toBeLessThanOrEqual(figures.reduce((sum, frames) => sum + frames, 0));
      }),
    );
  });

  it('stay when the camera is unassigned; the first ones go when there are too many', () => {
    const totals = new Totals();
    for (const id of ['a', 'b', 'c', 'd']) totals.look(camera({ device_id: id, frames: 5 }));
    totals.trim(new Set(['a']), 2);
    expect(Object.keys(totals.read().cameras)).toEqual(['a', 'd']);
  });

  it('take any name for a name', () => {
    const totals = new Totals();
    totals.look(camera({ device_id: '__proto__', frames: 5, drops: JSON.parse('{"__proto__":3}') }));
    expect(Object.entries(totals.read().cameras)).toMatchObject([['__proto__', { framesReceived: 5 }]]);
    expect(Object.entries(of(totals, '__proto__')?.framesDropped ?? {})).toEqual([['__proto__', 3]]);
    expect(({} as Record<string, unknown>)['framesReceived']).toBeUndefined();
  });
});
