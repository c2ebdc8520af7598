import { describe, expect, it } from '@jest/globals';
import { inflateSync } from 'node:zlib';
import { dcThumbnail, shrunkTo, thumbnailPng } from '../../../../src/inspect/jpeg/thumbnail.js';
import { composer, frameOf } from '../../../harness/composed-frames.js';

describe('a thumbnail', () => {
  it('shows the bars in their places and colours', () => {
    const { width, height, channels, data } = dcThumbnail(frameOf(composer({ width: 640, height: 480 }), 1));
    expect([width, height, channels]).toEqual([80, 60, 3]);
    const at = (x: number, y: number): number[] => [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
    const near = (colour: number[]): unknown[] => colour.map((value) => expect.closeTo(value, -1.3) as unknown);
    // The bars from the left: white, yellow, cyan, green, magenta, red, blue, black.
    expect(at(4, 4)).toEqual(near([200, 200, 200]));
    expect(at(14, 4)).toEqual(near([200, 190, 30]));
    expect(at(54, 4)).toEqual(near([195, 45, 45]));
    expect(at(64, 4)).toEqual(near([45, 70, 190]));
  });

  it('is a PNG no wider than asked', () => {
    const png = thumbnailPng(frameOf(composer({ width: 640, height: 480 }), 1), 40);
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([40, 30]);
    const data = png.subarray(41, 41 + png.readUInt32BE(33));
    expect(inflateSync(data)).toHaveLength((40 * 3 + 1) * 30);
  });

  it('takes the mean of the pixels that each of its own stands for', () => {
    const pixels = { width: 4, height: 2, channels: 1, data: Buffer.from([0, 10, 20, 30, 40, 50, 60, 70]) } as const;
    expect(shrunkTo(2, pixels)).toEqual({ width: 2, height: 1, channels: 1, data: Buffer.from([25, 45]) });
    expect(shrunkTo(4, pixels)).toBe(pixels);
  });

  it('says so where the picture is damaged', () => {
    const jpeg = frameOf(composer(), 1);
    jpeg.fill(0, jpeg.length - 4000, jpeg.length - 2);
    expect(() => thumbnailPng(jpeg, 40)).toThrow('The picture cannot be decoded: ');
  });
});
