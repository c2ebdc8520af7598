import { type DcPlane, EntropyDecoder } from './entropy-decoder.js';
import { type JpegHeader, readJpegHeader } from './jpeg-header.js';
import { type Pixels, encodePng } from './png.js';

/** Small pictures from the DC coefficients alone: each is the mean of an 8x8 block. No other coefficient is transformed. */

/**
 * The picture at an eighth of its size, in RGB or, of a monochrome one, in grey. Throws where the frame is no baseline JPEG or
 * its entropy code is damaged.
 */
export function dcThumbnail(jpeg: Buffer, decoder = new EntropyDecoder()): Pixels {
  const header = readJpegHeader(jpeg);
  const wrong = decoder.decode(jpeg, header);
  if (wrong !== undefined || typeof header === 'string') throw new Error(`The picture cannot be decoded: ${wrong}.`);
  const width = Math.ceil(header.width / 8);
  const height = Math.ceil(header.height / 8);
  const steps = quantiserSteps(jpeg, header);
  const planes = header.components.map((component, index) => ({
    plane: decoder.planes[index],
    // The DC coefficient is eight times the mean.
    scale: (steps[component.quantiser] ?? 1) / 8,
    h: component.h,
    v: component.v,
  }));
  const mostH = Math.max(...planes.map(({ h }) => h));
  const mostV = Math.max(...planes.map(({ v }) => v));
  const [y, cb, cr] = planes;
  const mean = (of: typeof y, column: number, row: number): number => {
    if (of?.plane === undefined) return 0;
    const [x, z] = [Math.floor((column * of.h) / mostH), Math.floor((row * of.v) / mostV)];
    return valueAt(of.plane, x, z) * of.scale;
  };
  const isColour = planes.length === 3;
  const channels = isColour ? 3 : 1;
  const data = Buffer.alloc(width * height * channels);
  for (let row = 0, at = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, at += channels) {
      const luma = mean(y, column, row) + 128;
      if (!isColour) {
        data[at] = byteOf(luma);
        continue;
      }
      const [blue, red] = [mean(cb, column, row), mean(cr, column, row)];
      data[at] = byteOf(luma + 1.402 * red);
      data[at + 1] = byteOf(luma - 0.344136 * blue - 0.714136 * red);
      data[at + 2] = byteOf(luma + 1.772 * blue);
    }
  }
  return { width, height, channels, data };
}

/** A PNG of an eighth of the frame's size, or smaller: at most `maxWidth` pixels wide. Throws like `dcThumbnail`. */
export function thumbnailPng(jpeg: Buffer, maxWidth: number, decoder = new EntropyDecoder()): Buffer {
  return encodePng(shrunkTo(maxWidth, dcThumbnail(jpeg, decoder)));
}

/** Each pixel is the mean of those that it takes the place of. */
export function shrunkTo(maxWidth: number, pixels: Pixels): Pixels {
  if (pixels.width <= maxWidth) return pixels;
  const { channels } = pixels;
  const width = Math.max(1, Math.floor(maxWidth));
  const height = Math.max(1, Math.round((pixels.height * width) / pixels.width));
  const data = Buffer.alloc(width * height * channels);
  for (let row = 0, at = 0; row < height; row += 1) {
    const [top, bottom] = spanOf(row, height, pixels.height);
    for (let column = 0; column < width; column += 1) {
      const [left, right] = spanOf(column, width, pixels.width);
      for (let channel = 0; channel < channels; channel += 1, at += 1) {
        let sum = 0;
        for (let y = top; y < bottom; y += 1) {
          for (let x = left; x < right; x += 1) sum += pixels.data[(y * pixels.width + x) * channels + channel] ?? 0;
        }
        data[at] = byteOf(sum / ((bottom - top) * (right - left)));
      }
    }
  }
  return { width, height, channels, data };
}

function spanOf(index: number, count: number, of: number): readonly [from: number, to: number] {
  const from = Math.floor((index * of) / count);
  return [from, Math.max(from + 1, Math.floor(((index + 1) * of) / count))];
}

function valueAt({ columns, values }: DcPlane, column: number, row: number): number {
  return values[row * columns + column] ?? 0;
}

function byteOf(value: number): number {
  return Math.min(255, Math.max(0, Math.round(value)));
}

/** The first step of each quantisation table, by its number. */
function quantiserSteps(jpeg: Buffer, header: JpegHeader): number[] {
  const steps: number[] = [];
  for (let index = 0; index < header.quantisersAt.length; index += 2) {
    const end = header.quantisersAt[index + 1] ?? 0;
    for (let at = header.quantisersAt[index] ?? 0; at < end;) {
      const head = jpeg[at] ?? 0;
      const isWide = head >> 4 !== 0;
      steps[head & 15] = isWide ? jpeg.readUInt16BE(at + 1) : (jpeg[at + 1] ?? 1);
      at += 1 + (isWide ? 128 : 64);
    }
  }
  return steps;
}
