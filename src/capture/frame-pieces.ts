import type { Slab } from './frame-memory.js';

/** Bytes of the stream in one slab, which is retained. */
export interface Piece {
  readonly slab: Slab;
  /** Inclusive. */
  readonly start: number;
  /** Exclusive. */
  end: number;
}

/** Consecutive bytes of the stream, kept where they were read. Each piece retains its slab once. */
export class FramePieces {
  #pieces: Piece[] = [];

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Adjacent bytes are merged, so most frames have one piece. */
  append(slab: Slab, start: number, end: number): void {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.slab === slab && last.end === start) {
      last.end = end;
      return;
    }
    slab.retain();
    this.#pieces.push({ slab, start, end });
  }

  /**
   * Returns the first `byteLength` bytes as views and releases the rest. The caller must release the returned slabs.
   */
  claimFrame(byteLength: number): { readonly bytes: Buffer[]; readonly slabs: Slab[] } {
    const bytes: Buffer[] = [];
    const slabs: Slab[] = [];
    let left = byteLength;
    for (const { slab, start, end } of this.#pieces) {
      if (left === 0) {
        slab.release();
        continue;
      }
      const length = Math.min(left, end - start);
      left -= length;
      bytes.push(slab.bytes.subarray(start, start + length));
      slabs.push(slab);
    }
    this.#pieces = [];
    return { bytes, slabs };
  }

  /** Returns everything after the first `byteCount` bytes. The caller must release the returned slabs. */
  claimFrom(byteCount: number): Piece[] {
    const rest: Piece[] = [];
    let left = byteCount;
    for (const { slab, start, end } of this.#pieces) {
      const dropped = Math.min(left, end - start);
      left -= dropped;
      if (start + dropped === end) slab.release();
      else rest.push({ slab, start: start + dropped, end });
    }
    this.#pieces = [];
    return rest;
  }
}
