import { describe, expect, it } from '@jest/globals';
import { PreviewDesk } from '../../../../src/pipeline/preview/preview-desk.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { settled } from '../../../harness/manual-clock.js';
import { PreviewReader } from '../../../harness/preview-reader.js';

function liveDesk(fps = 0): PreviewDesk {
  const desk = new PreviewDesk({ deviceId: 'picam:0', fps, isEnabled: true, log: () => undefined });
  desk.beginStream({ width: 64, height: 48 });
  return desk;
}

const readerOf = (desk: PreviewDesk): PreviewReader =>
  new PreviewReader((port) => {
    desk.connect(port);
  });

describe('the desk of a preview', () => {
  it('has nobody to copy a frame for once the reader that wanted it has left', async () => {
    const [frame] = jpegFrames(1);
    if (frame === undefined) throw new Error('No frame was made.');
    const desk = liveDesk();
    const reader = readerOf(desk);
    await reader.want();
    await reader.close();
    expect(desk.offer(frame, 1, 0)).toBe(false);
    desk.end();
  });

  it('closes a port that comes after its end', async () => {
    const desk = liveDesk();
    desk.end();
    const reader = readerOf(desk);
    await settled();
    expect(reader.isClosed).toBe(true);
  });

  it('gives the first frame of a new stream at once, whose time begins anew', async () => {
    const [frame] = jpegFrames(1);
    if (frame === undefined) throw new Error('No frame was made.');
    const desk = liveDesk(1);
    const reader = readerOf(desk);
    await reader.want();
    expect(desk.offer(frame, 1, 60_000)).toBe(true);
    await reader.want();
    expect(desk.offer(frame, 2, 60_500)).toBe(false);
    desk.endStream('lost');
    desk.beginStream({ width: 64, height: 48 });
    expect(desk.offer(frame, 3, 0)).toBe(true);
    desk.end();
  });
});
