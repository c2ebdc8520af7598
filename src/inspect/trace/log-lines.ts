import type { FileHandle } from 'node:fs/promises';

/** Lines of a log as records. What is no line of ours is counted and passed over, whatever it is. */

const READ_BYTES = 256 * 1024;
/** A line of ours has 64 KiB at most. */
const MAX_LINE_BYTES = 128 * 1024;
const NEWLINE = 0x0a;

export type LogRecord = Readonly<Record<string, unknown>>;

/** Cuts bytes into lines. Memory is bounded by one line. */
export class LogLines {
  /** Half lines of killed processes, NULs of power cuts, lines that are too long or no JSON object. */
  bad = 0;
  #rest: Buffer = Buffer.alloc(0);
  #isSkipping = false;

  constructor(private readonly onRecord: (record: LogRecord) => void) {}

  push(bytes: Buffer): void {
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, from)) {
      this.#line(bytes.subarray(from, at));
      from = at + 1;
    }
    this.#keep(bytes.subarray(from));
  }

  /** The end of a file that does not grow any more: what is left is half a line. */
  end(): void {
    if (this.#rest.length > 0 || this.#isSkipping) this.bad += 1;
    this.#rest = Buffer.alloc(0);
    this.#isSkipping = false;
  }

  #keep(bytes: Buffer): void {
    if (this.#isSkipping || bytes.length === 0) return;
    if (this.#rest.length + bytes.length > MAX_LINE_BYTES) {
      this.#rest = Buffer.alloc(0);
      this.#isSkipping = true;
      return;
    }
    this.#rest = Buffer.concat([this.#rest, bytes]); // a copy: the block is read into again
  }

  #line(end: Buffer): void {
    const isTooLong = this.#isSkipping || this.#rest.length + end.length > MAX_LINE_BYTES;
    const line = this.#rest.length === 0 ? end : Buffer.concat([this.#rest, end]);
    this.#rest = Buffer.alloc(0);
    this.#isSkipping = false;
    if (line.length === 0) return;
    const record = isTooLong ? undefined : recordIn(line.toString('utf8'));
    if (record === undefined) this.bad += 1;
    else this.onRecord(record);
  }
}

function recordIn(line: string): LogRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as LogRecord) : undefined;
  } catch {
    return undefined; // counted by the caller
  }
}

/**
 * Reads a file from a position to its present end. Resolves with the position there. `onBytes` is told at each step how many
 * were read.
 */
export async function readOn(
  file: FileHandle,
  from: number,
  lines: LogLines,
  onBytes: (bytes: number) => void = () => {},
): Promise<number> {
  const block = Buffer.allocUnsafe(READ_BYTES);
  for (let at = from; ;) {
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) return at;
    lines.push(block.subarray(0, bytesRead));
    at += bytesRead;
    onBytes(bytesRead);
  }
}
