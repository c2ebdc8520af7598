/** The part of the sensor that fills the picture. */
import { type Region } from './controls.js';

/** Pixels of the whole sensor. */
export interface SensorRectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** No region is smaller: what the hardware can enlarge has an end. */
const MIN_SIDE = 64;

/**
 * `crop`: the mode's area of the sensor. The default is that area, cut to the shape of the picture. A region of interest counts in shares of the mode's
 * area; it is moved and cut until it lies inside, and fills the picture whatever its shape.
 */
export function cropOf(
  crop: SensorRectangle,
  picture: { readonly width: number; readonly height: number },
  region: Region | undefined,
): SensorRectangle {
  if (!region || region.width === 0 || region.height === 0) return cutToShape(crop, picture);
  const width = Math.min(crop.width, Math.max(MIN_SIDE, Math.trunc(region.width * crop.width)));
  const height = Math.min(crop.height, Math.max(MIN_SIDE, Math.trunc(region.height * crop.height)));
  return {
    x: crop.x + inside(Math.trunc(region.x * crop.width), crop.width - width),
    y: crop.y + inside(Math.trunc(region.y * crop.height), crop.height - height),
    width,
    height,
  };
}

function cutToShape(
  area: SensorRectangle,
  picture: { readonly width: number; readonly height: number },
): SensorRectangle {
  const width = Math.min(area.width, Math.round((area.height * picture.width) / picture.height));
  const height = Math.min(area.height, Math.round((area.width * picture.height) / picture.width));
  const [left, top] = [Math.floor((area.width - width) / 2), Math.floor((area.height - height) / 2)];
  return { x: area.x + left, y: area.y + top, width, height };
}

function inside(start: number, last: number): number {
  return Math.min(last, Math.max(0, start));
}

/** As libcamera writes it: `(x, y)/WxH`. */
export function rectangleText({ x, y, width, height }: SensorRectangle): string {
  return `(${x}, ${y})/${width}x${height}`;
}
