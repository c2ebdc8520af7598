import type { Clock } from '../core/clock.js';

const NEWLINE = 0x0a;

/** Consecutive lines that were refused or discarded. */
export interface LineGap {
  readonly lines: number;
  /** Wall clock when the first of these lines was lost, milliseconds since 1970. */
  readonly sinceMs: number;
}

interface Block {
  readonly memory: Buffer;
  length: number;
  lines: number;
  /** Lost lines that a gap line in this block reports. If the block is discarded, they are unreported again. */
  toldLost: number;
}

export interface LineQueueDependencies {
  readonly clock: Clock;
  /** Size of one block, which is written as a whole. It also limits a line with its newline. */
  readonly blockBytes: number;
  /** Memory limit, bytes; at least two blocks are used. */
  readonly maxBytes: number;
  /**
   * Formats the gap line (without its newline). It reports lost lines at the place in the file where they are
   * missing.
   */
  readonly gapLine: (gap: LineGap) => string;
}

/**
 * Lines that wait for the disk, encoded at once into blocks of whole lines. A full queue refuses the newest line
 * instead of dropping the oldest: the first lines about a fault are worth most, and the place of the gap is known. A
 * block stays until it is confirmed, so it can be written again.
 */
export class LineQueue {
  readonly maxLineBytes: number;
  readonly #dependencies: LineQueueDependencies;
  readonly #maxBlocks: number;
  readonly #blocks: Block[] = [];
  #spare: Buffer | undefined;
  /** Whether `peek` handed out the first block. A write may then be using it, so it accepts no more lines. */
  #isFirstHandedOut = false;
  #gap: LineGap | undefined;
  #lost = 0;

  constructor(dependencies: LineQueueDependencies) {
    this.#dependencies = dependencies;
    this.#maxBlocks = Math.max(2, Math.floor(dependencies.maxBytes / dependencies.blockBytes));
    this.maxLineBytes = dependencies.blockBytes - 1;
  }

  /** Lines lost since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Appends a line (without its newline). A refused line is counted. */
  push(line: string): void {
    this.#tellOfGap();
    if (this.#gap !== undefined || !this.#put(line)) this.lose(1);
  }

  /** Counts lines that were lost before they reached the queue. */
  lose(lines: number): void {
    if (lines === 0) return;
    this.#lost += lines;
    this.#widenGap(lines);
  }

  /** The oldest lines, whole, each with its newline. Returns the same lines until they are confirmed. */
  peek(): Buffer | undefined {
    if (this.#blocks.length === 0) this.#tellOfGap();
    const first = this.#blocks[0];
    if (first === undefined) return undefined;
    this.#isFirstHandedOut = true;
    return first.memory.subarray(0, first.length);
  }

  /** Confirms that the lines returned by `peek` are on disk. */
  confirm(): void {
    this.#spare = this.#blocks.shift()?.memory;
    this.#isFirstHandedOut = false;
    this.#tellOfGap();
  }

  /** Discards all waiting lines and counts them. */
  discard(): void {
    for (const block of this.#blocks.splice(0)) {
      this.#lost += block.lines;
      this.#widenGap(block.lines + block.toldLost);
    }
    this.#isFirstHandedOut = false; // the memory is never reused: a write that hangs may still read it
  }

  #widenGap(lines: number): void {
    if (lines === 0) return;
    const sinceMs = this.#gap?.sinceMs ?? this.#dependencies.clock.wallMs();
    this.#gap = { lines: (this.#gap?.lines ?? 0) + lines, sinceMs };
  }

  #tellOfGap(): void {
    const gap = this.#gap;
    // While all blocks are in use the gap only grows. So one line reports the whole gap, instead of one gap line for
    // each line that is slightly too long.
    if (gap === undefined || this.#blocks.length >= this.#maxBlocks) return;
    if (!this.#put(this.#dependencies.gapLine(gap))) return;
    this.#gap = undefined;
    const block = this.#blocks.at(-1);
    if (block === undefined) return;
    block.toldLost += gap.lines;
    block.lines -= 1; // our own line does not count as a loss
  }

  #put(line: string): boolean {
    const bytes = Buffer.byteLength(line) + 1;
    const block = this.#blockFor(bytes);
    if (block === undefined) return false;
    block.memory.write(line, block.length);
    block.length += bytes;
    block.memory[block.length - 1] = NEWLINE;
    block.lines += 1;
    return true;
  }

  #blockFor(bytes: number): Block | undefined {
    if (bytes > this.#dependencies.blockBytes) return undefined;
    const last = this.#blocks.at(-1);
    const isHandedOut = this.#isFirstHandedOut && this.#blocks.length === 1;
    if (last !== undefined && !isHandedOut && last.length + bytes <= last.memory.length) return last;
    if (this.#blocks.length >= this.#maxBlocks) return undefined;
    const memory = this.#spare ?? Buffer.allocUnsafeSlow(this.#dependencies.blockBytes);
    this.#spare = undefined;
    const block: Block = { memory, length: 0, lines: 0, toldLost: 0 };
    this.#blocks.push(block);
    return block;
  }
}
