import { Frame } from '../core/frame.js';
import { FrameCadence } from './frame-cadence.js';
import type { Slab } from './frame-memory.js';
import { FramePieces, type Piece } from './frame-pieces.js';
import { FrameWallClock } from './frame-wall-clock.js';
import { HEADER_INCOMPLETE, HEADER_INVALID, JpegHeader } from './jpeg-header.js';
import { MetadataBlock } from './metadata/metadata-block.js';

// indexOf with a Buffer needle searches some 10 GB/s; a loop over the bytes searches 0.9.
const START_OF_FRAME = Buffer.from([0xff, 0xd8, 0xff]);
const START_OF_IMAGE = Buffer.from([0xff, 0xd8]);
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);
const FF = 0xff;
const D8 = 0xd8;
const D9 = 0xd9;
const NEWLINE = 0x0a;

/** Four times the largest frame of today's cameras. */
const MAX_FRAME_BYTES = 32 * 1024 * 1024;
/** After this many frames without metadata the parser no longer waits for it. */
const FRAMES_UNTIL_METADATA_IS_GIVEN_UP = 3;

/** Receives what the parser finds. Called within `push` and `finish`; must not throw. */
export interface ParserOutput {
  /** `width` and `height` in pixels, from the frame's header. The frame is released after the call. */
  onFrame(frame: Frame, width: number, height: number): void;
  /** Bytes that belong to no frame. Called before the next frame is handed over. */
  onCorrupt(byteCount: number): void;
}

export interface ParserOptions {
  /** Whether metadata lines follow each frame. Otherwise a frame is complete with its EOI. */
  readonly expectMetadata: boolean;
  /** Bytes. A longer frame is corrupt. */
  readonly maxFrameBytes?: number;
  /** Whether frames keep the text of their metadata. */
  readonly keepsMetadataText?: boolean;
}

/** Returned by `#readMetadata`: an earlier end of the frame may lie in the part that was skipped. */
const UNCERTAIN = -1;

type State = 'between' | 'header' | 'scan' | 'metadata';

/**
 * Cuts the stream of `rpicam-vid` into frames: JPEG, metadata lines, empty line, JPEG, and so on. Reads may end anywhere.
 * Bytes are neither copied nor joined. Damage costs only the damaged frame, because its bytes are kept: the search for the
 * next start continues right behind its first byte.
 *
 * The parser skips most of a frame. In a steady stream it searches for the end only from near the last frame's length on.
 * If the timestamp behind that end is missing or does not follow the last one, it searches the skipped part after all.
 *
 * A frame is handed over when its metadata ends, when the next frame follows instead, or at the end of the stream.
 */
export class FrameParser {
  #state: State = 'between';
  readonly #header = new JpegHeader();
  readonly #metadata: MetadataBlock;
  readonly #wallClock = new FrameWallClock();

  /** The bytes that are being parsed. */
  #view: Buffer = Buffer.alloc(0);
  #slab: Slab | undefined;
  #base = 0;
  #readAtNs = 0n;
  #readAtWallMs = 0;

  /** The frame in progress and the bytes behind it, up to the end of `#view`. Empty between frames. */
  readonly #pieces = new FramePieces();
  /** Index in `#view` of the frame's first byte; negative when it came earlier. */
  #origin = 0;
  readonly #cadence = new FrameCadence();
  /** Where the search for the frame's end began, bytes from its first one; 0: nothing was skipped. */
  #searchedFrom = 0;
  /** True while bytes are read again: then nothing is skipped. */
  #isThorough = false;
  #scanEndedWithFf = false;

  /** The complete frame whose metadata is awaited. */
  #hasComplete = false;
  #completeLength = 0;
  #completeReadAtNs = 0n;
  #completeWallMs = 0;

  #garbage = 0;
  #expectMetadata: boolean;
  #framesWithoutMetadata = 0;
  readonly #maxFrameBytes: number;

  constructor(
    private readonly output: ParserOutput,
    options: ParserOptions,
  ) {
    this.#expectMetadata = options.expectMetadata;
    this.#maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
    this.#metadata = new MetadataBlock(options.keepsMetadataText);
  }

