import { describe, expect, it } from '@jest/globals';
import { countIn, runTimeNs, type ProcessSample } from '../../../bench/schedule/process-sample.mjs';
import { windowCost } from '../../../bench/schedule/window.mjs';

describe('what the kernel writes', () => {
  it('has the run time first in schedstat', () => {
    expect(runTimeNs('970871 6362914 2\n')).toBe(970_871);
    expect(() => runTimeNs('0 0\n')).toThrow('schedstat');
    expect(() => runTimeNs('')).toThrow('schedstat');
  });

  it('counts voluntary switches apart from the others', () => {
    const status = 'Name:\tnode\nvoluntary_ctxt_switches:\t42\nnonvoluntary_ctxt_switches:\t7\n';
    expect(countIn(status, 'voluntary_ctxt_switches')).toBe(42);
    expect(() => countIn('Name:\tnode\n', 'voluntary_ctxt_switches')).toThrow('voluntary_ctxt_switches');
  });

  it('counts read calls apart from bytes', () => {
    const io = 'rchar: 3000\nwchar: 2000\nsyscr: 12\nsyscw: 9\nread_bytes: 0\n';
    expect(countIn(io, 'syscr')).toBe(12);
    expect(countIn(io, 'rchar')).toBe(3000);
  });
});

type Threads = Readonly<Record<number, readonly [name: string, cpuMs: number, switches: number]>>;

function sample(atMs: number, threads: Threads, rest: Partial<ProcessSample> = {}): ProcessSample {
  const entries = Object.entries(threads).map(
    ([tid, [name, cpuMs, voluntarySwitches]]) =>
      [Number(tid), { name, cpuNs: cpuMs * 1e6, voluntarySwitches }] as const,
  );
  const cpuSeconds = entries.reduce((sum, [, { cpuNs }]) => sum + cpuNs / 1e9, 0);
  return { atMs, threads: new Map(entries), readCalls: 0, bytesRead: 0, cpuSeconds, ...rest };
}

describe('windowCost', () => {
  it('takes what was used before the window off, thread by thread', () => {
    const first = sample(1_000, { 1: ['main', 500, 100], 2: ['node', 80, 10] }, { readCalls: 5, bytesRead: 100 });
    const last = sample(3_000, { 1: ['main', 510, 130], 2: ['node', 280, 50] }, { readCalls: 65, bytesRead: 700 });
    expect(windowCost([first, last])).toEqual({
      seconds: 2,
      cpuUs: 210_000,
      voluntarySwitches: 70,
      readCalls: 60,
      bytesRead: 600,
      unseenCpuUs: 0,
      cpuUsByThread: { main: 10_000, 'node 1': 200_000 },
    });
  });

  it('counts all of a thread that began within the window', () => {
    const cost = windowCost([sample(0, { 1: ['main', 5, 1] }), sample(1, { 1: ['main', 5, 1], 2: ['node', 30, 4] })]);
    expect(cost).toMatchObject({ cpuUs: 30_000, voluntarySwitches: 4 });
  });

  it('keeps the last sample of a thread that ended within the window, and says what is not in it', () => {
    const cost = windowCost([
      sample(0, { 1: ['main', 0, 0], 2: ['node', 100, 10] }),
      sample(1, { 1: ['main', 0, 0], 2: ['node', 140, 12] }),
      sample(2, { 1: ['main', 0, 0] }, { cpuSeconds: 0.19 }), // 90 ms since the first sample, 50 after the thread's last one
    ]);
    expect(cost).toMatchObject({ cpuUs: 40_000, voluntarySwitches: 2, unseenCpuUs: expect.closeTo(50_000, 3) });
  });

  it('takes what the clock ticks of the check cannot tell for nothing', () => {
    const cost = windowCost([
      sample(0, { 1: ['main', 0, 0] }),
      sample(1, { 1: ['main', 10, 0] }, { cpuSeconds: 0.03 }),
    ]);
    expect(cost.unseenCpuUs).toBe(0);
  });

  it('takes a thread id that was given away again for two threads', () => {
    const cost = windowCost([
      sample(0, { 2: ['node', 100, 10] }),
      sample(1, { 2: ['node', 150, 20] }),
      sample(2, { 2: ['dd', 30, 3] }),
    ]);
    expect(cost).toMatchObject({
      cpuUs: 80_000,
      voluntarySwitches: 13,
      cpuUsByThread: { 'node 1': 50_000, 'dd 1': 30_000 },
    });
  });

  it('tells threads of one name apart by their age, and leaves out those that never ran', () => {
    const first = sample(0, { 1: ['main', 5, 0], 9: ['node', 0, 0], 3: ['node', 7, 0], 4: ['node', 0, 0] });
    const last = sample(1, { 1: ['main', 6, 0], 9: ['node', 3, 0], 3: ['node', 7, 0], 4: ['node', 2, 0] });
    expect(windowCost([first, last]).cpuUsByThread).toEqual({ main: 1000, 'node 2': 2000, 'node 3': 3000 });
  });

  it('refuses a window without two ends', () => {
    expect(() => windowCost([])).toThrow(RangeError);
    expect(() => windowCost([sample(0, {})])).toThrow(RangeError);
  });
});
