const NEWLINE = 0x0a;

/** Most text of one frame, bytes. Real blocks have 1 KiB. Hundreds of frames may wait for the disk, each with its text. */
export const MAX_TEXT_BYTES = 8 * 1024;

/** Collects lines, for whoever wants them as text. Its memory is used again for each block. */
export class LineText {
  readonly #bytes = Buffer.alloc(MAX_TEXT_BYTES);
  #length = 0;

  /** The lines since `begin`, with a line break between them. They are ASCII. */
  get text(): string {
    return this.#bytes.toString('latin1', 0, this.#length);
  }

  begin(): void {
    this.#length = 0;
  }

  /** Adds the line from `start` to `end` (exclusive). A line that finds no room is left out. */
  add(bytes: Buffer, start: number, end: number): void {
    const text = this.#bytes;
    let length = this.#length;
    if (length + 1 + end - start > MAX_TEXT_BYTES) return;
    if (length > 0) {
      text[length] = NEWLINE;
      length += 1;
    }
    // Lines are short: a call into Node costs more than this loop.
    for (let index = start; index < end; index += 1) {
      text[length] = bytes[index] ?? 0;
      length += 1;
    }
    this.#length = length;
  }
}
