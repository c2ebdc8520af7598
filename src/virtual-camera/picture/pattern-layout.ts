/** The layout of the test picture, in MCUs (16x16 pixels). `test-pattern.ts` decides what things look like. */

export interface Band {
  /** First row and number of rows, MCUs. */
  readonly top: number;
  readonly rows: number;
}

/** A line of text cells of equal width, MCUs. */
export interface TextLine extends Band {
  readonly left: number;
  readonly cellColumns: number;
  readonly cells: number;
}

export interface PatternLayout {
  readonly columns: number;
  readonly rows: number;
  readonly bars: Band;
  readonly title: TextLine | undefined;
  readonly frameNumber: TextLine;
  readonly clock: TextLine | undefined;
  readonly lane: Band | undefined;
  readonly ramp: Band;
}

/** Cells of a frame number if there is room, and of a clock `HH:MM:SS.mmm`. */
export const NUMBER_CELLS = 8;
export const CLOCK_CELLS = 12;

/**
 * Lays out the picture from top to bottom: bars, title, frame number, clock, the moving ball's lane, ramp. If the
 * picture is too small, the title goes first, then the lane, then the clock. The frame number always stays, with
 * fewer digits.
 */
export function layOut(columns: number, rows: number, titleLength: number): PatternLayout {
  const cellColumns = Math.max(1, Math.floor(columns / (CLOCK_CELLS + 2)));
  const cellRows = Math.min(rows, Math.ceil(cellColumns * 1.5));
  let free = rows - cellRows;
  const claim = (wanted: number, possible: boolean): number => {
    if (!possible || wanted > free) return 0;
    free -= wanted;
    return wanted;
  };
  const clockRows = claim(cellRows, columns >= CLOCK_CELLS);
  const laneRows = claim(Math.max(1, Math.ceil(cellColumns / 2)), columns >= 4);
  const titleCell = Math.max(1, Math.floor((columns - 2) / Math.max(1, titleLength)));
  const titleColumns = Math.min(titleCell, Math.max(1, Math.floor(cellColumns / 2)));
  const titleRows = claim(Math.ceil(titleColumns * 1.5) + 1, columns - 2 >= titleLength);

  const barRows = Math.ceil(free * 0.6);
  let top = barRows;
  const band = (bandRows: number): Band => {
    const placed = { top, rows: bandRows };
    top += bandRows;
    return placed;
  };
  const line = (placed: Band, width: number, cells: number): TextLine => ({
    ...placed,
    left: Math.floor((columns - width * cells) / 2),
    cellColumns: width,
    cells,
  });

  const title = titleRows > 0 ? line(band(titleRows), titleColumns, titleLength) : undefined;
  const numberCells = Math.min(NUMBER_CELLS, Math.floor(columns / cellColumns));
  const frameNumber = line(band(cellRows), cellColumns, numberCells);
  const clock = clockRows > 0 ? line(band(clockRows), cellColumns, CLOCK_CELLS) : undefined;
  const lane = laneRows > 0 ? band(laneRows) : undefined;
  return {
    columns,
    rows,
    bars: { top: 0, rows: barRows },
    title,
    frameNumber,
    clock,
    lane,
    ramp: { top, rows: rows - top },
  };
}
