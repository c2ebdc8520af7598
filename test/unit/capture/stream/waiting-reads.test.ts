import { describe, expect, it } from '@jest/globals';
import { type Slab, SlabPool } from '../../../../src/capture/frame-memory.js';
import { WaitingReads } from '../../../../src/capture/stream/waiting-reads.js';
import { TestClock } from '../test-clock.js';

const MIB = 1024 * 1024;

describe('WaitingReads', () => {
  function rig() {
    const clock = new TestClock();
    const pool = new SlabPool(4 * MIB);
    const slab = pool.claim();
    const used: { start: number; end: number; atNs: bigint; wallMs: number }[] = [];
    let onUse = (): void => undefined;
    const reads = new WaitingReads((_slab: Slab, start, end, atNs, wallMs) => {
      used.push({ start, end, atNs, wallMs });
      onUse();
    }, clock);
    const add = (start: number, end: number): void => {
      reads.add(slab, start, end);
    };
    return { clock, pool, slab, reads, add, used, whenUsed: (then: () => void) => (onUse = then) };
  }

  it('keeps reads until the first one has waited for 90 ms, then gives all, each with its own times', () => {
    const { clock, add, used } = rig();
    const startNs = clock.monotonicNs();
    const startMs = clock.wallMs();
    add(0, 10);
    clock.advance(50);
    add(10, 30);
    clock.advance(39);
    add(30, 40);
    expect(used).toEqual([]);
    clock.advance(1);
    add(40, 60);
    expect(used).toEqual(
      [
        [0, 10, 0],
        [10, 30, 50],
        [30, 40, 89],
        [40, 60, 90],
      ].map(([start = 0, end = 0, ms = 0]) => {
        return { start, end, atNs: startNs + BigInt(ms) * 1_000_000n, wallMs: startMs + ms };
      }),
    );
    clock.advance(89);
    add(60, 70);
    expect(used).toHaveLength(4); // it waits from its own time on
  });

  it('gives them at once where they are 2 MiB', () => {
    const { add, used } = rig();
    add(0, MIB);
    add(MIB, 2 * MIB - 1);
    expect(used).toEqual([]);
    add(2 * MIB - 1, 2 * MIB);
    expect(used).toHaveLength(3);
  });

  it('retains the memory of what waits, and lets go of it when it was used', () => {
    const { pool, slab, reads, add, used } = rig();
    add(0, 1);
    slab.release();
    expect(pool.inUse).toBe(1);
    reads.useAll();
    expect(pool.inUse).toBe(0);
    expect(used).toHaveLength(1);
  });

  it('gives each read once, also where a read that is used asks for all of them', () => {
    const { reads, add, used, whenUsed } = rig();
    whenUsed(() => {
      reads.useAll();
    });
    add(0, 1);
    add(1, 2);
    reads.useAll();
    reads.useAll();
    expect(used.map(({ start }) => start)).toEqual([0, 1]);
  });
});
