/** How bright a picture is. Pure: from the bytes of RGBA pixels. */

export const BINS = 64;
/** JPEG blurs the ends of the scale by a step or two. */
const BRIGHTEST = 253;
const DARKEST = 2;

export interface Brightness {
  /** Share of the pixels in each of 64 equal steps from black to white. */
  readonly bins: readonly number[];
  /** Share of the pixels that are as bright as can be, in one colour at least: what they show is lost. */
  readonly clipped: number;
  /** Share of the pixels that are black. */
  readonly black: number;
}

export function brightnessOf(rgba: Uint8ClampedArray): Brightness {
  const bins = Array.from({ length: BINS }, () => 0);
  const pixels = Math.floor(rgba.length / 4);
  let clipped = 0;
  let black = 0;
  for (let at = 0; at < pixels * 4; at += 4) {
    const [red = 0, green = 0, blue = 0] = [rgba[at], rgba[at + 1], rgba[at + 2]];
    const luma = (299 * red + 587 * green + 114 * blue) / 1000;
    const bin = Math.min(BINS - 1, Math.floor((luma * BINS) / 256));
    bins[bin] = (bins[bin] ?? 0) + 1;
    if (Math.max(red, green, blue) >= BRIGHTEST) clipped += 1;
    if (luma <= DARKEST) black += 1;
  }
  const share = (count: number) => (pixels === 0 ? 0 : count / pixels);
  return { bins: bins.map(share), clipped: share(clipped), black: share(black) };
}

/** `0.4 %`, `12 %`. */
export function percent(share: number): string {
  const value = share * 100;
  if (value > 0 && value < 0.1) return 'under 0.1 %';
  return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} %`;
}
