import type { Frame } from '../../core/frame.js';
import { CHECKSUM_BLOCK_FRAMES, type InfoChecksums } from '../info/info-file.js';
import { crc32 } from './crc32.js';

/**
 * Checksums of a video's frames: for each `CHECKSUM_BLOCK_FRAMES` of them one over the bytes of their JPEGs, in order. They are
 * made of the bytes in memory, when these were written: so they tell whether the disk gave back what it was given.
 *
 * A failed commit is tried again with fewer frames, and the end may give frames up. So the sum behind each frame that is not
 * settled is kept: to go back is to forget the newest ones.
 */
export class FrameChecksums {
  /** Of whole blocks of settled frames. */
  readonly #blocks: number[] = [];
  /** The sum of the open block behind its last settled frame. */
  #settledSum = 0;
  #settledFrames = 0;
  /** The sum of its block behind each frame that is not settled. The owner settles some times a second. */
  readonly #waitingSums: number[] = [];

  /** Adds a frame that was written. Its bytes must still be there. */
  note({ bytes }: Pick<Frame, 'bytes'>): void {
    const place = (this.#settledFrames + this.#waitingSums.length) % CHECKSUM_BLOCK_FRAMES;
    let sum = place === 0 ? 0 : (this.#waitingSums.at(-1) ?? this.#settledSum);
    for (const piece of bytes) sum = crc32(piece, sum);
    this.#waitingSums.push(sum);
  }

  /** Makes the noted frames final, because the video's header names them. */
  settle(): void {
    for (const sum of this.#waitingSums) {
      this.#settledFrames += 1;
      this.#settledSum = sum;
      if (this.#settledFrames % CHECKSUM_BLOCK_FRAMES === 0) this.#blocks.push(sum);
    }
    this.#waitingSums.length = 0;
  }

  /** Removes the newest frames, down to `frames`. Settled frames stay. */
  forgetAfter(frames: number): void {
    const waiting = Math.max(0, frames - this.#settledFrames);
    this.#waitingSums.length = Math.min(this.#waitingSums.length, waiting);
  }

  /** Of the settled frames, as the info file has them. The last block may be shorter. */
  blocks(): InfoChecksums {
    const hasRest = this.#settledFrames % CHECKSUM_BLOCK_FRAMES > 0;
    const sums = hasRest ? [...this.#blocks, this.#settledSum] : this.#blocks;
    return { algorithm: 'crc32', frames_per_block: CHECKSUM_BLOCK_FRAMES, blocks: sums.map(hexadecimal) };
  }
}

function hexadecimal(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}
