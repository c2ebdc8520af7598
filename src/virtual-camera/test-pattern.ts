/**
 * Draws the test picture MCU by MCU: bars, ramp, panel, glyphs, ball. Tiles are cached by their meaning, so a tile
 * that recurs is encoded once. `frame-composer.ts` composes the frames.
 */
import { MCU_SIZE, McuEncoder, type McuPicture } from './jpeg-encoder.js';
import { inkIn } from './stroke-font.js';

interface Colour {
  readonly y: number;
  readonly cb: number;
  readonly cr: number;
}

const grey = (y: number): Colour => ({ y, cb: 128, cr: 128 });

/** JFIF's full-range YCbCr from RGB, 0 to 255. */
function fromRgb(r: number, g: number, b: number): Colour {
  const y = 0.299 * r + 0.587 * g + 0.114 * b;
  return { y, cb: 128 + (b - y) * 0.564, cr: 128 + (r - y) * 0.713 };
}

const COLOUR_BARS = [
  fromRgb(200, 200, 200),
  fromRgb(200, 190, 30),
  fromRgb(30, 190, 190),
  fromRgb(40, 180, 60),
  fromRgb(180, 50, 180),
  fromRgb(195, 45, 45),
  fromRgb(45, 70, 190),
  fromRgb(40, 40, 44),
];
const GREY_BARS = [220, 194, 168, 142, 116, 90, 64, 38].map(grey);

const PANEL = grey(24);
const INK = 236;
const LANE = grey(52);
const BALL_COLOUR = fromRgb(255, 150, 40);
const BALL_GREY = grey(225);

// Enough variants that no repetition catches the eye, but few enough to be encoded in milliseconds.
const GRAIN_VARIANTS = 12;
const RAMP_VARIANTS = 3;
/** Half the width of the sensor noise, grey levels. It gives frames the size that a real camera's have. */
const GRAIN = 19;

/** Horizontal step of the ball, pixels; a divisor of the MCU's side. */
export const BALL_STEP = 4;

/** Small repeatable noise (xorshift32): every run shows the same picture. */
function noise(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x100000000 - 0.5;
  };
}

export interface PatternOptions {
  /** JPEG quality, 1 to 100. */
  readonly quality: number;
  /** A monochrome sensor gives grey pictures. */
  readonly isMono: boolean;
}

export class TestPattern {
  readonly #encoder: McuEncoder;
  readonly #isMono: boolean;
  readonly #tiles = new Map<string, Uint8Array>();
  readonly #luma = new Float32Array(MCU_SIZE * MCU_SIZE);

  constructor({ quality, isMono }: PatternOptions) {
    this.#encoder = new McuEncoder(quality);
    this.#isMono = isMono;
  }

  /**
   * A tile of the bar at `column` of `columns`. The first grain is chosen so that its tile contains a stuffed FF:
   * ffmpeg 5 reports `EOI missing` for any JPEG (also libjpeg's) whose scan contains none.
   */
  bar(column: number, row: number, columns: number): Uint8Array {
    const bars = this.#isMono ? GREY_BARS : COLOUR_BARS;
    const index = Math.min(bars.length - 1, Math.floor((column * bars.length) / columns));
    const variant = (column * 7 + row * 5 + ((column * row) >> 2)) % GRAIN_VARIANTS;
    const key = `bar ${index} ${variant}`;
    const known = this.#tiles.get(key);
    if (known) return known;
    const colour = bars[index] ?? PANEL;
    let tile = this.#grainy(colour, variant + 1);
    const attempts = variant === 0 ? 64 : 0;
    for (let attempt = 1; attempt < attempts && !tile.includes(0xff); attempt += 1) {
      tile = this.#grainy(colour, variant + 1 + attempt * GRAIN_VARIANTS);
    }
    this.#tiles.set(key, tile);
    return tile;
  }

