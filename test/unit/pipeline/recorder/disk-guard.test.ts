import { describe, expect, it } from '@jest/globals';
import { DiskGuard, type DiskVerdict } from '../../../../src/pipeline/recorder/disk-guard.js';

const MIB = 1024 * 1024;

/** A disk that loses so much a second to a recording, judged every second. */
class Disk {
  readonly guard: DiskGuard;
  written = 0;
  #nowNs = 5_000_000_000n;

  constructor(
    public free: number,
    minFreeBytes: number,
  ) {
    this.guard = new DiskGuard(minFreeBytes);
  }

  second(bytes: number, othersBytes = 0): DiskVerdict {
    this.written += bytes;
    this.free -= bytes + othersBytes;
    this.#nowNs += 1_000_000_000n;
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
    while (verdict.kind !== 'low') verdict = disk.second(10 * MIB);
    expect(disk.free).toBeGreaterThanOrEqual(256 * MIB);
    expect(disk.free).toBeLessThan(256 * MIB + 20 * MIB);
  });

  it('ends a recording at once where the limit is passed already, whatever the rate', () => {
    expect(new Disk(256 * MIB - 1, 256 * MIB).second(0)).toEqual({ kind: 'low' });
  });

  it('says nothing of a recording that does not grow', () => {
    expect(new Set(new Disk(257 * MIB, 256 * MIB).seconds(10, 0))).toEqual(new Set(['enough']));
  });
});
