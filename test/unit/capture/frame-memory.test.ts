import { describe, expect, it } from '@jest/globals';
import { ReadCursor, SlabPool } from '../../../src/capture/frame-memory.js';

const KIB = 1024;

describe('SlabPool', () => {
  it('gives a slab out again only when the last who retained it released it', () => {
    const pool = new SlabPool(KIB);
    const slab = pool.claim();
    slab.retain();
    slab.release();
    expect(pool.claim()).not.toBe(slab);
    slab.release();
    expect(pool.claim()).toBe(slab);
  });

  it('keeps only so many free slabs', () => {
    const pool = new SlabPool(KIB, 2);
    const slabs = [pool.claim(), pool.claim(), pool.claim()];
    expect(pool.inUse).toBe(3);
    for (const slab of slabs) slab.release();
    expect(pool.inUse).toBe(0);
    expect(pool.free).toBe(2);
  });

  it('throws when a slab is released too often', () => {
    const slab = new SlabPool(KIB).claim();
    slab.release();
    expect(() => {
      slab.release();
    }).toThrow('more often');
  });
});

describe('ReadCursor', () => {
  it('puts reads side by side, offers at most 256 KiB, and goes on in a new slab when little room is left', () => {
    const pool = new SlabPool(300 * KIB);
    const cursor = new ReadCursor(pool);
    const pieces: [number, number][] = [];
    const slabs = new Set<unknown>();
    const read = (byteLength: number): number => {
      const offered = cursor.region().length;
      cursor.advance(byteLength, (slab, start, end) => {
        slabs.add(slab);
        pieces.push([start, end]);
      });
      return offered;
    };
    expect(read(200 * KIB)).toBe(256 * KIB);
    expect(read(50 * KIB)).toBe(100 * KIB);
    expect(read(10)).toBe(256 * KIB);
    expect(pieces).toEqual([
      [0, 200 * KIB],
      [200 * KIB, 250 * KIB],
      [0, 10],
    ]);
    expect(slabs.size).toBe(2);
    expect(pool.inUse).toBe(1);
    cursor.close();
    cursor.close();
    expect(pool.inUse).toBe(0);
  });

  it('has nothing to hand over before room was asked for', () => {
    const cursor = new ReadCursor(new SlabPool(KIB));
    let calls = 0;
    cursor.advance(5, () => {
      calls += 1;
    });
    expect(calls).toBe(0);
  });
});
