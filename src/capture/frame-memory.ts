import type { FrameMemory } from '../core/frame.js';

const MIB = 1024 * 1024;

/**
 * What a single retained frame pins at least. Small, so that the slabs in use stay in the CPU's cache: 4 MiB cost 9 %
 * more CPU a byte for reading and parsing; of frames of 281 KB every fourth straddles two slabs.
 */
const SLAB_BYTES = MIB;
/** Slabs kept for use again; more than these go back to the system after a burst. */
const MAX_FREE_SLABS = 16;
/** What one read is offered. A local socket gave up to 256 KiB, and no more where there was more room. */
const MAX_REGION_BYTES = 256 * 1024;
/** A rest smaller than this is left unused: it would cost a read for few bytes and cut a frame in two. */
const MIN_REGION_BYTES = 64 * 1024;

/** A block that reads land in and frames are views of. Counted: with the last release the pool has it back. */
export class Slab implements FrameMemory {
  readonly bytes: Buffer;
  #references = 0;
  readonly #giveBack: (slab: Slab) => void;

  constructor(byteLength: number, giveBack: (slab: Slab) => void) {
    // Slow: a Buffer of its own, never a part of Node's shared pool.
    this.bytes = Buffer.allocUnsafeSlow(byteLength);
    this.#giveBack = giveBack;
  }

  retain(): void {
    this.#references += 1;
  }

  /** One too many is a bug and throws. */
  release(): void {
    this.#references -= 1;
    if (this.#references < 0) throw new Error('A slab was released more often than it was retained.');
    if (this.#references === 0) this.#giveBack(this);
  }
}

/**
 * Slabs for the reader. What is held at any time: the slab being filled, those that retained frames lie in, and at
 * most `maxFreeSlabs` free ones.
 */
export class SlabPool {
  readonly #free: Slab[] = [];
  #inUse = 0;

  constructor(
    readonly slabBytes: number = SLAB_BYTES,
    private readonly maxFreeSlabs: number = MAX_FREE_SLABS,
  ) {}

  /** Slabs that somebody retains. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Slabs that wait for use. */
  get free(): number {
    return this.#free.length;
  }

  /** A slab with unspecified content, retained once for the caller. */
  take(): Slab {
    // Last in, first out: the slab that was just given back is still in the CPU's cache.
    const slab =
      this.#free.pop() ??
      new Slab(this.slabBytes, (given) => {
        this.#inUse -= 1;
        if (this.#free.length < this.maxFreeSlabs) this.#free.push(given);
      });
    this.#inUse += 1;
    slab.retain();
    return slab;
  }
}

/** Says where the next read may land, so that consecutive reads lie side by side. */
export class ReadCursor {
  #slab: Slab | undefined;
  #offset = 0;

  constructor(private readonly pool: SlabPool) {}

  /** Room for the next read. Valid until `advance` or the next `region`. */
  region(): Buffer {
    const slab = this.#slabWithRoom();
    const end = Math.min(this.#offset + MAX_REGION_BYTES, slab.bytes.length);
    return slab.bytes.subarray(this.#offset, end);
  }

  /** `byteLength` bytes of the last region were filled; `use` gets the slab with start (inclusive) and end (exclusive). */
  advance(byteLength: number, use: (slab: Slab, start: number, end: number) => void): void {
    const slab = this.#slab;
    if (slab === undefined) return;
    const start = this.#offset;
    this.#offset = start + byteLength;
    use(slab, start, this.#offset);
  }

  /** Gives the slab back. Nothing may be read into its last region any more. */
  close(): void {
    this.#slab?.release();
    this.#slab = undefined;
  }

  #slabWithRoom(): Slab {
    const current = this.#slab;
    const enough = Math.min(MIN_REGION_BYTES, this.pool.slabBytes);
    if (current !== undefined && current.bytes.length - this.#offset >= enough) return current;
    // The new one first: giving back before would hand the full slab out again while it is the newest free one.
    const next = this.pool.take();
    current?.release();
    this.#slab = next;
    this.#offset = 0;
    return next;
  }
}
