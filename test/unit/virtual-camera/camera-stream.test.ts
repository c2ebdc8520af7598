import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { CameraStream, type StreamDependencies } from '../../../src/virtual-camera/camera-stream.js';
import { FrameSchedule } from '../../../src/virtual-camera/frame-schedule.js';
import { FrameComposer } from '../../../src/virtual-camera/picture/frame-composer.js';
import { type Ending } from '../../../src/virtual-camera/frame-faults.js';
import { type FrameSync } from '../../../src/virtual-camera/sync/frame-sync.js';
import { parseMisbehaviours } from '../../../src/virtual-camera/misbehaviours.js';
import { numbersOf, readStream } from '../../harness/read-stream.js';
import { writerOf } from './writer-of.js';

/** A descriptor that takes a write when the test says so. */
class SlowSink {
  isReading = true;
  readonly writes: Buffer[] = [];
  #waiting: (() => void) | undefined;

  write(bytes: Uint8Array, start: number, end: number, done: () => void): void {
    if (this.#waiting) throw new Error('two writes in flight');
    const copy = Buffer.from(bytes.subarray(start, end));
    this.#waiting = () => {
      this.#waiting = undefined;
      this.writes.push(copy);
      done();
    };
    if (this.isReading) queueMicrotask(() => this.#waiting?.());
  }

  /** Reads again. */
  read(): void {
    this.isReading = true;
    this.#waiting?.();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes);
  }
}

const composer = new FrameComposer({ width: 32, height: 32, quality: 50, isMono: true, title: '' });

describe('the stream', () => {
  let sink: SlowSink;
  let finished: number;
  let timeouts: number;
  let endings: Ending[];

  // The clocks of the stream are Node's own: they are stopped, and walk when the test says so.
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'setImmediate', 'nextTick'] });
    sink = new SlowSink();
    [finished, timeouts, endings] = [0, 0, []];
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  function stream(dependencies: Partial<StreamDependencies> = {}, misbehaviours = ''): CameraStream {
    const opened = new CameraStream(
      {
        fps: 100,
        composer,
        sink,
        metadata: writerOf('txt', 100, true),
        metadataTarget: 'with-frames',
        bufferCount: 6,
        withheldFrames: 0,
        frames: 0,
        timeoutMs: 0,
        isUnlimited: false,
        sync: undefined,
        ...dependencies,
      },
      {
        onFinished: () => (finished += 1),
        onTimeoutReached: () => (timeouts += 1),
        onEnding: (ending) => {
          endings.push(ending);
          opened.hang();
        },
      },
      parseMisbehaviours(misbehaviours),
    );
    opened.start();
    return opened;
  }
  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
  const numbers = (): readonly number[] => numbersOf(readStream(sink.bytes));
  const upTo = (last: number, first = 1): readonly number[] =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i);

  it('gives every frame of the grid', async () => {
    stream();
    await pass(1000);
    const frames = readStream(sink.bytes);
    expect(numbersOf(frames)).toEqual(upTo(100));
    const steps = frames.slice(1).map(({ timestampNs }, i) => timestampNs - (frames[i]?.timestampNs ?? 0n));
    expect(new Set(steps)).toEqual(new Set([10_000_000n]));
    expect(frames[99]?.metadata).toContain(`SensorTimestamp=${frames[99]?.timestampNs}\n`);
  });

  it('while nobody reads keeps what the buffers hold, loses the rest, and never bunches', async () => {
    stream();
    await pass(100);
    sink.isReading = false;
    await pass(3000);
    expect(numbers()).toEqual(upTo(10));
    sink.read();
    await pass(100);
    // One was being written, six waited; then comes the present.
    expect(numbers()).toEqual([...upTo(17), ...upTo(320, 311)]);
  });

  it('loses less with more buffers', async () => {
    stream({ bufferCount: 12 });
    sink.isReading = false;
    await pass(3000);
    sink.read();
    await pass(10);
    expect(numbers()).toEqual([...upTo(13), 301]);
  });

  it('gives the frames that came due while its own process slept, as far as there are buffers', async () => {
    const bigint = process.hrtime.bigint.bind(process.hrtime);
    let slept = 0n;
    process.hrtime.bigint = () => bigint() + slept * 1_000_000n;
    stream();
    await pass(100);
    slept += 70n;
    await pass(10);
    // 11 to 18 were due at once, one more than can be written and wait.
    expect(numbers()).toEqual(upTo(17));
    slept += 2000n;
    await pass(20);
    expect(numbers()).toEqual([...upTo(17), ...upTo(25, 19), 220]);
  });

  it('hears an interrupt when the next frame completes, and gives what waits before it ends', async () => {
    const opened = stream();
    await pass(100);
    sink.isReading = false;
    await pass(30);
    opened.interrupt();
    await pass(500);
    expect(finished).toBe(0);
    sink.read();
    await pass(0);
    expect(numbers()).toEqual(upTo(13));
    expect(finished).toBe(1);
  });

  it('does not hear it while all buffers are taken', async () => {
    const opened = stream();
    sink.isReading = false;
    await pass(1000);
    opened.interrupt();
    await pass(1000);
    sink.read();
    await pass(50);
    expect(numbers()).toEqual(upTo(7));
    expect(finished).toBe(1);
  });

  it('ends when its time is up, or when it gave the frames that were asked for', async () => {
    stream({ timeoutMs: 250 });
    await pass(1000);
    expect([finished, timeouts]).toEqual([1, 1]);
    expect(numbers()).toEqual(upTo(25));
    sink = new SlowSink();
    stream({ frames: 7, timeoutMs: 10 });
    await pass(1000);
    expect([finished, timeouts]).toEqual([2, 1]);
    expect(numbers()).toEqual(upTo(7));
  });

  it('withholds its first frames where it is told to', async () => {
    stream({ withheldFrames: 8 });
    await pass(100);
    expect(numbers()).toEqual([9, 10]);
  });

  describe('with other cameras', () => {
    /** Holds frames back up to the one before `first`. */
    function syncUntil(first: number): FrameSync & { isOpen: boolean; readonly asked: number[] } {
      return {
        isOpen: false,
        asked: [],
        open(startedUs) {
          this.isOpen = true;
          return new FrameSchedule(startedUs, 50);
        },
        attend(_, oldest) {
          this.asked.push(oldest);
        },
        isHeldBack: (number) => number < first,
        timerUs: () => 0,
        durationUs: () => 20_000,
        close() {
          this.isOpen = false;
        },
      };
    }

    it('gives frames from the moment on at which all begin, on the schedule of the synchronisation', async () => {
      const sync = syncUntil(10);
      stream({ sync, frames: 5 });
      expect(sync.isOpen).toBe(true);
      await pass(195);
      expect(sink.writes).toEqual([]);
      await pass(805);
      const frames = readStream(sink.bytes);
      expect(numbersOf(frames)).toEqual(upTo(14, 10));
      expect((frames[1]?.timestampNs ?? 0n) - (frames[0]?.timestampNs ?? 0n)).toBe(20_000_000n);
      expect([finished, sync.isOpen]).toEqual([1, false]);
    });

    it('hears an interrupt and the end of its time while it waits', async () => {
      const opened = stream({ sync: syncUntil(1e9) });
      await pass(100);
      opened.interrupt();
      await pass(20);
      expect(finished).toBe(1);
      stream({ sync: syncUntil(1e9), timeoutMs: 250 });
      await pass(300);
      expect([finished, timeouts, sink.writes]).toEqual([2, 1, []]);
    });

    it('tells the oldest frame that is still to be given', async () => {
      const sync = syncUntil(1);
      stream({ sync });
      sink.isReading = false;
      await pass(1000);
      // Frame 1 is being written, and frame 2 waits behind it.
      expect([sync.asked[0], sync.asked.at(-1)]).toEqual([1, 2]);
      expect(sync.asked.length).toBeGreaterThanOrEqual(49);
    });
  });

  it('without a rate gives frames as they are read, with the times of the grid', async () => {
    stream({ isUnlimited: true, frames: 2000, fps: 30 });
    await pass(0);
    const frames = readStream(sink.bytes);
    expect(numbersOf(frames)).toEqual(upTo(2000));
    const span = (frames.at(-1)?.timestampNs ?? 0n) - (frames[0]?.timestampNs ?? 0n);
    expect(span).toBe(66_633_333_000n);
    expect(sink.writes.length).toBeLessThan(100);
    expect(finished).toBe(1);
  });

  it('hangs without hearing an interrupt, and goes on with the gap that the time made', async () => {
    const opened = stream({}, 'hang-after=5');
    await pass(100);
    opened.interrupt();
    await pass(1000);
    expect(endings).toEqual([{ kind: 'hang' }]);
    expect([numbers(), finished]).toEqual([upTo(5), 0]);
    opened.misbehave(parseMisbehaviours(''));
    await pass(100);
    expect([numbers(), finished]).toEqual([upTo(5), 1]);
  });

  it('takes up where the sensor is after it hung', async () => {
    const opened = stream({}, 'hang-after=5');
    await pass(1000);
    opened.misbehave(parseMisbehaviours('drop=3:2'));
    await pass(100);
    // Counted from frame 5, the last one that was sent: 9 and 10 are long past.
    expect(numbers()).toEqual([...upTo(5), ...upTo(110, 101)]);
  });

  it('counts a misbehaviour from the moment it is asked for', async () => {
    const opened = stream();
    await pass(100);
    opened.misbehave(parseMisbehaviours('drop=3:2,no-metadata-at=2'));
    await pass(100);
    const frames = readStream(sink.bytes);
    expect(numbersOf(frames)).toEqual([...upTo(13), ...upTo(20, 16)]);
    expect(frames.filter(({ metadata }) => metadata === '').map(({ number }) => number)).toEqual([12]);
    opened.misbehave(parseMisbehaviours('hang-after=0'));
    await pass(100);
    expect(endings).toEqual([{ kind: 'hang' }]);
  });

  it('says what ends it when that is asked for while a write is in flight', async () => {
    const opened = stream();
    sink.isReading = false;
    await pass(30);
    opened.misbehave(parseMisbehaviours('exit-after=0:3'));
    expect(endings).toEqual([]);
    sink.read();
    await pass(0);
    expect(endings).toEqual([{ kind: 'exit', code: 3 }]);
    expect(numbers()).toEqual([1]);
  });

  it('can begin with the end', async () => {
    stream({}, 'exit-after=0:0');
    await pass(100);
    expect([endings, sink.writes]).toEqual([[{ kind: 'exit', code: 0 }], []]);
  });

  it('cuts a frame in its middle and goes on', async () => {
    stream({}, 'cut-frame=3');
    await pass(50);
    const all = sink.bytes;
    const starts = [...all.toString('latin1').matchAll(/\u00FF\u00D8\u00FF/gu)].map(({ index }) => index);
    expect(starts).toHaveLength(5);
    expect(readStream(all.subarray(0, starts[2])).length).toBe(2);
    expect(all.subarray(starts[2], starts[3]).includes(Buffer.from([0xff, 0xd9]))).toBe(false);
    expect(numbersOf(readStream(all.subarray(starts[3])))).toEqual([4, 5]);
  });

  it('stops in the middle of a frame', async () => {
    stream({}, 'cut-stream=3:7');
    await pass(50);
    expect(endings).toEqual([{ kind: 'exit', code: 7 }]);
    expect(sink.writes).toHaveLength(3);
    expect(() => readStream(sink.writes[2] ?? Buffer.alloc(0))).toThrow();
  });

  it('puts garbage before a frame, of any size and without the beginning of a frame in it', async () => {
    stream({}, 'garbage-at=2:300000');
    await pass(30);
    const [first, second, third] = sink.writes;
    expect([readStream(first ?? Buffer.alloc(0)), readStream(third ?? Buffer.alloc(0))]).toHaveLength(2);
    const garbage = second?.subarray(0, 300_000) ?? Buffer.alloc(0);
    expect(garbage.includes(0xff)).toBe(false);
    expect(new Set(garbage).size).toBe(255);
    expect(numbersOf(readStream(second?.subarray(300_000) ?? Buffer.alloc(0)))).toEqual([2]);
  });

  it('gives nothing but garbage for ever', async () => {
    stream({}, 'garbage-forever-after=2');
    await pass(100);
    expect(sink.writes).toHaveLength(10);
    expect(sink.writes.slice(2).every((write) => write.length === 16_384 && !write.includes(0xff))).toBe(true);
  });

  it('drops the frames that it was about to send', async () => {
    stream({}, 'drop=2:3');
    sink.isReading = false;
    await pass(55);
    sink.read();
    await pass(50);
    expect(numbers()).toEqual([1, 2, ...upTo(10, 6)]);
    sink = new SlowSink();
    stream({ isUnlimited: true, frames: 50 }, 'drop=2:30');
    await pass(0);
    expect(numbers()).toEqual([1, 2, ...upTo(50, 33)]);
  });

  it('writes metadata line by line where it is told to', async () => {
    stream({ frames: 3 }, 'metadata-in-pieces');
    for (let i = 0; i < 20; i += 1) {
      await pass(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(numbers()).toEqual(upTo(3));
    const [frame, ...lines] = sink.writes;
    expect(frame?.subarray(-2)).toEqual(Buffer.from([0xff, 0xd9]));
    expect(lines[0]?.toString()).toMatch(/^[A-Za-z]+=[^\n]*\n$/);
    expect(finished).toBe(1);
  });

  it('closes the list of JSON metadata at the end', async () => {
    stream({ frames: 2, metadata: writerOf('json', 100, true) });
    await pass(100);
    expect(sink.writes.at(-1)?.toString()).toBe('\n]\n');
    expect(finished).toBe(1);
  });

  it('gives frames alone where no metadata is asked for', async () => {
    stream({ frames: 3, metadata: undefined });
    await pass(100);
    expect(readStream(sink.bytes).map(({ metadata }) => metadata)).toEqual(['', '', '']);
  });
});
