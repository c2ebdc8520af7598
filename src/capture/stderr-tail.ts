import { printable } from '../core/safe-text.js';

const MAX_LINE_CHARACTERS = 500;
const KEPT_LINES = 40;
/** A chunk longer than both ends together comes from a tool that floods stderr, so its middle is skipped. */
const READ_AT_EACH_END_BYTES = 4 * 1024;

export interface StderrLine {
  readonly text: string;
  /** Time of reading, monotonic clock, nanoseconds. */
  readonly readAtNs: bigint;
}

/** The last lines that a tool wrote to stderr, without colours and with limited length. */
export class StderrTail {
  readonly #lines: StderrLine[] = [];
  #unfinished = '';

  /** `onLine` receives each line as soon as it is complete. */
  constructor(private readonly onLine: (text: string) => void = () => {}) {}

  get lines(): readonly StderrLine[] {
    return this.#lines;
  }

  push(chunk: Buffer, readAtNs: bigint): void {
    if (chunk.length <= 2 * READ_AT_EACH_END_BYTES) {
      this.#add(chunk.toString('utf8'), readAtNs);
      return;
    }
    this.#add(chunk.subarray(0, READ_AT_EACH_END_BYTES).toString('utf8'), readAtNs);
    this.#add('\n', readAtNs);
    this.#add(chunk.subarray(-READ_AT_EACH_END_BYTES).toString('utf8'), readAtNs);
  }

  /** Ends the text: an unfinished line becomes the last line. */
  finish(readAtNs: bigint): void {
    this.#add('\n', readAtNs);
  }

  #add(text: string, readAtNs: bigint): void {
    const parts = (this.#unfinished + text).split('\n');
    this.#unfinished = (parts.pop() ?? '').slice(0, MAX_LINE_CHARACTERS);
    for (const part of parts) {
      const line = clean(part);
      if (line === '') continue;
      if (this.#lines.length === KEPT_LINES) this.#lines.shift();
      this.#lines.push({ text: line, readAtNs });
      this.onLine(line);
    }
  }
}

function clean(line: string): string {
  return printable(line.slice(0, 2 * MAX_LINE_CHARACTERS))
    .trim()
    .slice(0, MAX_LINE_CHARACTERS);
}