  /**
   * Takes the next bytes of the stream: `start` inclusive, `end` exclusive in the slab. They must not change while the slab
   * is retained. `readAtNs`, `readAtWallMs`: when they were read, on the monotonic clock and on the wall clock.
   */
  push(slab: Slab, start: number, end: number, readAtNs: bigint, readAtWallMs: number): void {
    this.#readAtNs = readAtNs;
    this.#readAtWallMs = readAtWallMs;
    if (this.#skips(slab, start, end)) return;
    const again = this.#consume(slab, start, end);
    if (again !== undefined) this.#replay(again);
    // An empty line at the end of a read mostly means that a frame and its metadata are complete. The parser still looks for the
    // frame's end, so that end was skipped. (Two newlines within a picture only cost a second search.)
    if (this.#state === 'scan' && !this.#isCertain && this.#endsWithEmptyLine) this.#searchAgain();
  }

  /** Ends the stream: hands over a frame that waits for its metadata, and counts incomplete bytes as garbage. */
  finish(): void {
    while (!this.#pieces.isEmpty) {
      if (!this.#isCertain) this.#searchAgain();
      else if (this.#hasComplete) this.#handOver();
      else this.#replay(this.#rewind(1));
    }
    this.#garbage += this.#state === 'metadata' ? this.#metadata.unfinishedBytes : 0;
    this.#state = 'between';
    this.#reportGarbage();
    this.#view = Buffer.alloc(0);
    this.#slab = undefined;
  }

  /**
   * Takes bytes that lie wholly in the skipped part of a frame and do not end with an empty line: half of the reads of a steady
   * stream. Returns `false` where they are something else.
   */
  #skips(slab: Slab, start: number, end: number): boolean {
    const length = end - start;
    const skippedBytes = this.#origin + this.#searchedFrom;
    if (this.#state !== 'scan' || length === 0 || length > skippedBytes) return false;
    const { bytes } = slab;
    if (bytes[end - 1] === NEWLINE && (length === 1 || bytes[end - 2] === NEWLINE)) return false;
    this.#pieces.append(slab, start, end);
    this.#scanEndedWithFf = bytes[end - 1] === FF;
    this.#origin -= length;
    return true;
  }

  /** Returns the pieces that must be read again, else `undefined`: a frame was damaged, or its end was skipped. */
  #consume(slab: Slab, start: number, end: number): Piece[] | undefined {
    const view = slab.bytes.subarray(start, end);
    this.#view = view;
    this.#slab = slab;
    this.#base = start;
    if (!this.#pieces.isEmpty) this.#pieces.append(slab, start, end);

    let index = 0;
    while (index < view.length) {
      switch (this.#state) {
        case 'between':
          index = this.#findStart(index);
          break;
        case 'header': {
          const scanStart = this.#header.read(view, index);
          if (scanStart === HEADER_INVALID) return this.#rewind(1);
          if (scanStart === HEADER_INCOMPLETE) {
            index = view.length;
            break;
          }
          this.#state = 'scan';
          this.#searchedFrom = this.#isThorough ? 0 : this.#cadence.searchFrom;
          this.#scanEndedWithFf = false;
          index = scanStart;
          break;
        }
        case 'scan': {
          const marker = this.#findMarker(index);
          if (marker === view.length) {
            index = marker;
            break;
          }
          if (view[marker + 1] === D8) return this.#rewind(marker - this.#origin);
          index = marker + END_OF_IMAGE.length;
          this.#complete(index);
          break;
        }
        case 'metadata': {
          const next = this.#readMetadata(index);
          if (next === UNCERTAIN) return this.#rewind(0);
          index = next;
          break;
        }
      }
    }
    if (this.#pieces.isEmpty) return undefined;
    if (!this.#hasComplete && view.length - this.#origin > this.#maxFrameBytes)
      return this.#rewind(this.#isCertain ? 1 : 0);
    this.#origin -= view.length;
    return undefined;
  }

  /** Looks for the next frame. Bytes before it are garbage. */
  #findStart(from: number): number {
    const view = this.#view;
    let at = view.indexOf(START_OF_FRAME, from);
    if (at === -1) at = from + lengthBeforePartialStart(view.subarray(from));
    this.#garbage += at - from;
    if (at === view.length) return at;
    this.#state = 'header';
    this.#header.begin();
    this.#searchedFrom = 0;
    this.#origin = at;
    if (this.#slab !== undefined) this.#pieces.append(this.#slab, this.#base + at, this.#base + view.length);
    return at;
  }

  /**
   * Returns the index in `#view` of the marker that ends the frame's scan data. -1: its FF was the last byte of the previous
   * piece. `#view.length`: it has not arrived. Scan data contains neither FF D9 nor FF D8. The first FF D9 is the frame's end;
   * an FF D8 before it means that the frame was cut short and the next one begins there.
   */
  #findMarker(from: number): number {
    const view = this.#view;
    const start = Math.max(from, this.#origin + this.#searchedFrom);
    if (start >= view.length) return view.length;
    const ffBefore = this.#scanEndedWithFf && start === 0;
    if (ffBefore && view[0] === D9) return -1;
    // If bytes were skipped, a start of image may belong to the next frame, behind an end that was skipped.
    if (ffBefore && view[0] === D8 && this.#isCertain) return -1;
    const end = view.indexOf(END_OF_IMAGE, start);
    if (this.#isCertain) {
      const cut = view.indexOf(START_OF_IMAGE, start);
      if (cut !== -1 && (end === -1 || cut < end)) return cut;
    }
    if (end !== -1) return end;
    this.#scanEndedWithFf = view[view.length - 1] === FF;
    return view.length;
  }

  /** Notes that the frame ends at `end` (exclusive) in `#view`. */
  #complete(end: number): void {
    this.#completeLength = end - this.#origin;
    this.#completeReadAtNs = this.#readAtNs;
    this.#completeWallMs = this.#readAtWallMs;
    this.#hasComplete = true;
    this.#state = 'metadata';
    this.#metadata.begin();
    if (!this.#expectMetadata) this.#handOver();
  }

  /** Returns the index behind the metadata, or `UNCERTAIN` if the timestamp does not directly follow the last frame's. */
  #readMetadata(from: number): number {
    const metadata = this.#metadata;
    const index = metadata.read(this.#view, from);
    if (metadata.state === 'reading') return index;
    if (this.#hasComplete) {
      const isProven = this.#isCertain || this.#cadence.isNext(metadata.sensorTimestampNs, metadata.frameDurationUs);
      if (!isProven) return UNCERTAIN;
      this.#handOver();
    }
    if (metadata.sensorTimestampNs !== 0n) this.#expectMetadata = true; // even after the parser had stopped waiting
    if (metadata.state === 'broken') this.#garbage += metadata.unfinishedBytes;
    this.#state = 'between';
    return index;
  }

  #handOver(): void {
    const metadata = this.#metadata;
    const { sensorTimestampNs, frameDurationUs } = metadata;
    this.#framesWithoutMetadata = metadata.lines === 0 ? this.#framesWithoutMetadata + 1 : 0;
    if (this.#framesWithoutMetadata >= FRAMES_UNTIL_METADATA_IS_GIVEN_UP) this.#expectMetadata = false;
    const wallClockUs = this.#wallClock.read(metadata.wallClock, sensorTimestampNs, this.#completeWallMs);
    const byteLength = this.#completeLength;
    const { bytes, slabs } = this.#pieces.claimFrame(byteLength);
    const times = { sensorTimestampNs, arrivedMonotonicNs: this.#completeReadAtNs, wallClockUs, frameDurationUs };
    this.#cadence.note(sensorTimestampNs, frameDurationUs, byteLength);
    this.#hasComplete = false;
    this.#reportGarbage();
    const frame = new Frame(bytes, byteLength, times, slabs, metadata.toFrameMetadata());
    this.output.onFrame(frame, this.#header.width, this.#header.height);
    frame.release();
  }

  #reportGarbage(): void {
    if (this.#garbage === 0) return;
    const byteCount = this.#garbage;
    this.#garbage = 0;
    this.output.onCorrupt(byteCount);
  }

  /** Whether every byte of the frame was searched for an end. */
  get #isCertain(): boolean {
    return this.#searchedFrom === 0;
  }

  get #endsWithEmptyLine(): boolean {
    const view = this.#view;
    return view[view.length - 1] === NEWLINE && view[view.length - 2] === NEWLINE;
  }

  /** Searches the skipped part, and reads again what followed. */
  #searchAgain(): void {
    this.#replay(this.#rewind(0));
  }

  /**
   * Abandons the frame in progress and returns its bytes to be read again, but for the first `byteCount`: they are garbage.
   * 0: nothing is garbage, all of it is searched. 1: it was not a frame, so the search goes on behind its first byte.
   */
  #rewind(byteCount: number): Piece[] {
    this.#state = 'between';
    this.#hasComplete = false;
    this.#garbage += byteCount;
    return this.#pieces.claimFrom(byteCount);
  }

  #replay(pieces: Piece[]): void {
    const wasThorough = this.#isThorough;
    this.#isThorough = true;
    const queue = pieces;
    for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
      const again = this.#consume(piece.slab, piece.start, piece.end);
      piece.slab.release();
      if (again !== undefined) queue.unshift(...again);
    }
    this.#isThorough = wasThorough;
  }
}

/** The number of bytes before an FF or FF D8 at the very end, where a frame may have begun. */
function lengthBeforePartialStart(bytes: Buffer): number {
  const length = bytes.length;
  if (bytes[length - 1] === FF) return length - 1;
  if (length >= 2 && bytes[length - 2] === FF && bytes[length - 1] === D8) return length - 2;
  return length;
}
