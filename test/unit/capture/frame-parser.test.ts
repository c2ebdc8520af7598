import assert from 'node:assert/strict';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { jpeg, jpegHeader, jpegOfSize, metadata, scanData, segment } from './jpeg-bytes.js';
import { Parsing, WALL_MS } from './parsing.js';

const FIRST_NS = 9_297_983_128_000n;
const PERIOD_NS = 16_666_000n;

function timestamp(index: number): bigint {
  return FIRST_NS + BigInt(index) * PERIOD_NS;
}

function withMetadata(picture: Buffer, index: number): Buffer {
  const times = { SensorTimestamp: timestamp(index), FrameDuration: 16_666 };
  return Buffer.concat([picture, metadata({ ExposureTime: 3000, ...times, Lux: '12.5' })]);
}

function stream(pictures: readonly Buffer[]): Buffer {
  return Buffer.concat(pictures.map((picture, index) => withMetadata(picture, index)));
}

/**
 * Byte for byte. By Node's `assert`: jest's own comparison of buffers is a hundred times slower, and an `expect` takes 50 µs.
 * What cuts a stream at every byte compares tens of thousands of times.
 */
function expectSame(pictures: readonly Buffer[], expected: readonly Buffer[]): void {
  assert.deepEqual(
    pictures.map((picture) => picture.length),
    expected.map((picture) => picture.length),
  );
  assert(Buffer.concat(pictures).equals(Buffer.concat(expected)), 'the bytes of the pictures');
}

