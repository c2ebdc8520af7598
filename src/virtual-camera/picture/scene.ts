/** The scene in front of the camera: bars above, a ramp below. It says what stands where; the tiles are drawn elsewhere. */
import { type Look } from './look.js';
import { MCU_SIZE } from './jpeg-encoder.js';

/** Parts of the bars in one column of pixels: the index of each bar that is seen there, and its share. */
export type BarMixture = readonly { readonly bar: number; readonly share: number }[];

export interface SceneSize {
  /** MCUs of the picture. */
  readonly columns: number;
  readonly rows: number;
  /** Where the bars end and the ramp begins, MCUs from the top. It lies behind the text, so nobody sees it. */
  readonly splitRow: number;
}

export class Scene {
  readonly #look: Look;
  readonly #size: SceneSize;
  /** Whether bars end where MCUs end, and the whole scene is seen the right way round. */
  readonly isStraight: boolean;

  constructor(look: Look, size: SceneSize) {
    this.#look = look;
    this.#size = size;
    const { x, y, width, height } = look.view;
    const isWhole = x === 0 && y === 0 && width === 1 && height === 1;
    this.isStraight = isWhole && !look.isMirrored && !look.isUpsideDown && look.blur === 0;
  }

  partAt(row: number): 'bars' | 'ramp' {
    const { view, isUpsideDown } = this.#look;
    const down = view.y + view.height * ((row + 0.5) / this.#size.rows);
    const v = isUpsideDown ? 1 - down : down;
    return v * this.#size.rows < this.#size.splitRow ? 'bars' : 'ramp';
  }

  /** How far to the right of the scene a column of pixels lies, 0 to 1. */
  placeOf(pixel: number): number {
    const { view, isMirrored } = this.#look;
    const across = view.x + view.width * ((pixel + 0.5) / (this.#size.columns * MCU_SIZE));
    return isMirrored ? 1 - across : across;
  }

  /** The bars that are seen at a column of pixels: one, or several where they are blurred. */
  barsAt(pixel: number, bars: number): BarMixture {
    const { blur } = this.#look;
    const place = this.placeOf(pixel) * bars;
    const last = bars - 1;
    const indexAt = (where: number): number => Math.min(last, Math.max(0, Math.floor(where)));
    if (blur === 0) return [{ bar: indexAt(place), share: 1 }];
    const [from, to] = [place - blur * bars, place + blur * bars];
    const mixture: { bar: number; share: number }[] = [];
    for (let bar = indexAt(from); bar <= indexAt(to); bar += 1) {
      const left = bar === 0 ? from : Math.max(from, bar);
      const right = bar === last ? to : Math.min(to, bar + 1);
      if (right > left) mixture.push({ bar, share: (right - left) / (to - from) });
    }
    return mixture;
  }
}
