import type { FrameMemory } from '../core/frame.js';

const MIB = 1024 * 1024;

/**
 * Size of a slab, which is the least memory that a retained frame keeps in use. It is small so that the slabs in use
 * stay in the CPU's cache: 4 MiB cost 9 % more CPU per byte for reading and parsing. With frames of 281 KB, every
 * fourth frame straddles two slabs.
 */
const SLAB_BYTES = MIB;
/** Free slabs kept for reuse. Any beyond this number return to the system after a burst. */
const MAX_FREE_SLABS = 16;
/** Most bytes offered to one read. A local socket delivered up to 256 KiB per read, and no more with more room. */
const MAX_REGION_BYTES = 256 * 1024;
/** A remainder smaller than this stays unused. It would cost a read for few bytes and split a frame. */
const MIN_REGION_BYTES = 64 * 1024;

/**
 * A block of memory. Reads fill it, and frames are views of it. It counts its references; the last release returns it to
 * the pool.
 */
export class Slab implements FrameMemory {
  readonly bytes: Buffer;
  #references = 0;
  readonly #giveBack: (slab: Slab) => void;

  constructor(byteLength: number, giveBack: (slab: Slab) => void) {
    // `Slow` gives a Buffer of its own, never a part of Node's shared pool.
    this.bytes = Buffer.allocUnsafeSlow(byteLength);
    this.#giveBack = giveBack;
  }

  retain(): void {
    this.#references += 1;
  }

  /** One release too many is a bug and throws. */
  release(): void {
    this.#references -= 1;
    if (this.#references < 0) throw new Error('A slab was released more often than it was retained.');
    if (this.#references === 0) this.#giveBack(this);
  }
}

/**
 * Slabs for the reader. The pool holds the slab being filled, the slabs with retained frames, and at most
 * `maxFreeSlabs` free ones.
 */
export class SlabPool {
  readonly #free: Slab[] = [];
  #inUse = 0;

  constructor(
    readonly slabBytes: number = SLAB_BYTES,
    private readonly maxFreeSlabs: number = MAX_FREE_SLABS,
  ) {}

  /** Slabs that are retained. */
  get inUse(): number {
    return this.#inUse;
  }

  /** Slabs that are free. */
  get free(): number {
    return this.#free.length;
  }

  /** A slab with unspecified content, retained once for the caller. */
  claim(): Slab {
    // Last in, first out: the slab that was returned last is still in the CPU's cache.
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

/** Places reads in slabs, so that consecutive reads lie side by side. */
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

  /**
   * Records that `byteLength` bytes of the last region were filled. `use` receives the slab with start (inclusive)
   * and end (exclusive).
   */
  advance(byteLength: number, use: (slab: Slab, start: number, end: number) => void): void {
    const slab = this.#slab;
    if (slab === undefined) return;
    const start = this.#offset;
    this.#offset = start + byteLength;
    use(slab, start, this.#offset);
  }

  /** Returns the slab. No read may land in its last region any more. */
  close(): void {
    this.#slab?.release();
    this.#slab = undefined;
  }

  #slabWithRoom(): Slab {
    const current = this.#slab;
    const enough = Math.min(MIN_REGION_BYTES, this.pool.slabBytes);
    if (current !== undefined && current.bytes.length - this.#offset >= enough) return current;
    // The new slab is claimed before the full one is released. Otherwise the pool would hand the full slab out again,
    // as the newest free one.
    const next = this.pool.claim();
    current?.release();
    this.#slab = next;
    this.#offset = 0;
    return next;
  }
}
