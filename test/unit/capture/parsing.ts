import { SlabPool } from '../../../src/capture/frame-memory.js';
import { FrameParser, type ParserOptions } from '../../../src/capture/frame-parser.js';
import type { Frame } from '../../../src/core/frame.js';

export const WALL_MS = 1_767_709_852_123;

export interface ParsedFrame {
  readonly frame: Frame;
  readonly width: number;
  readonly height: number;
}

/** A parser fed from slabs as the reader feeds it, and what it found, in order. Frames stay retained. */
export class Parsing {
  readonly pool: SlabPool;
  readonly frames: ParsedFrame[] = [];
  readonly corrupt: number[] = [];
  readonly parser: FrameParser;
  #slab;
  #offset = 0;
  #readAtNs = 0n;

  constructor(
    options: Partial<ParserOptions> = {},
    slabBytes = 64 * 1024,
    private readonly wallMs = WALL_MS,
  ) {
    this.pool = new SlabPool(slabBytes);
    this.#slab = this.pool.claim();
    this.parser = new FrameParser(
      {
        onFrame: (frame, width, height) => {
          frame.retain();
          this.frames.push({ frame, width, height });
        },
        onCorrupt: (byteCount) => {
          this.corrupt.push(byteCount);
        },
      },
      { expectMetadata: true, ...options },
    );
  }

  /** The bytes as one read, or several where the slab ends. Each read is stamped with the next number from 1. */
  push(bytes: Buffer): void {
    let done = 0;
    while (done < bytes.length) {
      if (this.#offset === this.pool.slabBytes) this.#nextSlab();
      const byteCount = Math.min(bytes.length - done, this.pool.slabBytes - this.#offset);
      bytes.copy(this.#slab.bytes, this.#offset, done, done + byteCount);
      this.#readAtNs += 1n;
      this.parser.push(this.#slab, this.#offset, this.#offset + byteCount, this.#readAtNs, this.wallMs);
      this.#offset += byteCount;
      done += byteCount;
    }
  }

  /** The stream cut at these places, then its end. */
  run(stream: Buffer, cuts: readonly number[] = []): void {
    let from = 0;
    for (const cut of [...cuts].sort((a, b) => a - b)) {
      this.push(stream.subarray(from, cut));
      from = Math.max(from, cut);
    }
    this.push(stream.subarray(from));
    this.parser.finish();
  }

  get pictures(): Buffer[] {
    return this.frames.map(({ frame }) => Buffer.concat(frame.bytes));
  }

  get sensorTimestamps(): bigint[] {
    return this.frames.map(({ frame }) => frame.times.sensorTimestampNs);
  }

  get corruptBytes(): number {
    return this.corrupt.reduce((sum, count) => sum + count, 0);
  }

  /** Gives everything back; slabs in use afterwards are a leak. */
  release(): void {
    for (const { frame } of this.frames) frame.release();
    this.#slab.release();
  }

  #nextSlab(): void {
    const next = this.pool.claim();
    this.#slab.release();
    this.#slab = next;
    this.#offset = 0;
  }
}
