import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { embeddedNumberOf } from '../../../../src/inspect/jpeg/embedded-number.js';
import { EntropyDecoder } from '../../../../src/inspect/jpeg/entropy-decoder.js';
import { pixelFormatOf, readJpegHeader } from '../../../../src/inspect/jpeg/jpeg-header.js';
import { composer, frameOf } from '../../../harness/composed-frames.js';

const decoder = new EntropyDecoder();
/** Written by libjpeg. */
const CAMERA_FRAME = readFileSync(new URL('../../../../fixtures/frame-320x240.jpg', import.meta.url));
/** A restart marker behind each MCU. */
const WITH_RESTARTS = frameOf(composer(), 7);

/** Grey, 16x8: two blocks without any detail, by the standard tables, which it leaves out. */
const GREY = Buffer.from(
  `ffd8 ffdb0043 00${'01'.repeat(64)} ffc0000b 08 0008 0010 01 011100 ffda0008 01 0100 003f00 28af ffd9`.replaceAll(
    ' ',
    '',
  ),
  'hex',
);

function header(jpeg: Buffer): Exclude<ReturnType<typeof readJpegHeader>, string> {
  const found = readJpegHeader(jpeg);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

/** The frame with `bytes` in place of those at `at`. */
function patched(jpeg: Buffer, at: number, bytes: readonly number[]): Buffer {
  const copy = Buffer.from(jpeg);
  copy.set(bytes, at);
  return copy;
}

/** The frame without its last `count` bytes of scan, or with more of them. */
function withScanEnd(jpeg: Buffer, cut: number, more: readonly number[] = []): Buffer {
  return Buffer.concat([jpeg.subarray(0, jpeg.length - 2 - cut), Buffer.from(more), Buffer.from([0xff, 0xd9])]);
}

describe('the entropy decoder', () => {
  it.each([
    ['a camera', CAMERA_FRAME],
    ['the virtual camera, with a restart marker behind each MCU', WITH_RESTARTS],
    ['a monochrome camera that leaves the standard tables out', GREY],
  ])('passes a frame of %s', (_, jpeg) => {
    expect(decoder.decode(jpeg)).toBeUndefined();
  });

  it.each([
    ['ends a byte early', withScanEnd(CAMERA_FRAME, 40), 'its entropy code ends before its last block'],
    [
      'has bytes behind its last block',
      withScanEnd(CAMERA_FRAME, 0, [0x12, 0x34]),
      'its entropy code goes on behind its last block',
    ],
    ['is padded with zeros', withScanEnd(GREY, 1, [0xa0]), 'its entropy code does not end in ones'],
    [
      'has bytes behind its end',
      Buffer.concat([CAMERA_FRAME, Buffer.alloc(3)]),
      'it ends 3 bytes before its frame does',
    ],
    ['has no table for its blocks', patched(GREY, GREY.indexOf('ffda', 'hex') + 6, [0x22]), 'it lacks a Huffman table'],
  ])('says what is wrong with a frame that %s', (_, jpeg, wrong) => {
    expect(decoder.decode(jpeg)).toBe(wrong);
  });

  it('misses a restart marker, and one that is out of turn', () => {
    const at = WITH_RESTARTS.indexOf('ffd3', header(WITH_RESTARTS).scanAt, 'hex');
    expect(decoder.decode(patched(WITH_RESTARTS, at, [0xff, 0xd5]))).toBe(
      'restart marker 3 is missing before its MCU 5',
    );
    expect(decoder.decode(Buffer.concat([WITH_RESTARTS.subarray(0, at), WITH_RESTARTS.subarray(at + 2)]))).toMatch(
      /^its entropy code/,
    );
  });

  it('finds 4 KiB of zeros wherever they are in the scan', () => {
    for (let at = header(CAMERA_FRAME).scanAt; at + 4096 < CAMERA_FRAME.length - 2; at += 977) {
      expect(decoder.decode(Buffer.from(CAMERA_FRAME).fill(0, at, at + 4096))).toBeDefined();
    }
  });

  it('comes to an end with whatever bytes there are, and is as good as new for the next frame', () => {
    for (let turn = 0; turn < 400; turn += 1) {
      const at = (turn * 6151) % CAMERA_FRAME.length;
      const jpeg = patched(CAMERA_FRAME, at, [(turn * 37) & 0xff]);
      expect(['string', 'undefined']).toContain(typeof decoder.decode(turn % 3 === 0 ? jpeg.subarray(0, at) : jpeg));
    }
    expect(decoder.decode(CAMERA_FRAME)).toBeUndefined();
  });

  it('decodes a picture whose components come one after the other', () => {
    // Both grey blocks twice more, as the chroma of a picture with full sampling, each in a scan of its own.
    const sos = (id: number): string => `ffda0008 01 0${id}00 003f00 28af`;
    const head = `ffd8 ffdb0043 00${'01'.repeat(64)} ffc00011 08 0008 0010 03 011100 021100 031100`;
    const jpeg = Buffer.from(`${head} ${sos(1)} ${sos(2)} ${sos(3)} ffd9`.replaceAll(' ', ''), 'hex');
    expect(decoder.decode(jpeg)).toBeUndefined();
    expect(pixelFormatOf(header(jpeg))).toBe('yuvj444p');
  });
});

describe('the header of a JPEG', () => {
  it('tells size, sampling and where the scan begins, past a thumbnail in a segment', () => {
    const withThumbnail = composer();
    withThumbnail.hasEndOfImageInHeader = true;
    const jpeg = frameOf(withThumbnail, 7);
    expect(header(jpeg)).toMatchObject({ width: 320, height: 240, restartInterval: 1 });
    expect(pixelFormatOf(header(jpeg))).toBe('yuvj420p');
    expect(jpeg.subarray(header(jpeg).scanAt - 3, header(jpeg).scanAt)).toEqual(Buffer.from([0, 63, 0]));
    expect(decoder.decode(jpeg)).toBeUndefined();
  });

  it.each([
    ['no JPEG', Buffer.from('RIFF'), 'it does not begin with FF D8'],
    ['cut in its header', CAMERA_FRAME.subarray(0, 100), 'its segment FF C4 is longer than the frame'],
    [
      'a progressive one',
      patched(GREY, GREY.indexOf('ffc0', 'hex'), [0xff, 0xc2]),
      'it is not a baseline JPEG (FF C2)',
    ],
    ['without a size', patched(GREY, GREY.indexOf('ffc0', 'hex') + 5, [0, 0]), 'its size is 0'],
  ])('says what is wrong where a frame is %s', (_, jpeg, wrong) => {
    expect(readJpegHeader(jpeg)).toBe(wrong);
  });

  it('tells the number and the sensor time that a frame of the virtual camera carries, and none of another', () => {
    expect(embeddedNumberOf(WITH_RESTARTS, header(WITH_RESTARTS))).toEqual({ number: 7, sensorNs: 1_000_007_000n });
    expect(embeddedNumberOf(CAMERA_FRAME, header(CAMERA_FRAME))).toBeUndefined();
  });
});
