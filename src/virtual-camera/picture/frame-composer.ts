/**
 * Composes frames from ready-made pieces. Every frame shows its true number and clock, and costs only a few hundred
 * small copies. `test-pattern.ts` decides what the pieces show.
 */
import { END_OF_IMAGE, FRAME_START, frameTables, MCU_SIZE } from './jpeg-encoder.js';
import { type Look, PLAIN_LOOK } from './look.js';
import { type Band, layOut, type PatternLayout, type TextLine } from './pattern-layout.js';
import { BALL_STEP, TestPattern } from './test-pattern.js';

/** A section of the scan: one of `choices`, chosen by the value of selector number `selector`. */
interface Section {
  readonly choices: readonly Uint8Array[];
  readonly selector: number;
}

// Selector 0 is always 0, for everything that never changes. The digits of number and clock follow, then the place of
// the ball.
const FIXED = 0;
const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const CLOCK_TEMPLATE = 'HH:MM:SS.mmm';
const RESTART_MARKERS = Array.from({ length: 8 }, (_, i) => Uint8Array.of(0xff, 0xd0 + i));
const RESTART_MARKER_BYTES = 2;
// COM segment (marker, length, text), with room for any number that fits a double.
const MAX_COMMENT_BYTES = 128;
const APP1_WITH_END_OF_IMAGE = Buffer.from([0xff, 0xe1, 0, 12, ...Buffer.from('thumb'), 0, 0xff, 0xd9, 0xff, 0xd9]);

export interface FrameFormat {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** JPEG quality, 1 to 100. */
  readonly quality: number;
  readonly isMono: boolean;
  /** One line of text in the picture: capitals, digits, `.` and `:`. */
  readonly title: string;
  /** What the camera's settings make of the picture. */
  readonly look?: Look;
}

export class FrameComposer {
  /** Maximum length of a frame, bytes. */
  readonly maxFrameBytes: number;
  /** Puts an APP1 segment that contains FF D9 into each frame, as thumbnails do. */
  hasEndOfImageInHeader = false;

  readonly #layout: PatternLayout;
  readonly #pattern: TestPattern;
  readonly #tables: Buffer;
  readonly #sections: Section[] = [];
  readonly #selectors: Int32Array;
  readonly #numberCells: number;
  readonly #clockSelector: number;
  readonly #ballSelector: number;
  readonly #ballPlaces: number;
  readonly #isMirrored: boolean;
  readonly #pieces = new Map<string, Uint8Array>();
  // Tiles gathered for the current unchanging section; `#flush` makes them one section.
  #pending: Uint8Array[] = [];
  #localMinute = -1;
  #localOffsetMs = 0;

  constructor({ width, height, quality, isMono, title, look = PLAIN_LOOK }: FrameFormat) {
    const layout = layOut(Math.ceil(width / MCU_SIZE), Math.ceil(height / MCU_SIZE), title.length);
    this.#layout = layout;
    const { columns, rows, frameNumber } = layout;
    const size = { columns, rows, splitRow: frameNumber.top + frameNumber.rows / 2 };
    this.#pattern = new TestPattern({ quality, isMono, size, look });
    this.#isMirrored = look.isMirrored;
    this.#tables = frameTables(width, height, quality);
    this.#numberCells = layout.frameNumber.cells;
    this.#clockSelector = 1 + this.#numberCells;
    this.#ballSelector = this.#clockSelector + CLOCK_TEMPLATE.length;
    this.#selectors = new Int32Array(this.#ballSelector + 1);
    const laneRows = layout.lane?.rows ?? 0;
    this.#ballPlaces = laneRows === 0 ? 1 : ((layout.columns - laneRows - 1) * MCU_SIZE) / BALL_STEP + 1;
    for (let row = 0; row < layout.rows; row += 1) this.#addRow(row, title);
    this.#flush();
    const longest = (section: Section): number =>
      section.choices.reduce((most, { length }) => Math.max(most, length), 0);
    const scanBytes = this.#sections.reduce((sum, section) => sum + longest(section), 0);
    const headerBytes = FRAME_START.length + MAX_COMMENT_BYTES + APP1_WITH_END_OF_IMAGE.length + this.#tables.length;
    this.maxFrameBytes = headerBytes + scanBytes + END_OF_IMAGE.length;
  }

