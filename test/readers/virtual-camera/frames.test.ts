import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

import { GSTREAMER_JPEG } from '../../../scripts/readers.mjs';
import { layOut } from '../../../src/virtual-camera/picture/pattern-layout.js';
import { composer, frameOf, NOON_US } from '../../harness/composed-frames.js';
import { describeWithFfprobe } from '../../harness/describe-with-ffprobe.js';
import { isPresent } from '../../harness/present-readers.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const run = promisify(execFile);

describeWithFfprobe('a decoder of others', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  beforeEach(async () => (folder = await temporaryFolder()));
  afterEach(() => folder.remove());

  /** Decoded samples of the first plane, one byte a pixel. */
  async function decodeLuma(jpeg: Buffer): Promise<Buffer> {
    const path = join(folder.path, 'frame.jpg');
    await writeFile(path, jpeg);
    const options = ['-v', 'error', '-i', path, '-vf', 'extractplanes=y', '-f', 'rawvideo', '-'];
    const { stdout } = await run('ffmpeg', options, { encoding: 'buffer', maxBuffer: 64e6 });
    return stdout;
  }

  it.each([
    { width: 1456, height: 1088, quality: 85, isMono: true },
    { width: 640, height: 480, quality: 85, isMono: false },
    { width: 322, height: 242, quality: 50, isMono: false },
    { width: 64, height: 64, quality: 85, isMono: true },
    { width: 320, height: 240, quality: 100, isMono: false },
    { width: 640, height: 480, quality: 20, isMono: false },
  ])('reads $width x $height at quality $quality without a word', async (format) => {
    const from = composer(format);
    const path = join(folder.path, 'frames.mjpeg');
    await writeFile(path, Buffer.concat([1, 2, 345_678].map((number) => Buffer.from(frameOf(from, number)))));
    const decoded = await run('ffmpeg', ['-v', 'warning', '-f', 'mjpeg', '-i', path, '-f', 'null', '-']);
    expect(decoded.stderr).toBe('');
    const fields = 'stream=codec_name,profile,width,height,pix_fmt,nb_read_frames';
    const probed = await run('ffprobe', [
      '-v',
      'warning',
      '-count_frames',
      '-show_entries',
      fields,
      '-of',
      'json',
      path,
    ]);
    const { streams } = JSON.parse(probed.stdout) as { streams: Record<string, unknown>[] };
    expect(streams[0]).toMatchObject({
      codec_name: 'mjpeg',
      profile: 'Baseline',
      pix_fmt: 'yuvj420p',
      width: format.width,
      height: format.height,
      nb_read_frames: '3',
    });
  });

  it('sees what was drawn: bright bars at the left, dark ones at the right, a rising ramp', async () => {
    const luma = await decodeLuma(frameOf(composer({ width: 640, height: 480, isMono: true }), 1));
    const mean = (left: number, top: number): number => {
      let sum = 0;
      for (let y = top; y < top + 16; y += 1) for (let x = left; x < left + 16; x += 1) sum += luma[y * 640 + x] ?? 0;
      return sum / 256;
    };
    expect(mean(16, 16)).toBeCloseTo(220, -0.5);
    expect(mean(608, 16)).toBeCloseTo(38, -0.5);
    const ramp = [0, 160, 320, 480, 624].map((left) => mean(left, 464));
    expect(ramp).toEqual([...ramp].sort((a, b) => a - b));
    expect(Math.max(...ramp) - Math.min(...ramp)).toBeGreaterThan(150);
  });

  it('sees the same digits in the clock as in the number: hours, minutes, seconds, milliseconds', async () => {
    const localMs = new Date(2026, 0, 6, 12, 34, 56, 789).getTime();
    const from = composer({ width: 640, height: 480 });
    const luma = await decodeLuma(frameOf(from, 12_345_678, localMs * 1000 + 999));
    const { frameNumber, clock } = layOut(40, 30, 'IMX219 CAMERA 1'.length);
    if (!clock) throw new Error('no clock at 640x480');
    const cell = (line: typeof frameNumber, index: number): Buffer => {
      const left = (line.left + index * line.cellColumns) * 16;
      const rows = Array.from({ length: line.rows * 16 }, (_, y) => (line.top * 16 + y) * 640 + left);
      return Buffer.concat(rows.map((start) => luma.subarray(start, start + line.cellColumns * 16)));
    };
    // HH:MM:SS.mm: the places of 1 to 8 in the clock.
    const sameDigits = [0, 1, 3, 4, 6, 7, 9, 10].map((place, digit) =>
      cell(clock, place).equals(cell(frameNumber, digit)),
    );
    expect(sameDigits).toEqual(Array.from({ length: 8 }, () => true));
  });

  it('sees another number, another time and another place of the ball, and nothing else that moved', async () => {
    const from = composer({ width: 640, height: 480 });
    const [one, other] = [await decodeLuma(frameOf(from, 80)), await decodeLuma(frameOf(from, 81, NOON_US + 111_000))];
    const changed = Array.from({ length: 30 }, (_, row) => {
      const [start, end] = [row * 16 * 640, (row + 1) * 16 * 640];
      return one.subarray(start, end).equals(other.subarray(start, end)) ? '.' : '*';
    }).join('');
    // Three rows of number, three of the clock, one of the lane, one stretch in the middle.
    expect(changed).toMatch(/^\.{8,}\*{7}\.{5,}$/);
  });

  const itWithGstreamer = isPresent(GSTREAMER_JPEG) ? it : it.skip;

  itWithGstreamer('is there under a second name', async () => {
    const path = join(folder.path, 'frame.jpg');
    await writeFile(path, frameOf(composer(), 5));
    const pipeline = ['filesrc', `location=${path}`, '!', 'jpegparse', '!', 'jpegdec', '!', 'fakesink'];
    await expect(run('gst-launch-1.0', ['-q', ...pipeline])).resolves.toMatchObject({ stderr: '' });
  });
});
