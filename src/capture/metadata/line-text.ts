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
    if (this.#length > 0) {
      this.#bytes[this.#length] = NEWLINE;
      this.#length += 1;
    }
    this.#length += bytes.copy(this.#bytes, this.#length, start, end);
  }

  #grow(needed: number): void {
    const larger = Buffer.alloc(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
