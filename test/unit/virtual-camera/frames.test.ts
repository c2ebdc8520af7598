import { describe, expect, it } from '@jest/globals';

import { composer, frameOf } from '../../harness/composed-frames.js';
import { readJpeg } from '../../harness/read-stream.js';

/** Restart markers of the scan in order, and whether any other marker is in it. */
function restartMarkers(jpeg: Buffer): readonly number[] {
  const found: number[] = [];
  const scan = jpeg.lastIndexOf(Buffer.from([0xff, 0xda]));
  for (let at = scan + 14; at < jpeg.length - 2; at += 1) {
    if (jpeg[at] !== 0xff || jpeg[at + 1] === 0) continue;
    found.push((jpeg[at + 1] ?? 0) - 0xd0);
  }
  return found;
}

describe('a composed frame', () => {
  it('carries its number, its timestamp in nanoseconds and its size', () => {
    const { frame, end } = readJpeg(frameOf(composer({ width: 642, height: 362 }), 123_456), 0);
    expect(frame).toMatchObject({ number: 123_456, timestampNs: 1_123_456_000n, width: 642, height: 362 });
    expect(end).toBe(frame.jpeg.length);
  });

  it('differs from every other one of a long run', () => {
    const from = composer({ width: 64, height: 64 });
    const seen = new Set<string>();
    for (let number = 1; number <= 5000; number += 1) {
      const jpeg = frameOf(from, number);
      const scan = jpeg.subarray(jpeg.indexOf(Buffer.from([0xff, 0xda])));
      seen.add(scan.toString('latin1'));
    }
    expect(seen.size).toBe(5000);
  });

  it.each([
    [656, 480],
    [100, 1000],
    [64, 48],
    [16, 16],
  ])('numbers its restart markers in order at %ix%i', (width, height) => {
    const markers = restartMarkers(frameOf(composer({ width, height }), 9_876_543));
    const mcus = Math.ceil(width / 16) * Math.ceil(height / 16);
    expect(markers).toEqual(Array.from({ length: mcus - 1 }, (_, index) => index % 8));
  });

  it('is as large as those of a camera, and larger at a better quality', () => {
    const ofCamera = frameOf(composer({ width: 1456, height: 1088, quality: 85, isMono: true }), 1).length;
    expect(ofCamera).toBeGreaterThan(150_000);
    expect(ofCamera).toBeLessThan(280_000);
    const sizeAt = (quality: number): number => frameOf(composer({ quality }), 1).length;
    expect(sizeAt(95)).toBeGreaterThan(1.3 * sizeAt(85));
    expect(sizeAt(50)).toBeLessThan(0.7 * sizeAt(85));
  });

  it('never exceeds the room that it announces', () => {
    const from = composer({ width: 640, height: 480 });
    from.hasEndOfImageInHeader = true;
    const longest = Math.max(...Array.from({ length: 500 }, (_, i) => frameOf(from, 10 ** 8 + i * 7919).length));
    expect(longest).toBeLessThanOrEqual(from.maxFrameBytes);
  });

  it('can hold an end marker in its header', () => {
    const from = composer();
    from.hasEndOfImageInHeader = true;
    const jpeg = frameOf(from, 7);
    const first = jpeg.indexOf(Buffer.from([0xff, 0xd9]));
    expect(first).toBeLessThan(jpeg.indexOf(Buffer.from([0xff, 0xda])));
    expect(readJpeg(jpeg, 0)).toMatchObject({ end: jpeg.length, frame: { number: 7 } });
  });
});
