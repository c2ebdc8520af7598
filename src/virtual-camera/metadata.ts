/**
 * The metadata of a frame as rpicam-vid writes it: `Name=Value` lines followed by an empty line, or a list of JSON
 * objects.
 */
import { type Drift, type Readings } from './readings.js';

export interface MetadataOptions {
  readonly format: 'txt' | 'json';
  readonly readings: Pick<Readings, 'lines'>;
}

/** What the block of one frame omits or writes differently. */
export interface MetadataFaults {
  readonly hasSensorTimestamp: boolean;
  /** `FrameWallClock`: nanoseconds since libcamera 0.5.2, microseconds before, absent before that. */
  readonly wallClock: 'nanoseconds' | 'microseconds' | 'absent';
  readonly drift?: Drift | undefined;
}

/** A block that is written in pieces is split after each of its lines. */
const LINE_END = 0x0a;

export class MetadataWriter {
  readonly #format: 'txt' | 'json';
  readonly #readings: Pick<Readings, 'lines'>;
  #isFirst = true;

  constructor({ format, readings }: MetadataOptions) {
    this.#format = format;
    this.#readings = readings;
  }

  /** The block of frame `number`. `sensorUs` and `wallUs`: whole microseconds. */
  block(number: number, sensorUs: number, wallUs: number, faults: MetadataFaults): string {
    const sensor = faults.hasSensorTimestamp ? [`SensorTimestamp=${sensorUs}000`] : [];
    const wall = wallClockLine(wallUs, faults.wallClock);
    const [exposure, rest] = this.#readings.lines(number, faults.drift);
    // The order varies, so a reader that relies on one fails here and not in the field.
    const lines =
      number % 2 === 0 ? [...exposure, ...sensor, ...rest, ...wall] : [...wall, ...rest, ...sensor, ...exposure];
    if (this.#format === 'txt') return `${lines.join('\n')}\n\n`;
    const opening = this.#isFirst ? '[\n' : ',\n';
    this.#isFirst = false;
    return `${opening}{\n${lines.map(jsonLine).join(',\n')}\n}`;
  }

  /** The end of the metadata, written when the tool ends cleanly. */
  ending(): string {
    if (this.#format === 'txt') return '';
    return this.#isFirst ? '[\n\n]\n' : '\n]\n';
  }
}

function wallClockLine(wallUs: number, wallClock: MetadataFaults['wallClock']): readonly string[] {
  if (wallClock === 'absent') return [];
  return [`FrameWallClock=${wallUs}${wallClock === 'nanoseconds' ? '000' : ''}`];
}

function jsonLine(line: string): string {
  const equals = line.indexOf('=');
  const value = line.slice(equals + 1);
  return `    "${line.slice(0, equals)}": ${value.includes('/') ? `"${value}"` : value}`;
}

/** Indices just after each line of `bytes` between `start` and `end`. */
export function lineEnds(bytes: Uint8Array, start: number, end: number): readonly number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(LINE_END, start); at !== -1 && at < end; at = bytes.indexOf(LINE_END, at + 1)) {
    ends.push(at + 1);
  }
  return ends;
}