  /**
   * Writes frame `number` into `target` from `start` on, and returns the index after its end. `sensorUs`: sensor
   * timestamp, microseconds on the monotonic clock. `wallUs`: wall clock, microseconds since 1970.
   */
  compose(number: number, sensorUs: number, wallUs: number, target: Buffer, start: number): number {
    this.#select(number, wallUs);
    let end = start;
    target.set(FRAME_START, end);
    end += FRAME_START.length;
    // Whole microseconds fit a double exactly, but nanoseconds do not. So the last three digits are written as text.
    const text = `frame=${number} sensor_timestamp_ns=${sensorUs}000`;
    target[end] = 0xff;
    target[end + 1] = 0xfe;
    target[end + 2] = 0;
    target[end + 3] = text.length + 2;
    end += 4;
    end += target.write(text, end, 'latin1');
    if (this.hasEndOfImageInHeader) {
      target.set(APP1_WITH_END_OF_IMAGE, end);
      end += APP1_WITH_END_OF_IMAGE.length;
    }
    target.set(this.#tables, end);
    end += this.#tables.length;
    for (const { choices, selector } of this.#sections) {
      const piece = choices[this.#selectors[selector] ?? 0];
      if (piece === undefined) continue;
      target.set(piece, end);
      end += piece.length;
    }
    target.set(END_OF_IMAGE, end);
    return end + END_OF_IMAGE.length;
  }

  #select(number: number, wallUs: number): void {
    const selectors = this.#selectors;
    let rest = number;
    for (let cell = this.#numberCells; cell >= 1; cell -= 1) {
      selectors[cell] = rest % 10;
      rest = Math.floor(rest / 10);
    }
    const day = this.#millisecondOfDay(Math.floor(wallUs / 1000));
    const clock = this.#clockSelector;
    this.#setTwoDigits(clock, Math.floor(day / 3_600_000));
    this.#setTwoDigits(clock + 3, Math.floor(day / 60_000) % 60);
    this.#setTwoDigits(clock + 6, Math.floor(day / 1000) % 60);
    selectors[clock + 9] = Math.floor(day / 100) % 10;
    this.#setTwoDigits(clock + 10, day % 100);
    // The ball moves to the right and back again.
    const turn = Math.max(1, 2 * (this.#ballPlaces - 1));
    const place = number % turn;
    const fromLeft = place < this.#ballPlaces ? place : turn - place;
    selectors[this.#ballSelector] = this.#isMirrored ? this.#ballPlaces - 1 - fromLeft : fromLeft;
  }

  #setTwoDigits(selector: number, value: number): void {
    this.#selectors[selector] = Math.floor(value / 10);
    this.#selectors[selector + 1] = value % 10;
  }

  #millisecondOfDay(wallMs: number): number {
    const minute = Math.floor(wallMs / 60_000);
    if (minute !== this.#localMinute) {
      this.#localMinute = minute;
      this.#localOffsetMs = new Date(wallMs).getTimezoneOffset() * 60_000;
    }
    return (((wallMs - this.#localOffsetMs) % 86_400_000) + 86_400_000) % 86_400_000;
  }

  #addRow(row: number, title: string): void {
    const { bars, ramp, lane, frameNumber, clock, columns } = this.#layout;
    const isIn = (band: Band | undefined): band is Band =>
      band !== undefined && row >= band.top && row < band.top + band.rows;
    if (isIn(bars) || isIn(ramp))
      return this.#addTiles(row, 0, columns, (column) => this.#pattern.scene(column, row, columns));
    if (isIn(lane)) return this.#addLaneRow(row, lane);
    if (isIn(frameNumber)) return this.#addDigitsRow(row, frameNumber, 'n'.repeat(frameNumber.cells), 1);
    if (clock && isIn(clock)) return this.#addDigitsRow(row, clock, CLOCK_TEMPLATE, this.#clockSelector);
    return this.#addTitleRow(row, title);
  }

  #addTitleRow(row: number, text: string): void {
    const line = this.#layout.title;
    this.#addTiles(row, 0, this.#layout.columns, (column) => {
      const cell = line ? Math.floor((column - line.left) / line.cellColumns) : -1;
      if (!line || cell < 0 || cell >= text.length) return this.#pattern.panel();
      const within = column - line.left - cell * line.cellColumns;
      return this.#pattern.glyph(text.charAt(cell), within, row - line.top, line.cellColumns, line.rows);
    });
  }

  /**
   * `template`: letters stand for changing digits, everything else is copied. `selector`: selector of the first cell.
   */
  #addDigitsRow(row: number, line: TextLine, template: string, selector: number): void {
    const { columns } = this.#layout;
    this.#addPanel(row, 0, line.left);
    Array.from(template).forEach((letter, cell) => {
      const left = line.left + cell * line.cellColumns;
      const glyphRow = row - line.top;
      const tile = (glyph: string) => (column: number) =>
        this.#pattern.glyph(glyph, column - left, glyphRow, line.cellColumns, line.rows);
      if (/[a-z]/iu.test(letter)) {
        const choices = DIGITS.map((digit) =>
          this.#strip(`${digit} ${glyphRow}`, row, left, line.cellColumns, tile(digit)),
        );
        this.#addSection({ choices, selector: selector + cell });
        return;
      }
      this.#addTiles(row, left, line.cellColumns, tile(letter));
    });
    const end = line.left + line.cells * line.cellColumns;
    this.#addPanel(row, end, columns - end);
  }

