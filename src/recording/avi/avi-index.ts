import {
  CHUNK_HEAD_BYTES,
  INDEX_ENTRY_BYTES,
  OLD_INDEX_ENTRY_BYTES,
  chunkHead,
  indexBytes,
  indexHead,
} from './avi-layout.js';

/** Holds the index entries (ix00) of the frame group that is being written, in the format of the file. No I/O. */
export class FrameGroup {
  /** The entries are offsets from this position. */
  base = 0;
  frames = 0;
  readonly #entries: Buffer;

  constructor(readonly maxFrames: number) {
    this.#entries = Buffer.alloc(maxFrames * INDEX_ENTRY_BYTES);
  }

  /** `dataAt`: position of the JPEG in the file, after its chunk head. */
  add(dataAt: number, dataBytes: number): void {
    const at = this.frames * INDEX_ENTRY_BYTES;
    this.#entries.writeUInt32LE(dataAt - this.base, at);
    this.#entries.writeUInt32LE(dataBytes, at + 4); // bit 31 is clear: a key frame
    this.frames += 1;
  }

  /** Continues the group of a file that was left open. `entries`: its index entries, as they are in that file. */
  resume(base: number, entries: Buffer): void {
    this.restart(base);
    entries.copy(this.#entries);
    this.frames = entries.length / INDEX_ENTRY_BYTES;
  }

  /** The entries from the group's frame number `from` (0 is the first) to the last, as bytes of the file. */
  entriesFrom(from: number): Buffer {
    return this.#entries.subarray(from * INDEX_ENTRY_BYTES, this.frames * INDEX_ENTRY_BYTES);
  }

  /** The position in the file after frame `frame` of the group (from 0), rounded up to an even number. */
  endOf(frame: number): number {
    const at = frame * INDEX_ENTRY_BYTES;
    const end = this.base + this.#entries.readUInt32LE(at) + this.#entries.readUInt32LE(at + 4);
    return end + (end & 1);
  }

  /** Size of the largest frame from the group's frame number `from` on; 0: there is none. */
  largestFrom(from: number): number {
    let largest = 0;
    for (let frame = from; frame < this.frames; frame += 1) {
      largest = Math.max(largest, this.#entries.readUInt32LE(frame * INDEX_ENTRY_BYTES + 4));
    }
    return largest;
  }

  /** The whole ix00 chunk, in parts. */
  get chunk(): Buffer[] {
    return [indexHead(this.base, this.frames), this.entriesFrom(0)];
  }

  /** Size of that chunk. */
  get bytes(): number {
    return indexBytes(this.frames);
  }

  /** Forgets all frames. The next group starts at `base`. */
  restart(base: number): void {
    this.base = base;
    this.frames = 0;
  }
}

const ENTRIES_A_PIECE = 4096;
const KEY_FRAME = 0x10;

/**
 * idx1, the index of AVI 1.0. It covers only the first RIFF, for readers that know no other index (such as
 * OpenCV's own).
 */
export class OldIndex {
  frames = 0;
  readonly #pieces: Buffer[] = [];

  /** `offset`: position of the chunk's head, counted from the four characters `movi`. */
  add(offset: number, dataBytes: number): void {
    const at = (this.frames % ENTRIES_A_PIECE) * OLD_INDEX_ENTRY_BYTES;
    let piece = this.#pieces[Math.floor(this.frames / ENTRIES_A_PIECE)];
    if (piece === undefined) {
      piece = Buffer.alloc(ENTRIES_A_PIECE * OLD_INDEX_ENTRY_BYTES);
      this.#pieces.push(piece);
    }
    piece.write('00dc', at, 'latin1');
    piece.writeUInt32LE(KEY_FRAME, at + 4);
    piece.writeUInt32LE(offset, at + 8);
    piece.writeUInt32LE(dataBytes, at + 12);
    this.frames += 1;
  }

  /** The whole idx1 chunk, in parts. */
  get chunk(): Buffer[] {
    const parts = [chunkHead('idx1', this.bytes - CHUNK_HEAD_BYTES)];
    let left = this.frames * OLD_INDEX_ENTRY_BYTES;
    for (const piece of this.#pieces) {
      if (left <= 0) break;
      parts.push(piece.subarray(0, left));
      left -= piece.length;
    }
    return parts;
  }

  /** Size of that chunk. */
  get bytes(): number {
    return oldIndexBytes(this.frames);
  }

  /** Frees the memory when the chunk is in the file. */
  clear(): void {
    this.frames = 0;
    this.#pieces.length = 0;
  }
}

/** Size of an idx1 chunk with `frames` entries. */
export function oldIndexBytes(frames: number): number {
  return CHUNK_HEAD_BYTES + OLD_INDEX_ENTRY_BYTES * frames;
}