  #grainy({ y, cb, cr }: Colour, seed: number): Uint8Array {
    const grain = noise(seed);
    return this.#encoder.encode({ luma: this.#fill(() => y + grain() * GRAIN), cb, cr });
  }

  /** A tile of the grey ramp from left to right. */
  ramp(column: number, row: number, columns: number): Uint8Array {
    const variant = (column * 5 + row * 2) % RAMP_VARIANTS;
    return this.#cached(`ramp ${column} ${variant}`, () => {
      const grain = noise(100 + variant);
      const span = columns * MCU_SIZE;
      const shade = (x: number): number => 20 + (215 * (column * MCU_SIZE + x)) / span;
      return { luma: this.#fill((x) => shade(x) + grain() * GRAIN), cb: 128, cr: 128 };
    });
  }

  /** A tile of the dark panel behind the text. */
  panel(): Uint8Array {
    return this.#cached('panel', () => ({ luma: this.#fill(() => PANEL.y), cb: PANEL.cb, cr: PANEL.cr }));
  }

  /** A tile of the empty lane in which the ball moves. */
  lane(): Uint8Array {
    return this.#cached('lane', () => ({ luma: this.#fill(() => LANE.y), cb: LANE.cb, cr: LANE.cr }));
  }

  /** The tile at (column, row) of a glyph's cell of `columns` x `rows` MCUs. */
  glyph(glyph: string, column: number, row: number, columns: number, rows: number): Uint8Array {
    const [left, top] = [column * MCU_SIZE, row * MCU_SIZE];
    const [cellWidth, cellHeight] = [columns * MCU_SIZE, rows * MCU_SIZE];
    const ink = inkIn(glyph, { left, top, size: MCU_SIZE, cellWidth, cellHeight });
    if (!ink) return this.panel();
    return this.#cached(`glyph ${glyph} ${column} ${row} ${columns} ${rows}`, () => {
      return { luma: this.#fill((x, y) => PANEL.y + (INK - PANEL.y) * ink(x, y)), cb: PANEL.cb, cr: PANEL.cr };
    });
  }

  /**
   * The tile at (column, row) of the ball's square of (`rows` + 1) x `rows` MCUs. `shift`: distance of the ball from
   * the square's left edge, pixels, less than the MCU's side.
   */
  ball(column: number, row: number, rows: number, shift: number): Uint8Array {
    return this.#cached(`ball ${column} ${row} ${rows} ${shift}`, () => {
      const radius = (rows * MCU_SIZE) / 2 - 2;
      const centreX = shift + (rows * MCU_SIZE) / 2 - column * MCU_SIZE;
      const centreY = (rows * MCU_SIZE) / 2 - row * MCU_SIZE;
      const ball = this.#isMono ? BALL_GREY : BALL_COLOUR;
      const cover = (x: number, y: number): number =>
        Math.min(1, Math.max(0, radius - Math.hypot(x - centreX, y - centreY) + 0.5));
      const chroma = (value: number): number | Float32Array => {
        if (value === 128) return value;
        const samples = new Float32Array(64);
        return samples.map((_, i) => 128 + (value - 128) * cover((i & 7) * 2 + 1, (i >> 3) * 2 + 1));
      };
      const luma = this.#fill((x, y) => LANE.y + (ball.y - LANE.y) * cover(x + 0.5, y + 0.5));
      return { luma, cb: chroma(ball.cb), cr: chroma(ball.cr) };
    });
  }

  #cached(key: string, draw: () => McuPicture): Uint8Array {
    const known = this.#tiles.get(key);
    if (known) return known;
    const tile = this.#encoder.encode(draw());
    this.#tiles.set(key, tile);
    return tile;
  }

  #fill(shade: (x: number, y: number) => number): Float32Array {
    for (let y = 0; y < MCU_SIZE; y += 1) {
      for (let x = 0; x < MCU_SIZE; x += 1) {
        this.#luma[y * MCU_SIZE + x] = Math.min(255, Math.max(0, shade(x, y)));
      }
    }
    return this.#luma;
  }
}
