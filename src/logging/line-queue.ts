import type { Clock } from '../core/clock.js';

const NEWLINE = 0x0a;

/** Lines that were refused one after another, or discarded. */
export interface LineGap {
  readonly lines: number;
  /** Wall clock when the first of them was lost, milliseconds since 1970. */
  readonly sinceMs: number;
}

interface Block {
  readonly memory: Buffer;
  length: number;
  lines: number;
  /** Lost lines that a line in this block tells of: not told after all if the block is discarded. */
  toldLost: number;
}

export interface LineQueueSettings {
  readonly clock: Clock;
  /** Size of the blocks that are written at once, and so of the longest line with its newline. */
  readonly blockBytes: number;
  /** Memory at most, bytes; at least two blocks are used. */
  readonly maxBytes: number;
  /** The line (without newline) that tells of lost lines, at the place in the file where they are missing. */
  readonly gapLine: (gap: LineGap) => string;
}

/**
 * Lines that wait for the disk, encoded at once into blocks of whole lines. When it is full the newest line is
 * refused, not the oldest one dropped: what a log says first about a fault is worth most, and the place of the gap is known.
 * A block stays until it is confirmed, so that it can be written again.
 */
export class LineQueue {
  readonly maxLineBytes: number;
  readonly #settings: LineQueueSettings;
  readonly #maxBlocks: number;
  readonly #blocks: Block[] = [];
  #spare: Buffer | undefined;
  /** Whether the first block was handed out: then it may be in a pending write and takes no more lines. */
  #isFirstTaken = false;
  #gap: LineGap | undefined;
  #lost = 0;

  constructor(settings: LineQueueSettings) {
    this.#settings = settings;
    this.#maxBlocks = Math.max(2, Math.floor(settings.maxBytes / settings.blockBytes));
    this.maxLineBytes = settings.blockBytes - 1;
  }

  /** Lines lost since the start. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a line without its newline. A refused one is counted. */
  push(line: string): void {
    this.#tellOfGap();
    if (this.#gap !== undefined || !this.#put(line)) this.lose(1);
  }

  /** Counts lines that were lost before they got here. */
  lose(lines: number): void {
    if (lines === 0) return;
    this.#lost += lines;
    this.#widenGap(lines);
  }

  /** The oldest lines, whole, each with its newline; the same ones until they are confirmed. */
  peek(): Buffer | undefined {
    if (this.#blocks.length === 0) this.#tellOfGap();
    const first = this.#blocks[0];
    if (first === undefined) return undefined;
    this.#isFirstTaken = true;
    return first.memory.subarray(0, first.length);
  }

  /** What `peek` gave is on disk. */
  confirm(): void {
    this.#spare = this.#blocks.shift()?.memory;
    this.#isFirstTaken = false;
    this.#tellOfGap();
  }

  /** Gives up everything that waits, and counts it. */
  discard(): void {
    for (const block of this.#blocks.splice(0)) {
      this.#lost += block.lines;
      this.#widenGap(block.lines + block.toldLost);
    }
    this.#isFirstTaken = false; // its memory is never used again: a write that hangs may still read it
  }

  #widenGap(lines: number): void {
    if (lines === 0) return;
    const sinceMs = this.#gap?.sinceMs ?? this.#settings.clock.wallMs();
    this.#gap = { lines: (this.#gap?.lines ?? 0) + lines, sinceMs };
  }

  #tellOfGap(): void {
    const gap = this.#gap;
    // With all blocks in use the gap only grows: one line tells of it, not one for each line that is too long by a little.
    if (gap === undefined || this.#blocks.length >= this.#maxBlocks) return;
    if (!this.#put(this.#settings.gapLine(gap))) return;
    this.#gap = undefined;
    const block = this.#blocks.at(-1);
    if (block === undefined) return;
    block.toldLost += gap.lines;
    block.lines -= 1; // our own line: nobody's loss
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
    if (bytes > this.#settings.blockBytes) return undefined;
    const last = this.#blocks.at(-1);
    const isTaken = this.#isFirstTaken && this.#blocks.length === 1;
    if (last !== undefined && !isTaken && last.length + bytes <= last.memory.length) return last;
    if (this.#blocks.length >= this.#maxBlocks) return undefined;
    const memory = this.#spare ?? Buffer.allocUnsafeSlow(this.#settings.blockBytes);
    this.#spare = undefined;
    const block: Block = { memory, length: 0, lines: 0, toldLost: 0 };
    this.#blocks.push(block);
    return block;
  }
}
