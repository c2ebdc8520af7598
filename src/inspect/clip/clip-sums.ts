import type { Frame } from '../../core/frame.js';
import { crc32 } from '../../recording/checksums/crc32.js';
import { FrameChecksums } from '../../recording/checksums/frame-checksums.js';
import { CHECKSUM_BLOCK_FRAMES, type InfoChecksums } from '../../recording/info/info-file.js';
import type { FrameRange } from './frame-range.js';

/**
 * Checksums of a clip. The source's own are held against the bytes that are copied, wherever a whole block of them is in the
 * clip; else a byte that the disk changed would get a new, right checksum. Blocks that begin and end in both are carried over
 * as they are.
 */
export class ClipSums {
  readonly #own = new FrameChecksums();
  readonly #source: readonly string[];
  /** Sum of the source's block so far; `null` where its first frame is not in the clip. */
  #sum: number | null = null;
  /** Frame of the source that comes next. */
  #next: number;
  /** Blocks of the source, from 0, that are not as they were recorded. */
  readonly #changed: number[] = [];

  constructor(
    source: InfoChecksums,
    private readonly range: FrameRange,
    /** Frames of the source: its last block may be shorter. */
    private readonly sourceFrames: number,
  ) {
    this.#source = source.blocks;
    this.#next = range.first;
  }

  note(frames: readonly Frame[]): void {
    for (const frame of frames) {
      this.#own.note(frame);
      if ((this.#next - 1) % CHECKSUM_BLOCK_FRAMES === 0) this.#sum = 0;
      if (this.#sum !== null) for (const piece of frame.bytes) this.#sum = crc32(piece, this.#sum);
      if (this.#next % CHECKSUM_BLOCK_FRAMES === 0 || this.#next === this.sourceFrames) this.#endBlock();
      this.#next += 1;
    }
    this.#own.settle();
  }

  /** Frames of the source that are not as they were recorded: ranges of a block each. */
  get changed(): readonly FrameRange[] {
    return this.#changed.map((block) => ({
      first: block * CHECKSUM_BLOCK_FRAMES + 1,
      last: Math.min((block + 1) * CHECKSUM_BLOCK_FRAMES, this.sourceFrames),
    }));
  }

  /** As the clip's info file has them. */
  blocks(): InfoChecksums {
    const own = this.#own.blocks();
    const shift = (this.range.first - 1) / CHECKSUM_BLOCK_FRAMES;
    if (!Number.isInteger(shift)) return own;
    const wasWhole = (block: number): boolean =>
      Math.min((block + 1) * CHECKSUM_BLOCK_FRAMES, this.sourceFrames) <= this.range.last;
    const blocks = own.blocks.map((sum, at) => (wasWhole(at + shift) ? (this.#source[at + shift] ?? sum) : sum));
    return { ...own, blocks };
  }

  #endBlock(): void {
    const block = Math.floor((this.#next - 1) / CHECKSUM_BLOCK_FRAMES);
    const asRecorded = this.#source[block];
    if (this.#sum !== null && asRecorded !== undefined && Number.parseInt(asRecorded, 16) !== this.#sum) {
      this.#changed.push(block);
    }
    this.#sum = null;
  }
}