  /** A row of the lane: the part left of the ball, the ball, the part right of it. */
  #addLaneRow(row: number, lane: Band): void {
    const { columns } = this.#layout;
    const width = lane.rows + 1;
    const empty = this.#joined(row, 0, columns, () => this.#pattern.lane());
    // All tiles of the lane are the same. (Only the picture's last tile has no marker after it, and nothing follows
    // that one.)
    const offset = (column: number): number => (this.#pattern.lane().length + RESTART_MARKER_BYTES) * column;
    const places = Array.from({ length: this.#ballPlaces }, (_, place) => ({
      column: Math.floor((place * BALL_STEP) / MCU_SIZE),
      shift: (place * BALL_STEP) % MCU_SIZE,
    }));
    const leftOf = Array.from({ length: columns + 1 }, (_, column) => empty.subarray(0, offset(column)));
    const rightOf = Array.from({ length: columns + 1 }, (_, column) => empty.subarray(offset(column)));
    const pick = (views: readonly Uint8Array[], column: number): Uint8Array => views[column] ?? empty;
    const selector = this.#ballSelector;
    this.#addSection({ choices: places.map(({ column }) => pick(leftOf, column)), selector });
    const ball = places.map(({ column: left, shift }) =>
      this.#strip(`ball ${row - lane.top} ${shift}`, row, left, width, (column) =>
        this.#pattern.ball(column - left, row - lane.top, lane.rows, shift),
      ),
    );
    this.#addSection({ choices: ball, selector });
    this.#addSection({ choices: places.map(({ column }) => pick(rightOf, column + width)), selector });
  }

  #addPanel(row: number, left: number, count: number): void {
    this.#addTiles(row, left, count, () => this.#pattern.panel());
  }

  #addTiles(row: number, left: number, count: number, tile: (column: number) => Uint8Array): void {
    if (count > 0) this.#pending.push(this.#joined(row, left, count, tile));
  }

  #addSection(section: Section): void {
    this.#flush();
    this.#sections.push(section);
  }

  #flush(): void {
    if (this.#pending.length > 0) this.#sections.push({ choices: [Buffer.concat(this.#pending)], selector: FIXED });
    this.#pending = [];
  }

  /** The same as `#joined`, but built only once for each place in the cycle of eight restart markers. */
  #strip(what: string, row: number, left: number, count: number, tile: (column: number) => Uint8Array): Uint8Array {
    const key = `${what} ${count} ${(row * this.#layout.columns + left) % 8} ${this.#isLast(row, left + count - 1)}`;
    const known = this.#pieces.get(key);
    if (known) return known;
    const piece = this.#joined(row, left, count, tile);
    this.#pieces.set(key, piece);
    return piece;
  }

  /**
   * Tiles from `left` on, each followed by a restart marker. The marker numbers follow from the place in the picture.
   */
  #joined(row: number, left: number, count: number, tile: (column: number) => Uint8Array): Uint8Array {
    const pieces: Uint8Array[] = [];
    for (let column = left; column < left + count; column += 1) {
      pieces.push(tile(column));
      const index = row * this.#layout.columns + column;
      const marker = RESTART_MARKERS[index % 8];
      if (marker && !this.#isLast(row, column)) pieces.push(marker);
    }
    return Buffer.concat(pieces);
  }

  #isLast(row: number, column: number): boolean {
    return row === this.#layout.rows - 1 && column === this.#layout.columns - 1;
  }
}
