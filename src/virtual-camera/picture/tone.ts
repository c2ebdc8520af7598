/** Colours, and what light, white balance, brightness, contrast and saturation make of them. */
import { type Look } from './look.js';

/** JFIF's full-range YCbCr, 0 to 255. */
export interface Colour {
  readonly y: number;
  readonly cb: number;
  readonly cr: number;
}

export const grey = (y: number): Colour => ({ y, cb: 128, cr: 128 });

export function fromRgb(r: number, g: number, b: number): Colour {
  const y = 0.299 * r + 0.587 * g + 0.114 * b;
  return { y, cb: 128 + (b - y) * 0.564, cr: 128 + (r - y) * 0.713 };
}

/** Between light and the numbers of a picture. */
const GAMMA = 2.2;
const LIFT_EXPONENT = 0.75;
/** Entries of the table for one step of brightness. */
const STEPS = 4;

type ToneLook = Pick<Look, 'light' | 'red' | 'blue' | 'brightness' | 'contrast' | 'saturation' | 'isLifted'>;

export class Tone {
  readonly #look: ToneLook;
  readonly #isPlain: boolean;
  readonly #table: Float32Array;

  constructor(look: ToneLook) {
    const { light, red, blue, brightness, contrast, saturation, isLifted } = look;
    this.#look = look;
    this.#isPlain = [light, red, blue, contrast, saturation].every((one) => one === 1) && brightness === 0 && !isLifted;
    this.#table = Float32Array.from({ length: 255 * STEPS + 1 }, (_, i) => this.#finish(this.#exposed(i / STEPS, 1)));
  }

  colour(colour: Colour): Colour {
    if (this.#isPlain) return colour;
    const { red, blue, saturation } = this.#look;
    const r = colour.y + (colour.cr - 128) / 0.713;
    const b = colour.y + (colour.cb - 128) / 0.564;
    const g = (colour.y - 0.299 * r - 0.114 * b) / 0.587;
    const channel = (value: number, gain: number): number => this.#finish(this.#exposed(value, gain));
    const seen = fromRgb(channel(r, red), channel(g, 1), channel(b, blue));
    return {
      y: seen.y,
      cb: within(128 + (seen.cb - 128) * saturation),
      cr: within(128 + (seen.cr - 128) * saturation),
    };
  }

  /** The brightness of a grey, 0 to 255. */
  luma(y: number): number {
    if (this.#isPlain) return y;
    return this.#table[Math.round(within(y) * STEPS)] ?? 0;
  }

  #exposed(value: number, channel: number): number {
    return within(value * (this.#look.light * channel) ** (1 / GAMMA));
  }

  /** Of each channel alone, as the real curve: at full brightness every colour is white. */
  #finish(value: number): number {
    const { brightness, contrast, isLifted } = this.#look;
    const lifted = isLifted ? 255 * (value / 255) ** LIFT_EXPONENT : value;
    return within((lifted - 128) * contrast + 128 + 255 * brightness);
  }
}

function within(value: number): number {
  return Math.min(255, Math.max(0, value));
}
