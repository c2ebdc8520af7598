import { clearLine, clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import type { Writable } from 'node:stream';
import { formatBytes, roundedFps } from '../core/figures.js';
import { printable } from '../core/safe-text.js';

/** The progress of a camera's recording, for a person at a terminal. */
export interface Progress {
  /** The camera, where there are several. */
  readonly name?: string;
  /** What to know of it besides, such as that it is lost. */
  readonly remark?: string;
  readonly elapsedS: number;
  /** `undefined`: the recording lasts until Ctrl-C. */
  readonly durationS: number | undefined;
  readonly frames: number;
  readonly fps: number;
  readonly dropped: number;
  /** Frames lost in the camera, according to the sensor timestamps. */
  readonly missingAtSource: number;
  readonly freeBytes: bigint | null;
}

/** Most bytes that wait for somebody who does not read. Progress beyond them is not shown; notes are. */
const MAX_WAITING_BYTES = 64 * 1024;

/**
 * Shows progress: on a terminal as one line for each camera, which are overwritten, elsewhere as separate lines and less
 * often.
 */
export class ProgressLine {
  #lastPlainS = -1;
  /** Lines on the terminal that are overwritten next. The cursor stands in the last one. */
  #drawn = 0;
  #hasWaited = false;

  constructor(
    private readonly stream: Writable & {
      readonly isTTY?: boolean;
      readonly columns?: number;
      readonly rows?: number;
    },
    /** Seconds between two lines where there is no terminal. Otherwise every second at first, then every ten seconds. */
    private readonly plainStepS?: number,
  ) {}

  show(...cameras: readonly Progress[]): void {
    if (this.stream.writableLength > MAX_WAITING_BYTES) return;
    if (this.stream.isTTY === true) {
      this.#draw(describeEach(cameras, this.#columns));
      return;
    }
    // The log of a long recording must stay readable.
    const elapsedS = cameras[0]?.elapsedS ?? 0;
    const stepS = this.plainStepS ?? (elapsedS < 10 ? 1 : 10);
    const nowS = Math.floor(elapsedS / stepS) * stepS;
    if (nowS <= this.#lastPlainS) return;
    this.#lastPlainS = nowS;
    for (const line of describeEach(cameras, 200)) this.stream.write(`${line}\n`);
  }

  /** Shows the final figures and ends the lines. */
  last(...cameras: readonly Progress[]): void {
    this.#lastPlainS = -1;
    this.show(...cameras);
    if (this.stream.isTTY === true) this.stream.write('\n');
    this.#drawn = 0;
  }

  /** Prints text above the progress. It is made printable, because names of tools or folders may be in it. */
  note(text: string): void {
    this.clear();
    this.stream.write(`${printable(text)}\n`);
  }

  /**
   * Shows how long something is waited for: on a terminal in place of the progress, with as many parts as fit, elsewhere the
   * first time alone.
   */
  wait(elapsedS: number, ...parts: readonly string[]): void {
    if (this.stream.writableLength > MAX_WAITING_BYTES) return;
    if (this.stream.isTTY === true) this.#draw([firstParts([formatTime(elapsedS), ...parts], this.#columns)]);
    else if (!this.#hasWaited) this.stream.write(`${parts.join(GAP)}\n`);
    this.#hasWaited = true;
  }

  /** Takes what `show` and `wait` have drawn off the terminal. */
  clear(): void {
    if (this.stream.isTTY !== true) return;
    this.#toFirstLine();
    if (this.#drawn > 1) clearScreenDown(this.stream);
    else clearLine(this.stream, 0);
    this.#drawn = 0;
  }

  /** A line of one more could wrap. */
  get #columns(): number {
    return (this.stream.columns || 80) - 1;
  }

  #draw(lines: readonly string[]): void {
    this.#toFirstLine();
    // Lines that have left a low terminal cannot be overwritten.
    const shown = lines.slice(0, Math.max(1, this.stream.rows || Infinity));
    for (const [index, line] of shown.entries()) {
      this.stream.write(index === 0 ? line : `\n${line}`);
      clearLine(this.stream, 1);
    }
    this.#drawn = shown.length;
  }

  #toFirstLine(): void {
    if (this.#drawn > 1) moveCursor(this.stream, 0, 1 - this.#drawn);
    cursorTo(this.stream, 0);
  }
}

const BAR_WIDTH = 20;

/** What a line tells. Where there is no room, this is left out one after another. */
const LEFT_OUT = ['bar', 'free space', 'rate', 'duration'] as const;
type LeftOut = ReadonlySet<(typeof LEFT_OUT)[number]>;

/** One line of at most so many columns. No figure in it is cut. */
export function describeProgress(progress: Progress, columns: number): string {
  const [line = ''] = fitted(columns, (without) => {
    const parts = [timeOf(progress, without), ...figuresOf(progress, without), ...remarksOf(progress, without)];
    if (progress.durationS === undefined || without.has('bar')) return [parts];
    const [time, ...others] = parts;
    return [[`${bar(progress.elapsedS / progress.durationS)} ${time}`, ...others]];
  });
  return line;
}

/** The lines of several cameras, with their figures below one another. There is no bar: it would leave no room for these. */
function describeEach(cameras: readonly Progress[], columns: number): readonly string[] {
  if (cameras.length === 1) return cameras.map((progress) => describeProgress(progress, columns));
  const nameWidth = Math.max(...cameras.map(({ name = '' }) => name.length));
  return fitted(columns, (without) => {
    const rows = cameras.map((progress) => figuresOf(progress, without));
    const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
    return cameras.map((progress, index) => {
      const figures = rows[index]?.map((figure, column) => figure.padStart(widths[column] ?? 0)) ?? [];
      const name = (progress.name ?? '').padEnd(nameWidth);
      return [name, timeOf(progress, without), ...figures, ...remarksOf(progress, without)];
    });
  });
}

/** The lines with as many parts as fit into the columns, the same in each line. `partsOf`: of each line. */
function fitted(columns: number, partsOf: (without: LeftOut) => readonly (readonly string[])[]): readonly string[] {
  for (let count = 0; count < LEFT_OUT.length; count += 1) {
    const lines = partsOf(new Set(LEFT_OUT.slice(0, count))).map((parts) => parts.join(GAP));
    if (lines.every((line) => line.length <= columns)) return lines;
  }
  return partsOf(new Set(LEFT_OUT)).map((parts) => firstParts(parts, columns));
}

const GAP = '  ';

/** The first parts, as many as fit. A first one that does not fit alone is cut. */
function firstParts(parts: readonly string[], columns: number): string {
  const shown = [...parts];
  while (shown.length > 1 && shown.join(GAP).length > columns) shown.pop();
  return shown.join(GAP).slice(0, columns);
}

const timeOf = ({ elapsedS, durationS }: Progress, without: LeftOut): string =>
  durationS === undefined || without.has('duration')
    ? formatTime(elapsedS)
    : `${formatTime(elapsedS)} / ${formatTime(durationS)}`;

function figuresOf({ frames, fps, dropped }: Progress, without: LeftOut): readonly string[] {
  const rate = `${fps < 1 ? roundedFps(fps) : fps.toFixed(1)} fps`;
  return [`${frames} frames`, ...(without.has('rate') ? [] : [rate]), `${dropped} dropped`];
}

function remarksOf({ missingAtSource, remark, freeBytes }: Progress, without: LeftOut): readonly string[] {
  return [
    ...(missingAtSource === 0 ? [] : [`${missingAtSource} lost in the camera`]),
    ...(remark === undefined ? [] : [remark]),
    ...(freeBytes === null || without.has('free space') ? [] : [`${formatBytes(Number(freeBytes))} left`]),
  ];
}

function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_WIDTH - full)}]`;
}

/** For example `00:05`, `1:02:03` or, from a day on, `30d 00:00:00`. */
export function formatTime(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor(whole / 3600) % 24;
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  if (days > 0) return `${days}d ${two(hours)}:${rest}`;
  return hours === 0 ? rest : `${hours}:${rest}`;
}
