import { describe, expect, it } from '@jest/globals';
import { frameTimes } from '../../../bench/paced.mjs';
import { FrameTimer } from '../../../bench/probe/frame-timer.mjs';
import { hook } from '../../../bench/probe/hook.mjs';

/** A thread whose time passes only where a test says so. */
class Thread {
  nowMs = 0;
  activeMs = 0;
  #due: (() => void) | null = null;
  readonly timer = new FrameTimer({
    nowMs: () => this.nowMs,
    monotonicNs: () => BigInt(Math.round(this.nowMs * 1e6)),
    activeMs: () => this.activeMs,
    afterTurn: (callback) => {
      this.#due = callback;
    },
  });

  work(ms: number): void {
    this.nowMs += ms;
    this.activeMs += ms;
  }

  wait(ms: number): void {
    this.nowMs += ms;
  }

  endTurn(): void {
    this.#due?.();
    this.#due = null;
  }

  /** Everything that one frame costs: `kernelMs` to read it, then `parseMs`, `routeMs`, and `restMs` of the same turn. */
  frame(kernelMs: number, parseMs: number, routeMs: number, restMs: number): void {
    this.work(kernelMs);
    this.timer.read(() => {
      this.work(parseMs);
      this.timer.frame(() => {
        this.work(routeMs);
      });
    });
    this.work(restMs);
    this.endTurn();
  }

  written(stampMs: number, arrivedMs: number): void {
    const [sensorTimestampNs, arrivedMonotonicNs] = [stampMs, arrivedMs].map((ms) => BigInt(ms * 1e6));
    this.timer.written(
      [{ times: { sensorTimestampNs: sensorTimestampNs ?? 0n, arrivedMonotonicNs: arrivedMonotonicNs ?? 0n } }],
      0,
      1,
    );
  }
}

describe('FrameTimer', () => {
  it('counts from the end of one frame to the end of the next: work without the kernel, the thread with it, no waiting', () => {
    const thread = new Thread();
    thread.written(0, 0); // a recording runs
    thread.frame(1, 2, 3, 4);
    thread.wait(1000);
    thread.timer.turn(); // a write came back
    thread.work(5);
    thread.endTurn();
    thread.wait(1000);
    thread.frame(1, 2, 3, 4);
    expect(thread.timer.samples.workUs.map(Math.round)).toEqual([5_000, 14_000]); // 4 + 5 + 2 + 3
    expect(thread.timer.samples.threadUs.map(Math.round)).toEqual([6_000, 15_000]);
  });

  it('tells handing over to the system apart from work', () => {
    const thread = new Thread();
    thread.written(0, 0);
    thread.timer.turn();
    thread.work(2);
    thread.timer.handOver(() => {
      thread.work(30);
    });
    thread.work(1);
    thread.endTurn();
    thread.frame(0, 1, 1, 0);
    expect(thread.timer.samples.workUs.map(Math.round)).toEqual([5_000]);
    expect(thread.timer.samples.workWithCallsUs.map(Math.round)).toEqual([35_000]);
  });

  it('takes note of how long the reader was away', () => {
    const thread = new Thread();
    thread.written(0, 0);
    thread.frame(0, 2, 3, 4);
    thread.wait(10);
    thread.work(1);
    thread.frame(0, 2, 3, 4);
    expect(thread.timer.samples.readerBusyMs.at(-1)).toBeCloseTo(10, 9);
    expect(thread.timer.samples.readerGapMs.at(-1)).toBeCloseTo(20, 9);
  });

  it('takes the frame that a read only began for none', () => {
    const thread = new Thread();
    thread.written(0, 0);
    thread.timer.read(() => {
      thread.work(7);
    });
    thread.endTurn();
    expect(thread.timer.samples.workUs).toEqual([]);
    thread.frame(0, 1, 1, 0);
    expect(thread.timer.samples.workUs.map(Math.round)).toEqual([9_000]);
  });

  it('keeps a commit apart, and the frames that come while it waits for the disk', async () => {
    const thread = new Thread();
    thread.written(0, 0);
    let disk = (): void => undefined;
    const committed = thread.timer.commit(async () => {
      thread.work(2);
      await new Promise<void>((resolve) => {
        disk = resolve;
      });
      thread.work(3);
      return 1;
    });
    thread.endTurn();
    thread.frame(0, 1, 1, 4);
    thread.timer.turn(); // a sync came back
    thread.timer.handOver(() => {
      thread.work(5);
    });
    disk();
    await committed;
    thread.endTurn();
    thread.frame(0, 1, 1, 0);
    expect(thread.timer.samples.commitUs.map(Math.round)).toEqual([10_000]);
    expect(thread.timer.samples.workUs.map(Math.round)).toEqual([2_000, 6_000]);
    expect(thread.timer.samples.workWithCallsUs.map(Math.round)).toEqual([2_000, 6_000]);
  });

  it('measures each frame from the sensor to the last byte, to the write and to the commit', async () => {
    const thread = new Thread();
    thread.wait(30);
    thread.written(10, 15);
    thread.wait(10);
    thread.written(20, 32);
    thread.wait(60);
    await thread.timer.commit(() => Promise.resolve(1));
    thread.wait(100);
    await thread.timer.commit(() => Promise.resolve(2));
    const { arrivedMs, writtenMs, durableMs } = thread.timer.samples;
    expect(arrivedMs).toEqual([5, 12]);
    expect(writtenMs).toEqual([20, 20]);
    expect(durableMs).toEqual([90, 180]);
  });

  it('notes nothing of frames before the recording', () => {
    const thread = new Thread();
    thread.frame(1, 2, 3, 4);
    expect(thread.timer.samples.workUs).toEqual([]);
    expect(thread.timer.samples.readerGapMs).toEqual([]);
  });
});

describe('frameTimes', () => {
  it('leaves the warm-up out, of frames and of as large a share of the reads', () => {
    const samples = {
      workUs: [900, 900, 10, 20],
      workWithCallsUs: [900, 900, 11, 21],
      commitUs: [700, 100],
      threadUs: [900, 900, 30, 40],
      readerBusyMs: [9, 9, 9, 9, 1, 1, 1, 2],
      readerGapMs: [9, 9, 9, 9, 3, 3, 3, 4],
      arrivedMs: [],
      writtenMs: [],
      durableMs: [],
    };
    const { workUs, threadUs, readerBusyMs, readerGapMs, commitUs } = frameTimes([samples, samples], 2);
    expect([workUs.max, workUs.count, threadUs.max]).toEqual([20, 4, 40]);
    expect([commitUs.max, commitUs.count]).toEqual([100, 2]);
    expect([readerBusyMs.max, readerGapMs.max, readerGapMs.count]).toEqual([2, 4, 8]);
  });
});

describe('hook', () => {
  it('sees arguments and result of a method, and leaves both as they are', () => {
    class Counter {
      total = 0;
      add(value: number): number {
        this.total += value;
        return this.total;
      }
    }
    const seen: unknown[] = [];
    hook(Counter.prototype, 'Counter.add', 'add', (call, _, args) => {
      const result = call();
      seen.push(args, result);
      return result;
    });
    expect(new Counter().add(3)).toBe(3);
    expect(seen).toEqual([[3], 3]);
  });

  it('refuses to watch what is not there', () => {
    expect(() => {
      hook({}, 'Counter.remove', 'remove', (call) => call());
    }).toThrow('Counter.remove');
    expect(() => {
      hook(undefined, 'Gone.add', 'add', (call) => call());
    }).toThrow('Gone.add');
  });
});
