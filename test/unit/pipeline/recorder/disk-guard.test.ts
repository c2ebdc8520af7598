import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DiskGuard, type DiskVerdict } from '../../../../src/pipeline/recorder/disk-guard.js';

const MIB = 1024 * 1024;

/** A disk that loses so much a second to a recording, judged every second. */
class Disk {
  readonly guard: DiskGuard;
  written = 0;
  #nowNs = 5_000_000_000n;

  constructor(
    public free: number,
    readonly minFreeBytes: number,
  ) {
    this.guard = new DiskGuard(minFreeBytes);
    this.guard.begin(this.#nowNs);
  }

  get left(): number {
    return this.free - this.minFreeBytes;
  }

  /** `lateMs`: by how much the check is late; the disk loses as much more. */
  second(bytes: number, othersBytes = 0, lateMs = 0): DiskVerdict {
    const seconds = 1 + lateMs / 1_000;
    this.written += bytes * seconds;
    this.free -= Math.round((bytes + othersBytes) * seconds);
    this.#nowNs += BigInt(1_000 + lateMs) * 1_000_000n;
    return this.guard.judge(BigInt(this.free), this.written, this.#nowNs);
  }

  seconds(count: number, bytes: number, othersBytes = 0): DiskVerdict['kind'][] {
    return Array.from({ length: count }, () => this.second(bytes, othersBytes).kind);
  }
}

describe('DiskGuard', () => {
  it('admits a recording where the limit is free, and not with one byte less', () => {
    const guard = new DiskGuard(256 * MIB);
    expect(guard.admits(BigInt(256 * MIB))).toBe(true);
    expect(guard.admits(BigInt(256 * MIB) - 1n)).toBe(false);
    expect(new DiskGuard(0).admits(0n)).toBe(true);
  });

  it('compares beyond what a double holds exactly', () => {
    expect(new DiskGuard(Number.MAX_SAFE_INTEGER).admits(2n ** 53n - 2n)).toBe(false);
  });

  it('finds enough where hours are left', () => {
    expect(new Set(new Disk(500_000 * MIB, 256 * MIB).seconds(60, 10 * MIB))).toEqual(new Set(['enough']));
  });

  it('warns once below ten minutes and once below two', () => {
    const disk = new Disk(256 * MIB + 11 * 60 * MIB, 256 * MIB);
    const warnings = [];
    for (let second = 0; second < 10 * 60; second += 1) {
      const verdict = disk.second(MIB);
      if (verdict.kind === 'soon') warnings.push({ second, minutes: verdict.minutesLeft });
    }
    expect(warnings).toEqual([
      { second: 60, minutes: expect.closeTo(9.98, 1) },
      { second: 540, minutes: expect.closeTo(1.98, 1) },
    ]);
  });

  it('goes by the last thirty seconds: what others take counts when it was taken in half of them, and not before', () => {
    const disk = new Disk(256 * MIB + 10_000 * MIB, 256 * MIB);
    disk.seconds(30, 0);
    // One of these seconds is more than a tenth of what is left.
    expect(disk.seconds(14, 0, 600 * MIB)).not.toContain('nearlyLow');
    disk.free = 256 * MIB + 300 * MIB;
    expect(disk.second(0, 0).kind).not.toBe('nearlyLow');
    const quiet = new Disk(256 * MIB + 10_000 * MIB, 256 * MIB);
    quiet.seconds(16, 0, 600 * MIB);
    expect(quiet.seconds(31, 0).at(-1)).toBe('enough');
  });

  it('counts what is lost until a late check by the second', () => {
    const disk = new Disk(256 * MIB + 11.5 * MIB, 256 * MIB);
    for (let check = 0; check < 3; check += 1) expect(disk.second(0, MIB, 2_000).kind).not.toBe('nearlyLow');
    expect(disk.left).toBe(2.5 * MIB);
    expect(disk.second(0, MIB, 1_500).kind).toBe('nearlyLow');
  });

  it('warns once, not twice, where less than two minutes are left from the beginning', () => {
    const kinds = new Disk(256 * MIB + 60 * MIB, 256 * MIB).seconds(20, MIB);
    expect(kinds.filter((kind) => kind === 'soon')).toHaveLength(1);
  });

  it('does not warn again and again around a limit, but again after it was well above', () => {
    const disk = new Disk(256 * MIB + 10 * 60 * MIB, 256 * MIB);
    const warnings = (kinds: string[]): number => kinds.filter((kind) => kind === 'soon').length;
    expect(warnings(disk.seconds(5, MIB))).toBe(1);
    for (const change of [30, -30, 30, -30]) {
      disk.free += change * MIB;
      expect(warnings(disk.seconds(3, MIB))).toBe(0);
    }
    disk.free += 20 * 60 * MIB;
    expect(warnings(disk.seconds(40, MIB))).toBe(0);
    disk.free -= 21 * 60 * MIB;
    expect(warnings(disk.seconds(40, MIB))).toBe(1);
  });

  it('counts what others write too', () => {
    const disk = new Disk(256 * MIB + 1000 * MIB, 256 * MIB);
    expect(disk.seconds(3, MIB / 1024, 10 * MIB)).toContain('soon');
  });

  it('ends a recording while what it writes until the next question still fits above the limit', () => {
    const disk = new Disk(256 * MIB + 50 * MIB, 256 * MIB);
    let verdict = disk.second(10 * MIB);
    while (verdict.kind !== 'nearlyLow') verdict = disk.second(10 * MIB);
    expect(disk.free).toBeGreaterThanOrEqual(256 * MIB);
    expect(disk.free).toBeLessThan(256 * MIB + 20 * MIB);
  });

  it('ends a recording at once where the limit is passed already, whatever the rate', () => {
    expect(new Disk(256 * MIB - 1, 256 * MIB).second(0)).toEqual({ kind: 'low' });
  });

  it('does not take what another program took in one step for a rate', () => {
    const disk = new Disk(100_000 * MIB, 256 * MIB);
    disk.seconds(5, 0.6 * MIB);
    disk.free -= 86_000 * MIB;
    expect(new Set(disk.seconds(60, 0.6 * MIB))).toEqual(new Set(['enough']));
  });

  it.each([0, 1, 2])('does so too where the step comes after %i seconds', (seconds) => {
    const disk = new Disk(100_000 * MIB, 256 * MIB);
    disk.seconds(seconds, MIB);
    disk.free -= 86_000 * MIB;
    expect(new Set(disk.seconds(60, MIB))).toEqual(new Set(['enough']));
  });

  it('judges a check that was late by its loss a second', () => {
    const disk = new Disk(256 * MIB + 1_000 * MIB, 256 * MIB);
    disk.seconds(3, MIB);
    expect(disk.second(MIB, 0, 200_000).kind).toBe('enough');
    expect(disk.left).toBe(796 * MIB);
  });

  it('says at which rate the limit would be reached before the next check', () => {
    const disk = new Disk(256 * MIB + 105 * MIB, 256 * MIB);
    disk.seconds(9, 10 * MIB);
    expect(disk.second(10 * MIB)).toEqual({ kind: 'nearlyLow', bytesPerS: 10 * MIB });
  });

  it('ends a recording in time from its first second on', () => {
    const disk = new Disk(256 * MIB + 15 * MIB, 256 * MIB);
    expect(disk.second(10 * MIB)).toEqual({ kind: 'nearlyLow', bytesPerS: 10 * MIB });
  });

  const mib = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min: min * MIB, max: max * MIB });

  it('never ends while the limit, two seconds of own writing and the median loss are left, however space comes and goes', () => {
    const step = fc.record({
      own: mib(0, 20),
      /** Mostly what others write; now and then a step, or another disk. */
      change: fc.oneof({ weight: 8, arbitrary: mib(0, 20) }, { weight: 1, arbitrary: mib(-50_000, 50_000) }),
      lateMs: fc.integer({ min: 0, max: 4_000 }),
    });
    fc.assert(
      fc.property(mib(256, 100_000), fc.array(step, { minLength: 1, maxLength: 80 }), (free, steps) => {
        const disk = new Disk(free, 256 * MIB);
        const window: { readonly own: number; readonly loss: number; readonly atS: number }[] = [];
        let atS = 0;
        for (const { own, change, lateMs } of steps) {
          const before = disk.free;
          const verdict = disk.second(own, change, lateMs);
          atS += 1 + lateMs / 1_000;
          window.push({ own, loss: (before - disk.free) / (1 + lateMs / 1_000), atS });
          const recent = window.filter((one) => atS - one.atS <= 30);
          const losses = recent.map(({ loss }) => Math.max(0, loss)).sort((a, b) => a - b);
          const median = losses[Math.floor(losses.length / 2)] ?? 0;
          const ownPerS = Math.max(...window.slice(-32).map((one) => one.own));
          if (disk.left > 2 * ownPerS + median) expect(['enough', 'soon']).toContain(verdict.kind);
          if (disk.left < 0) expect(verdict.kind).toBe('low');
        }
      }),
    );
  });

  it('always ends before the limit is passed where the disk shrinks steadily, whoever writes', () => {
    fc.assert(
      fc.property(mib(1, 50), mib(0, 50), mib(400, 2_000), (own, others, left) => {
        const disk = new Disk(256 * MIB + left, 256 * MIB);
        let verdict = disk.second(own, others);
        while (verdict.kind === 'enough' || verdict.kind === 'soon') verdict = disk.second(own, others);
        expect(verdict.kind).toBe('nearlyLow');
        expect(disk.left).toBeGreaterThanOrEqual(0);
        expect(disk.left).toBeLessThan(own + others);
      }),
    );
  });

  it('says nothing of a recording that does not grow', () => {
    expect(new Set(new Disk(257 * MIB, 256 * MIB).seconds(10, 0))).toEqual(new Set(['enough']));
  });
});
