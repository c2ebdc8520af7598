const NEWLINE = 0x0a;
/** Real blocks have half of it. */
const FIRST_BYTES = 2048;

/** Collects lines, for whoever wants them as text. Its memory grows to the longest block and is used again. */
export class LineText {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #length = 0;

  /** The lines since `begin`, with a line break between them. They are ASCII. */
  get text(): string {
    return this.#bytes.toString('latin1', 0, this.#length);
  }

  begin(): void {
    this.#length = 0;
  }

  /** Adds the line from `start` to `end` (exclusive). */
  add(bytes: Buffer, start: number, end: number): void {
    const needed = this.#length + 1 + end - start;
    if (needed > this.#bytes.length) this.#grow(needed);
    const text = this.#bytes;
    let length = this.#length;
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

  #grow(needed: number): void {
    const larger = Buffer.alloc(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
