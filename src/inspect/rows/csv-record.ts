/** A record of a CSV file by RFC 4180, read from bytes. What the fields mean does not belong here. */

const COMMA = 0x2c;
const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const TAB = 0x09;
const SPACE = 0x20;

/** No row of ours is longer: labels have 256 characters. A quote that is never closed would swallow the file. */
export const MAX_RECORD_BYTES = 64 * 1024;

export interface CsvRecord {
  readonly fields: readonly string[];
  /** Position behind the line feed that ends it. */
  readonly end: number;
}

/**
 * The record that begins at `at`. `partial`: more bytes are needed. `wrong`: a quote or a control
 * character is where none may be, or the record is longer than any of ours.
 */
export function csvRecord(bytes: Buffer, at: number, end: number): CsvRecord | 'partial' | 'wrong' {
  const fields: string[] = [];
  const limit = Math.min(end, at + MAX_RECORD_BYTES);
  let from = at;
  for (;;) {
    const field = bytes[from] === QUOTE && from < limit ? quoted(bytes, from, limit) : plain(bytes, from, limit);
    if (field === 'wrong') return 'wrong';
    if (field === 'partial') return limit < end ? 'wrong' : 'partial';
    fields.push(field.text);
    if (bytes[field.end] === LINE_FEED) return { fields, end: field.end + 1 };
    from = field.end + 1;
  }
}

interface Field {
  readonly text: string;
  /** Position of the comma or line feed behind it. */
  readonly end: number;
}

function plain(bytes: Buffer, from: number, limit: number): Field | 'partial' | 'wrong' {
  for (let at = from; at < limit; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === COMMA || byte === LINE_FEED) return { text: bytes.toString('utf8', from, at), end: at };
    if (byte === QUOTE || (byte < SPACE && byte !== TAB)) return 'wrong';
  }
  return 'partial';
}

function quoted(bytes: Buffer, from: number, limit: number): Field | 'partial' | 'wrong' {
  for (let at = from + 1; at < limit; at += 1) {
    const byte = bytes[at] ?? 0;
    // Other control characters are replaced before they are written.
    if (byte < SPACE && byte !== TAB && byte !== LINE_FEED && byte !== CARRIAGE_RETURN) return 'wrong';
    if (byte !== QUOTE) continue;
    if (at + 1 >= limit) return 'partial';
    const next = bytes[at + 1];
    if (next === QUOTE) {
      at += 1;
      continue;
    }
    if (next !== COMMA && next !== LINE_FEED) return 'wrong';
    return { text: bytes.toString('utf8', from + 1, at).replaceAll('""', '"'), end: at + 1 };
  }
  return 'partial';
}