describe('FrameParser', () => {
  it('finds the same frames wherever the stream is cut', () => {
    const pictures = [jpeg(Buffer.from([0xff, 0xff, 1])), jpeg(Buffer.alloc(0)), jpeg(Buffer.from([7]))];
    const bytes = stream(pictures);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const parsing = new Parsing();
      parsing.run(bytes, [cut]);
      expectSame(parsing.pictures, pictures);
      assert.deepEqual(parsing.sensorTimestamps, [timestamp(0), timestamp(1), timestamp(2)]);
      assert.deepEqual(parsing.corrupt, []);
    }
  });

  it('finds the same frames when every byte comes alone, and when slabs are tiny', () => {
    const pictures = [jpeg(), jpeg(Buffer.from([9, 8, 7]))];
    const bytes = stream(pictures);
    for (const slabBytes of [1, 3, 100, 4096]) {
      const parsing = new Parsing({}, slabBytes);
      parsing.run(
        bytes,
        Array.from(bytes, (_, index) => index),
      );
      expectSame(parsing.pictures, pictures);
      expect(parsing.corrupt).toEqual([]);
      parsing.release();
      expect(parsing.pool.inUse).toBe(0);
    }
  });

  it('gives size, times and pieces of a frame', () => {
    const parsing = new Parsing({}, 512);
    const picture = jpeg(Buffer.alloc(1000, 5), { width: 640, height: 480 });
    parsing.run(
      Buffer.concat([
        picture,
        metadata({
          FrameWallClock: 1_767_709_852_123_456n,
          FrameDuration: 16_666,
          SensorTimestamp: 18_446_744_073_709_551_615n,
        }),
      ]),
    );
    const [parsed] = parsing.frames;
    expect(parsed).toMatchObject({ width: 640, height: 480 });
    expect(parsed?.frame.byteLength).toBe(picture.length);
    expect(parsed?.frame.bytes.length).toBe(Math.ceil(picture.length / 512));
    expect(parsed?.frame.times).toEqual({
      sensorTimestampNs: 18_446_744_073_709_551_615n,
      arrivedMonotonicNs: BigInt(Math.ceil(picture.length / 512)),
      wallClockUs: 1_767_709_852_123_456n,
      frameDurationUs: 16_666,
    });
  });

  it('stamps a frame with the read that brought its last byte, not with that of its metadata', () => {
    const parsing = new Parsing();
    const picture = jpeg();
    parsing.push(picture.subarray(0, 50));
    parsing.push(picture.subarray(50));
    parsing.push(metadata({ SensorTimestamp: 5 }));
    expect(parsing.frames[0]?.frame.times.arrivedMonotonicNs).toBe(2n);
  });

  it.each([
    ['microseconds', 1_767_709_852_123_456n, 1_767_709_852_123_456n],
    ['nanoseconds', 1_767_709_852_123_456_789n, 1_767_709_852_123_456n],
  ])('reads a wall clock in %s', (_unit, given, expected) => {
    const parsing = new Parsing();
    parsing.run(Buffer.concat([jpeg(), metadata({ FrameWallClock: given })]));
    expect(parsing.frames[0]?.frame.times.wallClockUs).toBe(expected);
  });

  it('reads a wall clock in nanoseconds on a machine that stands in 1970', () => {
    const parsing = new Parsing({}, undefined, 25_050);
    parsing.run(Buffer.concat([jpeg(), metadata({ FrameWallClock: 25_000_000_000 })]));
    expect(parsing.frames[0]?.frame.times.wallClockUs).toBe(25_000_000n);
  });

  it('takes our wall clock where the camera gives none', () => {
    const parsing = new Parsing();
    parsing.run(withMetadata(jpeg(), 0));
    expect(parsing.frames[0]?.frame.times.wallClockUs).toBe(BigInt(WALL_MS) * 1000n);
  });

  it('is not ended by an FF D9 in a header segment, nor confused by a thumbnail', () => {
    const thumbnail = Buffer.concat([Buffer.from([1, 2, 0xff, 0xd9, 0xff]), jpeg()]);
    const pictures = [jpeg(Buffer.from([4]), { app1: thumbnail }), jpeg()];
    const bytes = stream(pictures);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const parsing = new Parsing();
      parsing.run(bytes, [cut]);
      expectSame(parsing.pictures, pictures);
    }
  });

  it('accepts fill bytes before markers, restart markers in the scan and several FF before the end', () => {
    const header = jpegHeader();
    const filled = Buffer.concat([header.subarray(0, 2), Buffer.from([0xff, 0xff]), header.subarray(2)]);
    const picture = Buffer.concat([filled, Buffer.from([1, 0xff, 0xd0, 2, 0xff, 0xd7, 3, 0xff, 0xff, 0xff, 0xd9])]);
    const parsing = new Parsing();
    parsing.run(withMetadata(picture, 0));
    expectSame(parsing.pictures, [picture]);
  });

  describe('metadata', () => {
    it('hands a frame over when the empty line came, not before', () => {
      const parsing = new Parsing();
      parsing.push(jpeg());
      parsing.push(Buffer.from('SensorTimestamp=42\n'));
      expect(parsing.frames).toHaveLength(0);
      parsing.push(Buffer.from('\n'));
      expect(parsing.sensorTimestamps).toEqual([42n]);
    });

    it('hands a frame without metadata over when the next one begins, or at the end of the stream', () => {
      const parsing = new Parsing();
      parsing.push(jpeg());
      parsing.push(jpeg().subarray(0, 3));
      expect(parsing.sensorTimestamps).toEqual([0n]);
      parsing.push(jpeg().subarray(3));
      parsing.parser.finish();
      expect(parsing.sensorTimestamps).toEqual([0n, 0n]);
      expect(parsing.corrupt).toEqual([]);
    });

    it('hands a frame over with its last byte where none are expected', () => {
      const parsing = new Parsing({ expectMetadata: false });
      parsing.push(jpeg());
      expect(parsing.sensorTimestamps).toEqual([0n]);
    });

    it('stops waiting after three frames without any, and waits again when they come', () => {
      const parsing = new Parsing();
      for (let index = 0; index < 4; index += 1) parsing.push(jpeg());
      expect(parsing.frames).toHaveLength(4);
      parsing.push(metadata({ SensorTimestamp: 1 }));
      parsing.push(jpeg());
      expect(parsing.frames).toHaveLength(4);
      parsing.push(metadata({ SensorTimestamp: 2 }));
      expect(parsing.sensorTimestamps).toEqual([0n, 0n, 0n, 0n, 2n]);
      expect(parsing.corrupt).toEqual([]);
    });

    it('keeps what came in whole lines when the block is cut by the next frame', () => {
      const parsing = new Parsing();
      parsing.run(
        Buffer.concat([jpeg(), Buffer.from('FrameDuration=16666\nSensorTimestamp=92'), withMetadata(jpeg(), 1)]),
      );
      expect(parsing.sensorTimestamps).toEqual([0n, timestamp(1)]);
      expect(parsing.frames[0]?.frame.times.frameDurationUs).toBe(16_666);
      expect(parsing.corrupt).toEqual(['SensorTimestamp=92'.length]);
    });

    it('does without the empty line when the next frame follows', () => {
      const parsing = new Parsing();
      parsing.run(Buffer.concat([jpeg(), Buffer.from('SensorTimestamp=7\n'), withMetadata(jpeg(), 1)]));
      expect(parsing.sensorTimestamps).toEqual([7n, timestamp(1)]);
      expect(parsing.corrupt).toEqual([]);
    });

    it.each(['SensorTimestamp=', 'SensorTimestamp=12x', 'SensorTimestamp=-5', `SensorTimestamp=${'1'.repeat(21)}`])(
      'takes %s for no timestamp',
      (line) => {
        const parsing = new Parsing();
        parsing.run(Buffer.concat([jpeg(), Buffer.from(`${line}\n\n`)]));
        expect(parsing.sensorTimestamps).toEqual([0n]);
        expect(parsing.corrupt).toEqual([]);
      },
    );

    it('ignores names that only begin alike, and carriage returns', () => {
      const parsing = new Parsing();
      parsing.run(
        Buffer.concat([
          jpeg(),
          Buffer.from('SensorTemperature=30.5\r\nFocusFoM=12\r\nFrameWallClockX=5\r\nSensorTimestamp=8\r\n\r\n'),
        ]),
      );
      expect(parsing.sensorTimestamps).toEqual([8n]);
      expect(parsing.frames[0]?.frame.times.wallClockUs).toBe(BigInt(WALL_MS) * 1000n);
      expect(parsing.corrupt).toEqual([]);
    });

    it.each([
      ['a line without "="', Buffer.from('no metadata\n'), 12],
      ['a line without "=" that ends in CRLF', Buffer.from('no metadata\r\n'), 13],
      ['an endless line', Buffer.alloc(5000, 'a'), 5000],
      ['bytes that are no text', Buffer.from([0x41, 0x00, 0x80]), 3],
    ])('counts %s as garbage, and keeps the frame', (_what, garbage, byteCount) => {
      const parsing = new Parsing();
      parsing.run(Buffer.concat([jpeg(), garbage, withMetadata(jpeg(), 1)]));
      expectSame(parsing.pictures, [jpeg(), jpeg()]);
      expect(parsing.corrupt).toEqual([byteCount]);
    });

    it('gives up a block that never ends', () => {
      const parsing = new Parsing();
      parsing.push(Buffer.concat([jpeg(), Buffer.from('A=1\n'.repeat(300))]));
      expect(parsing.frames).toHaveLength(1);
    });
  });

  describe('damage', () => {
    it('throws garbage away up to the next frame and reports each run once', () => {
      const garbage = Buffer.from([1, 2, 0xff, 0xd8, 0x00, 0xff, 0xff, 0xd8, 0xff, 0x00, 9, 9]);
      const bytes = Buffer.concat([garbage, withMetadata(jpeg(), 0), garbage, garbage, withMetadata(jpeg(), 1)]);
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const parsing = new Parsing();
        parsing.run(bytes, [cut]);
        expectSame(parsing.pictures, [jpeg(), jpeg()]);
        assert.deepEqual(parsing.corrupt, [garbage.length, 2 * garbage.length]);
      }
    });

    it('loses only the frame that was cut, wherever it was cut, and counts its bytes', () => {
      const whole = jpeg(Buffer.from([1, 2, 0xff, 0, 3, 0xff]));
      const next = jpegOfSize(1500, 7);
      // Shorter than the SOI it is garbage all the same; from 1 on, something is left of it.
      for (let cut = 1; cut < whole.length; cut += 1) {
        for (const border of [0, cut, cut + 1, cut + 2]) {
          const parsing = new Parsing();
          parsing.run(Buffer.concat([whole.subarray(0, cut), stream([next, next, next])]), [border]);
          expectSame(parsing.pictures, [next, next, next]);
          assert.deepEqual(parsing.corrupt, [cut]);
        }
      }
    });

    it('counts a frame that the end of the stream cut', () => {
      const whole = jpeg(Buffer.alloc(100, 1));
      for (let cut = 1; cut < whole.length; cut += 1) {
        const parsing = new Parsing();
        parsing.run(Buffer.concat([withMetadata(jpeg(), 0), whole.subarray(0, cut)]));
        expectSame(parsing.pictures, [jpeg()]);
        assert.deepEqual(parsing.corrupt, [cut]);
        parsing.release();
        assert.equal(parsing.pool.inUse, 0);
      }
    });

    it('still finds a frame that a wrong length had skipped when the stream ends', () => {
      const liar = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0xff, 0x00]);
      const parsing = new Parsing();
      parsing.run(Buffer.concat([liar, withMetadata(jpeg(), 0)]));
      expectSame(parsing.pictures, [jpeg()]);
      expect(parsing.corrupt).toEqual([liar.length]);
    });

    it.each([
      ['a scan of some coefficients only', Buffer.concat([jpegHeader().subarray(0, -2), Buffer.from([62, 0])])],
      ['a scan before the frame header', Buffer.concat([Buffer.from([0xff, 0xd8]), jpegHeader().subarray(-14)])],
      ['a width of 0', jpegHeader({ width: 0 })],
      ['a height of 0', jpegHeader({ height: 0 })],
      ['an end without a scan', Buffer.from([0xff, 0xd8, 0xff, 0xd9, 0, 0])],
      ['two frame headers', Buffer.concat([jpegHeader().subarray(0, -14), jpegHeader().subarray(2)])],
      ['a segment of length 1', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 1])],
      ['a restart interval of 5 bytes', Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0xdd, Buffer.alloc(5))])],
      ['a marker that is none', Buffer.concat([Buffer.from([0xff, 0xd8]), segment(0x02, Buffer.alloc(5))])],
    ])('takes %s for no frame', (_what, header) => {
      const parsing = new Parsing();
      const broken = Buffer.concat([header, scanData(Buffer.from([1, 2, 3])), Buffer.from([0xff, 0xd9])]);
      parsing.run(Buffer.concat([broken, withMetadata(jpeg(), 0)]));
      expectSame(parsing.pictures, [jpeg()]);
      expect(parsing.corrupt).toEqual([broken.length]);
    });

    it('gives up a frame that is longer than the limit', () => {
      const parsing = new Parsing({ maxFrameBytes: 2000 }, 1024);
      const endless = Buffer.concat([jpegHeader(), Buffer.alloc(5000, 1)]);
      parsing.run(Buffer.concat([endless, withMetadata(jpeg(), 0)]));
      expectSame(parsing.pictures, [jpeg()]);
      expect(parsing.corrupt).toEqual([endless.length]);
      parsing.release();
      expect(parsing.pool.inUse).toBe(0);
    });

    it('holds no memory of a stream full of garbage', () => {
      const parsing = new Parsing({}, 4096);
      for (let round = 0; round < 100; round += 1) parsing.push(Buffer.alloc(4096, round));
      expect(parsing.pool.inUse).toBe(1);
      parsing.parser.finish();
      expect(parsing.corruptBytes).toBe(100 * 4096);
    });
  });

  describe('in a steady stream', () => {
    const large = jpegOfSize(1300, 7);
    const small = jpegOfSize(600, 3);
    const steady = [large, large];

    /** Where the search for a frame's end begins is told by what it does not see. */
    function withEarlyEnd(share: number): Buffer {
      const spoilt = Buffer.from(large);
      spoilt.set([0xff, 0xd9], Math.floor(large.length * share));
      return spoilt;
    }

    it('tells the size of each frame, whether its header is the last one’s or another', () => {
      const wide = { width: 640, height: 480 };
      const high = { width: 480, height: 640 };
      const sizes = [wide, wide, high, wide, high, high];
      const parsing = new Parsing();
      parsing.run(stream(sizes.map((size) => jpeg(Buffer.alloc(900, 5), size))));
      expect(parsing.frames.map(({ width, height }) => ({ width, height }))).toEqual(sizes);
    });

    it('knows a header again only if all of it is there', () => {
      const parsing = new Parsing();
      const short = jpeg(Buffer.alloc(0));
      parsing.run(Buffer.concat([stream([large, large]), short.subarray(0, 100)]));
      expectSame(parsing.pictures, [large, large]);
      expect(parsing.corrupt).toEqual([100]);
    });

    it('looks for the end of a frame from seven eighths of the last one on', () => {
      const pictures = [...steady, withEarlyEnd(0.87), large];
      const parsing = new Parsing();
      parsing.run(stream(pictures));
      expectSame(parsing.pictures, pictures);
    });

    it('looks closer behind the length of frames that have been alike for a while', () => {
      const alike = Array.from({ length: 250 }, () => large);
      const pictures = [...alike, withEarlyEnd(0.98), large];
      const parsing = new Parsing();
      parsing.run(stream(pictures));
      expectSame(parsing.pictures, pictures);
    });

    it('looks twice as far before it as frames got shorter lately', () => {
      const alike = Array.from({ length: 250 }, () => large);
      const parsing = new Parsing();
      parsing.run(stream([...alike, jpegOfSize(1_235, 7), large, withEarlyEnd(0.92)]));
      expect(parsing.pictures).toHaveLength(253);
      expect(parsing.pictures.at(-1)?.length).toBe(Math.floor(large.length * 0.92) + 2);
    });

    it.each([
      ['the first frames', [large, withEarlyEnd(0.8)], undefined],
      ['frames without a timestamp', [...steady, large, withEarlyEnd(0.8)], { SensorTimestamp: 0 }],
      ['frames without a duration', [...steady, large, withEarlyEnd(0.8)], { FrameDuration: 0 }],
      ['frames whose timestamps go back', [...steady, large, withEarlyEnd(0.8)], { SensorTimestamp: FIRST_NS - 1n }],
      ['frames whose rate changes', [...steady, large, withEarlyEnd(0.8)], { FrameDuration: 14_000 }],
    ])('looks at every byte of %s', (_what, pictures, lastTimes) => {
      const parsing = new Parsing();
      const times = pictures.map((_, index) => ({
        SensorTimestamp: timestamp(index),
        FrameDuration: 16_666,
        ...(index >= 2 ? lastTimes : {}),
      }));
      parsing.run(
        Buffer.concat(pictures.map((picture, index) => Buffer.concat([picture, metadata(times[index] ?? {})]))),
      );
      expectSame(parsing.pictures.slice(0, -1), pictures.slice(0, -1));
      expect(parsing.pictures.at(-1)?.length).toBe(Math.floor(large.length * 0.8) + 2);
    });

    it('finds frames that are much shorter than the last one, wherever the stream is cut', () => {
      const pictures = [...steady, small, small, large, large, small];
      const bytes = stream(pictures);
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const parsing = new Parsing({}, 4096);
        parsing.run(bytes, [cut]);
        expectSame(parsing.pictures, pictures);
        assert.deepEqual(
          parsing.sensorTimestamps,
          pictures.map((_, index) => timestamp(index)),
        );
        assert.deepEqual(parsing.corrupt, []);
        parsing.release();
        assert.equal(parsing.pool.inUse, 0);
      }
    });

    it('finds a frame whose end was skipped by a few bytes, wherever the stream is cut', () => {
      const shorter = jpegOfSize(1_100, 5);
      const pictures = [...steady, shorter, large, large];
      const bytes = stream(pictures);
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const parsing = new Parsing({}, 8192);
        parsing.run(bytes, [cut]);
        expectSame(parsing.pictures, pictures);
        assert.deepEqual(parsing.corrupt, []);
        parsing.release();
      }
    });

    it('hands a much shorter frame over when its empty line came, not with the next frame', () => {
      const parsing = new Parsing();
      for (const bytes of [...steady, small].map((picture, index) => withMetadata(picture, index))) parsing.push(bytes);
      expectSame(parsing.pictures, [...steady, small]);
      expect(parsing.frames.at(-1)?.frame.times.arrivedMonotonicNs).toBe(3n);
    });

    it('loses only the frame that was cut, wherever it was cut', () => {
      for (let cut = 1; cut < large.length; cut += 1) {
        const parsing = new Parsing({}, 4096);
        const before = stream(steady);
        const after = [small, large].map((picture, index) => withMetadata(picture, index + 3));
        parsing.run(Buffer.concat([before, large.subarray(0, cut), ...after]), [before.length + cut]);
        expectSame(parsing.pictures, [...steady, small, large]);
        assert.deepEqual(parsing.corrupt, [cut]);
      }
    });

    it('finds a much shorter frame whose metadata the end of the stream cut', () => {
      const last = withMetadata(small, 2);
      for (let left = 0; left < last.length - small.length; left += 1) {
        const parsing = new Parsing();
        parsing.run(Buffer.concat([stream(steady), last.subarray(0, small.length + left)]));
        expectSame(parsing.pictures, [...steady, small]);
      }
    });

    it('gives up a frame that is longer than the limit', () => {
      const parsing = new Parsing({ maxFrameBytes: 2000 }, 1024);
      const endless = Buffer.concat([jpegHeader(), Buffer.alloc(5000, 1)]);
      parsing.run(Buffer.concat([stream(steady), small, endless, withMetadata(small, 4)]));
      expectSame(parsing.pictures, [...steady, small, small]);
      expect(parsing.corrupt).toEqual([endless.length]);
      parsing.release();
      expect(parsing.pool.inUse).toBe(0);
    });
  });

  it('reads a progressive JPEG of another tool up to its first end marker', () => {
    const picture = jpeg();
    const sof = picture.indexOf(Buffer.from([0xff, 0xc0]));
    picture[sof + 1] = 0xc2;
    const sos = picture.indexOf(Buffer.from([0xff, 0xda]));
    picture[sos + 12] = 5; // Se of a first scan
    const parsing = new Parsing();
    parsing.run(withMetadata(picture, 0));
    expectSame(parsing.pictures, [picture]);
  });

  it.each([1024, 281_000, 8 * 1024 * 1024])('cuts frames of %d bytes in reads of 64 to 256 KiB', (byteLength) => {
    const pictures = [jpegOfSize(byteLength, 1), jpegOfSize(byteLength, 2), jpegOfSize(byteLength, 3)];
    const bytes = stream(pictures);
    const parsing = new Parsing({}, 4 * 1024 * 1024);
    const cuts: number[] = [];
    for (let at = 0; at < bytes.length; at += cuts.length % 2 === 0 ? 65_536 : 262_144) cuts.push(at);
    parsing.run(bytes, cuts);
    expectSame(parsing.pictures, pictures);
    expect(parsing.corrupt).toEqual([]);
    parsing.release();
    expect(parsing.pool.inUse).toBe(0);
  });

  it('accounts for every byte of any stream of frames, garbage and cut frames, whatever the reads', () => {
    const anyFrame = fc
      .record({
        scan: fc.uint8Array({ maxLength: 1500, size: 'max' }),
        app1: fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined }),
      })
      .map(({ scan, app1 }) => jpeg(scan, app1 === undefined ? {} : { app1: Buffer.from(app1) }));
    // No FF: random bytes that look like a frame's start are tried above.
    const anyGarbage = fc.uint8Array({ maxLength: 60, max: 0xfe }).map((bytes) => Buffer.from(bytes));
    const anyPart = fc.record({
      frame: anyFrame,
      garbage: anyGarbage,
      cutAt: fc.option(fc.nat(), { nil: undefined, freq: 4 }),
    });
    fc.assert(
      fc.property(
        fc.array(anyPart, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.integer({ min: 16, max: 3000 }),
        (parts, cuts, slabBytes) => {
          const expected: Buffer[] = [];
          let thrownAway = 0;
          const bytes = Buffer.concat(
            parts.flatMap(({ frame, garbage, cutAt }, index) => {
              thrownAway += garbage.length;
              if (cutAt === undefined) {
                expected.push(frame);
                return [garbage, withMetadata(frame, index)];
              }
              const cut = cutAt % frame.length;
              thrownAway += cut;
              return [garbage, frame.subarray(0, cut)];
            }),
          );
          const parsing = new Parsing({}, slabBytes);
          parsing.run(
            bytes,
            cuts.map((cut) => cut % (bytes.length + 1)),
          );
          expectSame(parsing.pictures, expected);
          expect(parsing.corruptBytes).toBe(thrownAway);
          parsing.release();
          expect(parsing.pool.inUse).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});
