import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The virtual camera's bars and ramp in a picture of this size, decoded by ffmpeg: red, green and blue. */
export interface DecodedPicture {
  /** Bars and ramp, pixel by pixel: without the clock, which differs from frame to frame. */
  readonly scene: Buffer;
  /** How much neighbours differ in a bar of one colour, grey levels. */
  readonly grain: number;
  /** Mean of red, green and blue over a square of 16 pixels at shares of the picture. */
  at(x: number, y: number): readonly [red: number, green: number, blue: number];
  /** How much neighbours differ, from left to right, along a line of pixels between shares of the picture. */
  sharpestEdge(y: number, fromX: number, toX: number): number;
}

/** Pixels. */
export const [PICTURE_WIDTH, PICTURE_HEIGHT] = [640, 480];

/** The first picture of a file. Rejects where ffmpeg has a word to say about it, or where it has another size. */
export async function decodedPicture(path: string): Promise<DecodedPicture> {
  const [width, height] = [PICTURE_WIDTH, PICTURE_HEIGHT];
  const options = ['-v', 'error', '-i', path, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const { stdout, stderr } = await run('ffmpeg', options, { encoding: 'buffer', maxBuffer: 64e6 });
  if (stderr.length > 0) throw new Error(stderr.toString());
  if (stdout.length !== width * height * 3) throw new Error(`${path} is not ${width}x${height}.`);
  const sample = (x: number, y: number, channel: number): number => stdout[(y * width + x) * 3 + channel] ?? 0;
  const mean = (shareX: number, shareY: number, channel: number): number => {
    const [left, top] = [Math.round(shareX * width) - 8, Math.round(shareY * height) - 8];
    let sum = 0;
    for (let y = top; y < top + 16; y += 1) for (let x = left; x < left + 16; x += 1) sum += sample(x, y, channel);
    return sum / 256;
  };
  const rows = (from: number, to: number): Buffer =>
    stdout.subarray(from * height * width * 3, to * height * width * 3);
  const steps = Array.from({ length: 40 * 40 }, (_, i) => {
    const [x, y] = [20 + (i % 40), 40 + Math.floor(i / 40)];
    return Math.abs(sample(x + 1, y, 1) - sample(x, y, 1));
  });
  return {
    scene: Buffer.concat([rows(0, 0.2), rows(0.95, 1)]),
    grain: steps.reduce((sum, one) => sum + one, 0) / steps.length,
    at: (x, y) => [mean(x, y, 0), mean(x, y, 1), mean(x, y, 2)],
    sharpestEdge: (y, fromX, toX) => {
      const row = Math.round(y * height);
      const column = (x: number): number =>
        Array.from({ length: 8 }, (_, i) => sample(x, row + i, 1)).reduce((sum, one) => sum + one, 0) / 8;
      let most = 0;
      for (let x = Math.round(fromX * width); x < toX * width; x += 1)
        most = Math.max(most, Math.abs(column(x + 1) - column(x)));
      return most;
    },
  };
}
