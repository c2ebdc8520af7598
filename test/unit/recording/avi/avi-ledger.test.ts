import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Frame } from '../../../../src/core/frame.js';
import { chunkBytes } from '../../../../src/recording/avi/avi-layout.js';
import { AviLedger, type CommitPlan } from '../../../../src/recording/avi/avi-ledger.js';
import { SMALL_GEOMETRY } from '../../../harness/recordings.js';

/** Bytes from `start` to `end`, the latter not included. */
interface Range {
  readonly start: number;
  readonly end: number;
}

const GEOMETRY = { ...SMALL_GEOMETRY, segmentBytes: 2 ** 18, groupBytes: 100_000, firstSegmentFrames: 40 };

const frameOf = (byteLength: number): Frame =>
  new Frame([], byteLength, { sensorTimestampNs: 1n, arrivedMonotonicNs: 1n, wallClockUs: 1n }, []);

function rangesOf(plan: CommitPlan): Range[] {
  return plan.writes.map(({ position, parts }) => ({
    start: position,
    end: parts.reduce((end, part) => end + part.length, position),
  }));
}

const overlaps = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end;

describe('AviLedger', () => {
  it('never writes over what a header names, and has room for a frame after each commit, whatever their sizes', () => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 60_000 })), {
      maxLength: 150,
    });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 30 }), (frames, batch) => {
        const ledger = new AviLedger(GEOMETRY, 30);
        const named: Range[] = [];
        let pending: Range[] = [];
        let fileBytes = ledger.fileBytes;

        const commit = (): void => {
          if (!ledger.isDirty) return;
          const plan = ledger.planCommit();
          expect(plan.fileBytes).toBeGreaterThanOrEqual(fileBytes);
          fileBytes = plan.fileBytes;
          for (const write of rangesOf(plan)) {
            expect(write.end).toBeLessThanOrEqual(fileBytes);
            expect([...named, ...pending].filter((range) => overlaps(range, write))).toEqual([]);
          }
          ledger.adopt(plan);
          named.push(...pending);
          pending = [];
        };

        for (const [index, size] of frames.entries()) {
          if (!ledger.fits(ledger.position, size, 0)) {
            ledger.refuse(size);
            commit();
            expect(ledger.fits(ledger.position, size, 0)).toBe(true);
          }
          const range = { start: ledger.position, end: ledger.position + chunkBytes(size) };
          expect(named.filter((other) => overlaps(range, other))).toEqual([]);
          expect(range.end).toBeLessThanOrEqual(fileBytes);
          ledger.note(frameOf(size));
          pending.push(range);
          if (index % batch === 0) commit();
        }
        ledger.beginEnd();
        commit();
        const end = ledger.planEnd();
        for (const { position, parts } of end.writes) {
          const write = { start: position, end: parts.reduce((sum, part) => sum + part.length, position) };
          expect(write.end).toBeLessThanOrEqual(fileBytes);
          expect(named.filter((range) => overlaps(range, write))).toEqual([]);
        }
        expect(end.fileBytes).toBeLessThanOrEqual(fileBytes);
        expect(end.header.frames).toBe(frames.length);
        const inIndexes = end.header.groups.reduce((sum, group) => sum + group.frames, end.header.live.frames);
        expect(inIndexes).toBe(frames.length);
      }),
      { numRuns: 150 },
    );
  });

  it('takes newest frames back as if they had never come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 20 }), fc.nat(20), (sizes, kept) => {
        const [all, few] = [new AviLedger(GEOMETRY, 30), new AviLedger(GEOMETRY, 30)];
        for (const size of sizes) all.note(frameOf(size));
        for (const size of sizes.slice(0, kept)) few.note(frameOf(size));
        all.forgetAfter(kept);
        expect(all.position).toBe(few.position);
        expect({ ...all.header, largestFrame: 0 }).toEqual({ ...few.header, largestFrame: 0, live: all.header.live });
        expect(all.header.live.frames).toBe(few.header.live.frames);
        const [a, b] = [all.planCommit(), few.planCommit()];
        expect(a.writes).toEqual(b.writes);
      }),
    );
  });

  it('does not grow for frames that will not come', () => {
    const ledger = new AviLedger(GEOMETRY, 30);
    ledger.note(frameOf(30_000));
    ledger.note(frameOf(20_000));
    const { fileBytes } = ledger;
    expect(ledger.planCommit().fileBytes).toBeGreaterThan(fileBytes);
    ledger.beginEnd();
    expect(ledger.planCommit().fileBytes).toBe(fileBytes);
  });

  it('ends a file before a segment that no frame came to', () => {
    const ledger = new AviLedger({ ...GEOMETRY, firstSegmentFrames: 3, groupBytes: 2000 }, 30);
    for (let frame = 0; frame < 3; frame += 1) ledger.note(frameOf(1000));
    const plan = ledger.planCommit();
    ledger.adopt(plan);
    expect(plan.space.segment.start).toBeGreaterThan(0);
    ledger.beginEnd();
    expect(ledger.planEnd()).toMatchObject({ fileBytes: plan.space.segment.start, writes: [] });
  });
});
