import { MAX_LINE_BYTES } from '../protocol/commands.js';

const NEWLINE = 0x0a;

/** One line of stdin: its JSON value, or the reason why it has none. */
export type Line =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: string; readonly excerpt: string };

/** Splits a byte stream into lines of limited length and reads each line as JSON. Never throws. */
export class LineReader {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #pieces: Buffer[] = [];
  #length = 0;
  #isTooLong = false;

  constructor(private readonly onLine: (line: Line) => void) {}

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, end));
      this.end();
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** Ends the line. Call it at the end of the stream too, because the last line may have no newline. */
  end(): void {
    const bytes = Buffer.concat(this.#pieces);
    const isTooLong = this.#isTooLong;
    this.#pieces = [];
    this.#length = 0;
    this.#isTooLong = false;
    if (isTooLong)
      this.onLine({ ok: false, error: `The line is longer than ${MAX_LINE_BYTES} bytes.`, excerpt: excerptOf(bytes) });
    else this.#read(bytes);
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#isTooLong ||= this.#length + piece.length > MAX_LINE_BYTES;
    // Only the beginning of a line that is too long is kept, for the log.
    if (this.#isTooLong && this.#length > 0) return;
    const kept = this.#isTooLong ? piece.subarray(0, 200) : piece;
    this.#pieces.push(kept);
    this.#length += kept.length;
  }

  #read(bytes: Buffer): void {
    let text: string;
    try {
      text = this.#decoder.decode(bytes);
    } catch {
      // The decoder's error has no details, so the host gets none.
      this.onLine({ ok: false, error: 'The line is not valid UTF-8.', excerpt: excerptOf(bytes) });
      return;
    }
    if (text.trim() === '') return;
    try {
      this.onLine({ ok: true, value: JSON.parse(text) as unknown });
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError)) throw thrown;
      this.onLine({
        ok: false,
        error: 'The line is not valid JSON. Send one JSON object per line.',
        excerpt: excerptOf(bytes),
      });
    }
  }
}

function excerptOf(bytes: Buffer): string {
  return bytes.toString('utf8', 0, 200);
}
