import { describe, expect, it } from '@jest/globals';
import { growthSteps } from '../../../bench/growth.mjs';

describe('growthSteps', () => {
  it('tells what each GB cost', () => {
    const samples = [0, 1, 2, 3, 4].map((half) => ({
      seconds: half,
      bytes: half * 0.5e9,
      cpuSeconds: 10 + half * 0.4,
      residentBytes: half === 1 ? 300e6 : 100e6,
    }));
    const [first, second, ...others] = growthSteps(samples, 1e9);
    expect(first).toEqual({
      gigabytes: 1,
      megabytesPerSecond: 500,
      cpuSecondsPerGb: expect.closeTo(0.8, 9),
      residentMb: 300,
    });
    expect(second).toMatchObject({ gigabytes: 2, megabytesPerSecond: 500, residentMb: 100 });
    expect(others).toEqual([]);
  });

  it('makes one step of a leap over several, and none of a rest', () => {
    const at = (seconds: number, bytes: number) => ({ seconds, bytes, cpuSeconds: seconds, residentBytes: 1e6 });
    const steps = growthSteps([at(0, 0), at(10, 3.5e9), at(11, 4e9)], 1e9);
    expect(steps).toMatchObject([{ gigabytes: 3.5, megabytesPerSecond: 350 }]);
  });

  it('has nothing to tell without samples', () => {
    expect(growthSteps([], 1e9)).toEqual([]);
  });
});
