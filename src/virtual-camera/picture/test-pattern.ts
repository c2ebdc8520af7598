/**
 * Draws the test picture MCU by MCU: bars, ramp, panel, glyphs, ball. Tiles are cached by their meaning, so a tile
 * that recurs is encoded once. `frame-composer.ts` composes the frames.
 */
import { MCU_SIZE, McuEncoder, type McuPicture } from './jpeg-encoder.js';
import { type Look, PLAIN_LOOK } from './look.js';
import { Scene, type SceneSize } from './scene.js';
import { inkIn } from './stroke-font.js';
import { type Colour, fromRgb, grey, Tone } from './tone.js';

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

function variantOf(column: number, row: number): number {
  return (column * 7 + row * 5 + ((column * row) >> 2)) % GRAIN_VARIANTS;
}

export interface PatternOptions {
  /** JPEG quality, 1 to 100. */
  readonly quality: number;
  /** A monochrome sensor gives grey pictures. */
  readonly isMono: boolean;
  readonly size: SceneSize;
  readonly look?: Look;
}

export class TestPattern {
  readonly #encoder: McuEncoder;
  readonly #scene: Scene;
  readonly #tone: Tone;
  readonly #bars: readonly Colour[];
  /** The same bars as the camera shows them. */
  readonly #seenBars: readonly Colour[];
  readonly #lane: Colour;
  readonly #ball: Colour;
  readonly #grain: number;
  /** The same, where the tone is not applied to each pixel. */
  readonly #seenGrain: number;
  /** Width of the ball's edge, pixels. */
  readonly #edge: number;
  readonly #tiles = new Map<string, Uint8Array>();
  readonly #luma = new Float32Array(MCU_SIZE * MCU_SIZE);

  constructor({ quality, isMono, size, look = PLAIN_LOOK }: PatternOptions) {
    this.#encoder = new McuEncoder(quality);
    this.#scene = new Scene(look, size);
    this.#tone = new Tone(look);
    this.#bars = isMono ? GREY_BARS : COLOUR_BARS;
    this.#seenBars = this.#bars.map((bar) => this.#tone.colour(bar));
    this.#lane = this.#tone.colour(LANE);
    this.#ball = this.#tone.colour(isMono ? BALL_GREY : BALL_COLOUR);
    this.#grain = GRAIN * look.detail;
    this.#seenGrain = (this.#grain * (this.#tone.luma(140) - this.#tone.luma(100))) / 40;
    this.#edge = 1 + look.blur * size.columns * MCU_SIZE;
  }

  /** A tile of the scene: of a bar or of the ramp. */
  scene(column: number, row: number, columns: number): Uint8Array {
    if (this.#scene.partAt(row) === 'ramp') return this.#ramp(column, row);
    return this.#scene.isStraight ? this.#bar(column, row, columns) : this.#mixedBars(column, row);
  }

  /**
   * A tile of the bar at `column` of `columns`. The first grain is chosen so that its tile contains a stuffed FF:
   * ffmpeg 5 reports `EOI missing` for any JPEG (also libjpeg's) whose scan contains none.
   */
  #bar(column: number, row: number, columns: number): Uint8Array {
    const index = Math.min(this.#bars.length - 1, Math.floor((column * this.#bars.length) / columns));
    const variant = variantOf(column, row);
    const key = `bar ${index} ${variant}`;
    const known = this.#tiles.get(key);
    if (known) return known;
    let tile = this.#grainy(index, variant + 1);
    const attempts = variant === 0 ? 64 : 0;
    for (let attempt = 1; attempt < attempts && !tile.includes(0xff); attempt += 1) {
      tile = this.#grainy(index, variant + 1 + attempt * GRAIN_VARIANTS);
    }
    this.#tiles.set(key, tile);
    return tile;
  }

  #grainy(bar: number, seed: number): Uint8Array {
    const grain = noise(seed);
    const [{ y }, seen] = [this.#bars[bar] ?? PANEL, this.#seenBars[bar] ?? PANEL];
    const offset = seen.y - this.#tone.luma(y);
    const luma = this.#fill(() => offset + this.#tone.luma(y + grain() * this.#grain));
    return this.#encoder.encode({ luma, cb: seen.cb, cr: seen.cr });
  }

  /** A tile of bars of any width, in any order, with soft edges. */
  #mixedBars(column: number, row: number): Uint8Array {
    const variant = variantOf(column, row);
    return this.#cached(`bars ${column} ${variant}`, () => {
      const grain = noise(variant + 1);
      const across = Array.from({ length: MCU_SIZE }, (_, x) => this.#mixtureAt(column * MCU_SIZE + x));
      const shade = (x: number): number => (across[x] ?? PANEL).y;
      const chroma = (of: 'cb' | 'cr'): Float32Array =>
        Float32Array.from({ length: 64 }, (_, i) => {
          const x = (i & 7) * 2;
          return ((across[x] ?? PANEL)[of] + (across[x + 1] ?? PANEL)[of]) / 2;
        });
      return { luma: this.#fill((x) => shade(x) + grain() * this.#seenGrain), cb: chroma('cb'), cr: chroma('cr') };
    });
  }

  #mixtureAt(pixel: number): Colour {
    let [y, cb, cr] = [0, 0, 0];
    for (const { bar, share } of this.#scene.barsAt(pixel, this.#bars.length)) {
      const colour = this.#seenBars[bar] ?? PANEL;
      y += share * colour.y;
      cb += share * colour.cb;
      cr += share * colour.cr;
    }
    return { y, cb, cr };
  }

  /** A tile of the grey ramp from left to right. */
  #ramp(column: number, row: number): Uint8Array {
    const variant = (column * 5 + row * 2) % RAMP_VARIANTS;
    return this.#cached(`ramp ${column} ${variant}`, () => {
      const grain = noise(100 + variant);
      const { cb, cr } = this.#tone.colour(grey(20 + 215 * this.#scene.placeOf((column + 0.5) * MCU_SIZE)));
      const shade = (x: number): number => 20 + 215 * this.#scene.placeOf(column * MCU_SIZE + x - 0.5);
      return { luma: this.#fill((x) => this.#tone.luma(shade(x) + grain() * this.#grain)), cb, cr };
    });
  }

  /** A tile of the dark panel behind the text. */
  panel(): Uint8Array {
    return this.#cached('panel', () => ({ luma: this.#fill(() => PANEL.y), cb: PANEL.cb, cr: PANEL.cr }));
  }

  /** A tile of the empty lane in which the ball moves. */
  lane(): Uint8Array {
    return this.#cached('lane', () => ({ luma: this.#fill(() => this.#lane.y), cb: this.#lane.cb, cr: this.#lane.cr }));
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
      const [ball, lane] = [this.#ball, this.#lane];
      const cover = (x: number, y: number): number =>
        Math.min(1, Math.max(0, (radius - Math.hypot(x - centreX, y - centreY)) / this.#edge + 0.5));
      const chroma = (value: number, around: number): number | Float32Array => {
        if (value === around) return value;
        const samples = new Float32Array(64);
        return samples.map((_, i) => around + (value - around) * cover((i & 7) * 2 + 1, (i >> 3) * 2 + 1));
      };
      const luma = this.#fill((x, y) => lane.y + (ball.y - lane.y) * cover(x + 0.5, y + 0.5));
      return { luma, cb: chroma(ball.cb, lane.cb), cr: chroma(ball.cr, lane.cr) };
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
