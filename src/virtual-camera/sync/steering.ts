/** How a camera comes into step: some of its frames are longer or shorter than the others. */

export interface Steering {
  /** How many frames in a row; 0 if nothing is to be done. */
  readonly frames: number;
  /** What is added to the length of each, microseconds. Below 0 they are shorter. */
  readonly changeUs: number;
}

/** A frame is longer or shorter by this share of the period at most, so that nobody takes a long one for a lost one. */
export const MOST_OF_PERIOD = 1 / 8;
/** libcamera leaves differences below this alone, microseconds. */
export const TOLERANCE_US = 50;

const NONE: Steering = { frames: 0, changeUs: 0 };

/**
 * The way that takes the fewest frames. `lateUs`: by how much the camera is late, half a period either way at most.
 * `shortestUs`: no frame is shorter than that; a camera at its highest rate can only wait for the others.
 */
export function steer(lateUs: number, periodUs: number, shortestUs: number): Steering {
  if (Math.abs(lateUs) < TOLERANCE_US) return NONE;
  const shortenUs = lateUs > 0 ? lateUs : periodUs + lateUs;
  const lengthenUs = periodUs - shortenUs;
  const mostUs = periodUs * MOST_OF_PERIOD;
  const mostShorterUs = Math.min(mostUs, Math.max(0, periodUs - shortestUs));
  const shorter = Math.ceil(shortenUs / mostShorterUs);
  const longer = Math.ceil(lengthenUs / mostUs);
  const isShortened = shorter < longer || (shorter === longer && shortenUs <= lengthenUs);
  return isShortened
    ? { frames: shorter, changeUs: -shortenUs / shorter }
    : { frames: longer, changeUs: lengthenUs / longer };
}
