import { describe, expect, it } from '@jest/globals';
import { FrameHeaders } from '../../../../src/inspect/jpeg/frame-headers.js';
import { type JpegHeader, readJpegHeader } from '../../../../src/inspect/jpeg/jpeg-header.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { jpegOf } from '../../../harness/made-video.js';

/** Of one picture, with comments of one length. */
const jpegs = jpegFrames(3, { large: true }).map((frame) => Buffer.from(jpegOf(frame)));

/** What is told of a header, without the object that read it. */
function told(header: JpegHeader | string): unknown {
  if (typeof header === 'string') return header;
  const { width, height, components, huffmanAt, commentAt, commentEnd, scan, scanAt } = header;
  return { width, height, components, huffmanAt, commentAt, commentEnd, scan, scanAt };
}

describe('FrameHeaders', () => {
  it('knows the header of the frame before again, whatever its comment says', () => {
    const headers = new FrameHeaders();
    const [first, ...others] = jpegs.map((jpeg) => headers.read(jpeg));
    expect(told(first ?? '')).toEqual(told(readJpegHeader(jpegs[0] ?? Buffer.alloc(0))));
    for (const other of others) expect(other).toBe(first);
  });

  it('reads each header that differs in a byte, wherever that is, as if it were the first', () => {
    const [known = Buffer.alloc(0), like = Buffer.alloc(0)] = jpegs;
    const { commentAt, commentEnd, scanAt } = readJpegHeader(known) as JpegHeader;
    expect(commentEnd).toBeGreaterThan(commentAt);
    for (let at = 0; at < scanAt; at += 1) {
      if (at >= commentAt && at < commentEnd) continue;
      const headers = new FrameHeaders();
      headers.read(known);
      const changed = Buffer.from(like);
      changed[at] = (changed[at] ?? 0) ^ 0x11;
      expect(told(headers.read(changed))).toEqual(told(readJpegHeader(changed)));
    }
  });

  it('reads a frame that ends within the header', () => {
    const [known = Buffer.alloc(0)] = jpegs;
    const headers = new FrameHeaders();
    headers.read(known);
    expect(headers.read(known.subarray(0, 2))).toBe('it ends within its header');
  });
});
