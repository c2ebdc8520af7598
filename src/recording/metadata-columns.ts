import { csvField } from './csv-field.js';

/**
 * The columns of a metadata file and the text of its rows. Names and values are the capture tool's and are believed in
 * nothing: whatever they are, a row stays one line of bounded size that every reader of RFC 4180 can read.
 */

/** What a camera told of a frame, as text. */
export interface MetadataRow {
  /** 0n if the camera gave none. */
  readonly sensorTimestampNs: bigint;
  /** Lines `Name=Value` in any order; '' where there are none. */
  readonly text: string;
}

/** Columns before and behind those of the camera. A name that is one of these gets no column of its own. */
export const INDEX_COLUMNS = ['frame_index', 'sensor_timestamp_ns'] as const;
export const OTHER_COLUMN = 'other';
/** The start of the first line of every metadata file, byte for byte. */
export const METADATA_HEADER_START = `${INDEX_COLUMNS.join(',')},`;

const MAX_COLUMNS = 64;
const MAX_NAMES = MAX_COLUMNS - INDEX_COLUMNS.length - 1;
const MAX_VALUE_CHARACTERS = 512;
/** Of a row and of the header, with the line break. Rows of real cameras have some 500. */
export const MAX_ROW_BYTES = 4096;

/** Without control characters: where those are replaced, two names could become one. */
const NAME = /^\P{Cc}+$/u;

/** Values of `other` stand behind one another with this between them. */
export const BETWEEN = '; ';
/** Each begins and ends a quoted field. */
const QUOTES_BYTES = 2;

export class MetadataColumns {
  /** The first line, with its line break. */
  readonly header: string;
  readonly #places: ReadonlyMap<string, number>;

  /**
   * `first`: the metadata that tell the names, by whose order the columns stand. `onCut` is called for each row that does not
   * hold everything. It must not throw.
   */
  constructor(
    first: string,
    private readonly onCut: () => void,
  ) {
    const names = columnNames(first);
    this.header = `${[...INDEX_COLUMNS, ...names.map(csvField), OTHER_COLUMN].join(',')}\n`;
    this.#places = new Map(names.map((name, place) => [name, place]));
  }

  /** One row, with its line break. `index` counts from 1. */
  row({ sensorTimestampNs, text }: MetadataRow, index: number): string {
    const values = Array.from(this.#places, () => '');
    const others: string[] = [];
    let isCut = false;
    for (const line of linesOf(text)) {
      const valueAt = line.indexOf('=') + 1;
      const place = this.#places.get(line.slice(0, Math.max(0, valueAt - 1)));
      const kept = line.slice(0, valueAt + MAX_VALUE_CHARACTERS);
      if (kept.length < line.length) isCut = true;
      // Of a name that comes twice the first value counts; the other is not lost.
      if (place === undefined || values[place] !== '') others.push(kept);
      else values[place] = kept.slice(valueAt);
    }
    const start = `${index},${sensorTimestampNs},`;
    const fields = values.map(csvField);
    const whole = `${start}${[...fields, csvField(others.join(BETWEEN))].join(',')}\n`;
    const isTooLong = Buffer.byteLength(whole) > MAX_ROW_BYTES;
    if (isCut || isTooLong) this.onCut();
    return isTooLong ? shortened(start, fields, others) : whole;
  }
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n').filter((line) => line !== '');
}

/** Those that get a column, sorted. The tool's order varies from frame to frame. */
function columnNames(text: string): readonly string[] {
  const ours: readonly string[] = [...INDEX_COLUMNS, OTHER_COLUMN];
  const found = linesOf(text).map((line) => line.slice(0, Math.max(0, line.indexOf('='))));
  const names = [...new Set(found)].filter((name) => NAME.test(name) && !ours.includes(name)).sort();
  let room = MAX_ROW_BYTES - Buffer.byteLength(`${ours.join(',')}\n`);
  const isFitting = (name: string): boolean => {
    const bytes = Buffer.byteLength(csvField(name)) + 1;
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  return names.filter(isFitting).slice(0, MAX_NAMES);
}

/** The row with those fields that have room, in order. */
function shortened(start: string, fields: readonly string[], others: readonly string[]): string {
  let room = MAX_ROW_BYTES - Buffer.byteLength(start) - fields.length - QUOTES_BYTES - 1;
  const isFitting = (field: string): boolean => {
    const bytes = Buffer.byteLength(field);
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  const kept = fields.map((field) => (isFitting(field) ? field : ''));
  const keptOthers = others.filter((other) => isFitting(csvField(`${other}${BETWEEN}`)));
  return `${start}${[...kept, csvField(keptOthers.join(BETWEEN))].join(',')}\n`;
}
