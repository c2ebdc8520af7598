/** Letters and digits as pen strokes in a box 4 wide and 6 high. A round pen keeps them smooth at every size. */

// Each stroke is a line through points `xy`; `/` separates strokes. A single point is a dot.
const GLYPHS: Readonly<Record<string, string>> = {
  '0': '10 30 41 45 36 16 05 01 10',
  '1': '11 20 26/16 36',
  '2': '01 10 30 41 42 06 46',
  '3': '01 10 30 41 42 33 13/33 44 45 36 16 05',
  '4': '36 30 04 44',
  '5': '40 00 02 32 43 45 36 16 05',
  '6': '41 30 10 01 05 16 36 45 44 33 13 04',
  '7': '00 40 16',
  '8': '10 30 41 42 33 13 02 01 10/13 04 05 16 36 45 44 33',
  '9': '05 16 36 45 41 30 10 01 02 13 33 42',
  ':': '22/24',
  '.': '26',
  A: '06 02 20 42 46/04 44',
  B: '00 06 36 45 44 33 03/33 42 41 30 00',
  C: '41 30 10 01 05 16 36 45',
  D: '00 06 26 44 42 20 00',
  E: '40 00 06 46/03 33',
  F: '40 00 06/03 33',
  G: '41 30 10 01 05 16 36 45 43 23',
  H: '00 06/40 46/03 43',
  I: '10 30/20 26/16 36',
  J: '40 45 36 16 05',
  K: '00 06/40 03 46',
  L: '00 06 46',
  M: '06 00 23 40 46',
  N: '06 00 46 40',
  O: '10 30 41 45 36 16 05 01 10',
  P: '06 00 30 41 42 33 03',
  Q: '10 30 41 45 36 16 05 01 10/34 46',
  R: '06 00 30 41 42 33 03/23 46',
  S: '41 30 10 01 02 13 33 44 45 36 16 05',
  T: '00 40/20 26',
  U: '00 05 16 36 45 40',
  V: '00 26 40',
  W: '00 16 23 36 40',
  X: '00 46/40 06',
  Y: '00 23 40/23 26',
  Z: '00 40 06 46',
};

interface Segment {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

const segmentsByGlyph = new Map<string, readonly Segment[]>();

function segmentsOf(glyph: string): readonly Segment[] {
  const known = segmentsByGlyph.get(glyph);
  if (known) return known;
  const segments: Segment[] = [];
  for (const stroke of (GLYPHS[glyph] ?? '').split('/')) {
    const points = stroke.split(' ').filter((point) => point !== '');
    points.forEach((point, i) => {
      const next = points[i + 1] ?? (points.length === 1 ? point : undefined);
      if (next === undefined) return;
      segments.push({ x0: Number(point[0]), y0: Number(point[1]), x1: Number(next[0]), y1: Number(next[1]) });
    });
  }
  segmentsByGlyph.set(glyph, segments);
  return segments;
}

function squaredDistance({ x0, y0, x1, y1 }: Segment, x: number, y: number): number {
  const dx = x1 - x0;
  const dy = y1 - y0;
  const lengthSquared = dx * dx + dy * dy;
  const along = lengthSquared === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / lengthSquared));
  const offX = x - x0 - along * dx;
  const offY = y - y0 - along * dy;
  return offX * offX + offY * offY;
}

const PEN_RADIUS = 0.46;
// Size of a glyph's cell in font units: the box and some space around it.
const CELL_WIDTH = 5.8;
const CELL_HEIGHT = 8;

/** A part of a glyph's cell, pixels: a square of `size` at (left, top) of a cell of `cellWidth` x `cellHeight`. */
export interface CellWindow {
  readonly left: number;
  readonly top: number;
  readonly size: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
}

/**
 * How much the pen covers each pixel of the window, as a function of (x, y) inside it that returns 0 to 1.
 * `undefined` if the window stays blank, as for an unknown glyph. The glyph is centred in its cell.
 */
export function inkIn(glyph: string, window: CellWindow): ((x: number, y: number) => number) | undefined {
  const unit = Math.min(window.cellWidth / CELL_WIDTH, window.cellHeight / CELL_HEIGHT);
  const fontX = (x: number): number => (window.left + x - window.cellWidth / 2) / unit + 2;
  const fontY = (y: number): number => (window.top + y - window.cellHeight / 2) / unit + 3;
  // Most windows meet at most one stroke, so the other strokes are sorted out once and not for every pixel.
  const half = window.size / 2;
  const reach = PEN_RADIUS + (half * Math.SQRT2 + 1) / unit;
  const near = segmentsOf(glyph).filter((one) => squaredDistance(one, fontX(half), fontY(half)) < reach * reach);
  if (near.length === 0) return undefined;
  return (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    for (const one of near) nearest = Math.min(nearest, squaredDistance(one, fontX(x + 0.5), fontY(y + 0.5)));
    return Math.min(1, Math.max(0, (PEN_RADIUS - Math.sqrt(nearest)) * unit + 0.5));
  };
}
