import type { Frame } from '../../core/frame.js';
import { CHUNK_HEAD_BYTES } from './avi-layout.js';

/** A chunk head, without and with the pad byte of the chunk before it. */
interface Head {
  readonly alone: Buffer;
  readonly padded: Buffer;
}

const HEADS_A_SLAB = 64;
const HEAD_STRIDE = 16;

/**
 * The parts of one `writev`: chunk head, JPEG, chunk head, JPEG, and so on. Heads are made once and reused.
 * Frames are not copied. A pad byte is written with the next head. The last one is not written, because the file
 * was grown with zeros.
 */
export class FrameHeads {
  /** The parts for `writeParts`, which may change the array. */
  readonly parts: Buffer[] = [];
  readonly #heads: Head[] = [];
  #used = 0;
  #needsPad = false;

  add(frame: Frame): void {
    if (this.#used === this.#heads.length) this.#grow();
    const head = this.#heads[this.#used];
    if (head === undefined) return;
    this.#used += 1;
    head.alone.writeUInt32LE(frame.byteLength, 4);
    this.parts.push(this.#needsPad ? head.padded : head.alone);
    for (const piece of frame.bytes) this.parts.push(piece);
    this.#needsPad = (frame.byteLength & 1) === 1;
  }

  /** Drops the references to the frames. The heads stay for the next batch. */
  clear(): void {
    this.parts.length = 0;
    this.#used = 0;
    this.#needsPad = false;
  }

  #grow(): void {
    const slab = Buffer.alloc(HEADS_A_SLAB * HEAD_STRIDE);
    for (let at = 0; at < slab.length; at += HEAD_STRIDE) {
      const padded = slab.subarray(at, at + 1 + CHUNK_HEAD_BYTES);
      padded.write('00dc', 1, 'latin1');
      this.#heads.push({ padded, alone: padded.subarray(1) });
    }
  }
}
