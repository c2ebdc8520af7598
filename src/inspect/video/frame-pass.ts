import { CHUNK_HEAD_BYTES } from '../../recording/avi/avi-layout.js';
import { embeddedNumberOf } from '../jpeg/embedded-number.js';
import { EntropyDecoder } from '../jpeg/entropy-decoder.js';
import { FrameHeaders } from '../jpeg/frame-headers.js';
import { type JpegHeader, pixelFormatOf } from '../jpeg/jpeg-header.js';
import { MarkerScan } from '../jpeg/marker-scan.js';
import { crc32 } from './crc32.js';
import { type FrameBlock, FrameBlocks, LARGEST_FRAME, type SomeFrames } from './frame-blocks.js';
import { headTrouble } from './frame-heads.js';

/** Frames of a job. */
export const MOST_FRAMES = 256;

/** What the frames of a video are held against. */
export interface FrameDemands {
  /** By the header; `null`: it contradicts itself. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** Whether entropy codes are decoded. */
  readonly isDecoded: boolean;
  /** A checksum is over this many frames; 0: none is wanted. */
  readonly framesPerSum: number;
  readonly wantsEmbedded: boolean;
}

/** Some frames to be looked at. Positions and lengths only: whoever looks at them reads them. */
export interface FrameJob extends SomeFrames {
  readonly demands: FrameDemands;
  /** Numbers of the frames, from 1; `MOST_FRAMES` at most. */
  readonly frames: Uint32Array;
  /** `null`: that of the first sound frame. */
  readonly sampling: Sampling | null;
}

/** How the components of a picture are sampled. */
export interface Sampling {
  readonly factors: string;
  /** As ffmpeg names it; `null`: none of the usual ones. */
  readonly pixelFormat: string | null;
}

export interface BrokenFrame {
  readonly id: 'V5' | 'V9' | 'V10';
  readonly frame: number;
  readonly message: string;
}

/** The checksum of the frames of a job that belong to one block of `framesPerSum`; blocks count from 0. */
export interface PartialSum {
  readonly block: number;
  readonly bytes: number;
  readonly crc: number;
}

/** What a job found, by the numbers of the frames. */
export interface FrameAnswer {
  readonly lastFrame: number;
  readonly bytesRead: number;
  readonly broken: readonly BrokenFrame[];
  readonly sums: readonly PartialSum[];
  readonly embedded: EmbeddedNumbers;
  readonly sampling: Sampling | null;
}

/** What frames carry: place k of each belongs to one frame. Arrays, since objects for millions of frames would be felt. */
export interface EmbeddedNumbers {
  readonly frames: Uint32Array;
  readonly numbers: Float64Array;
  readonly sensorNs: BigUint64Array;
}

/**
 * Looks at frames, every byte once: V5, its chunk's head; V9, FF D8 ... FF D9 with no second picture inside, and size and
 * sampling of the header and the first frame; V10 where asked, its entropy code. Keeps its buffers and tables from job to job.
 */
export class FramePass {
  readonly #scan = new MarkerScan();
  readonly #blocks: FrameBlocks;
  readonly #headers = new FrameHeaders();
  readonly #decoder = new EntropyDecoder();
  #broken: BrokenFrame[] = [];
  #sums: PartialSum[] = [];
  #embedded = 0;
  readonly #frames = new Uint32Array(MOST_FRAMES);
  readonly #numbers = new Float64Array(MOST_FRAMES);
  readonly #sensorNs = new BigUint64Array(MOST_FRAMES);
  #sampling: Sampling | null = null;
  /** A header of this job whose size and sampling are right. */
  #sound: JpegHeader | null = null;

  constructor(fd: number) {
    this.#blocks = new FrameBlocks(fd, this.#scan);
  }

  look(job: FrameJob): FrameAnswer {
    [this.#broken, this.#sums, this.#embedded] = [[], [], 0];
    [this.#sampling, this.#sound] = [job.sampling, null];
    for (const [index, bytes] of job.dataBytes.entries())
      if (bytes > LARGEST_FRAME) this.#blame('V9', job.frames[index] ?? 0, `it has ${bytes} bytes, which is no frame`);
    let bytesRead = 0;
    for (const block of this.#blocks.read(job)) {
      bytesRead += block.bytes.length;
      this.#block(block, job);
    }
    const broken = this.#broken.sort((a, b) => a.frame - b.frame);
    const lastFrame = job.frames.at(-1) ?? 0;
    const embedded = {
      frames: this.#frames.slice(0, this.#embedded),
      numbers: this.#numbers.slice(0, this.#embedded),
      sensorNs: this.#sensorNs.slice(0, this.#embedded),
    };
    return { lastFrame, bytesRead, broken, sums: this.#sums, embedded, sampling: this.#sampling };
  }

  #block({ bytes, at, first, end }: FrameBlock, { demands, frames, dataAt, dataBytes }: FrameJob): void {
    for (let index = first; index < end; index += 1) {
      const frame = frames[index] ?? 0;
      const from = (dataAt[index] ?? 0) - at;
      const length = dataBytes[index] ?? 0;
      if (from + length > bytes.length) {
        this.#blame('V9', frame, 'the file became shorter while it was read');
        continue;
      }
      const jpeg = bytes.subarray(from, from + length);
      this.#sum(jpeg, frame, demands.framesPerSum);
      const wrongHead = headTrouble(bytes, from - CHUNK_HEAD_BYTES, length);
      if (wrongHead === undefined) this.#picture(jpeg, from, frame, demands);
      else this.#blame('V5', frame, wrongHead);
    }
  }

  #sum(jpeg: Buffer, frame: number, framesPerSum: number): void {
    if (framesPerSum === 0) return;
    const block = Math.floor((frame - 1) / framesPerSum);
    const last = this.#sums.at(-1);
    const isSame = last?.block === block;
    const crc = crc32(jpeg, isSame ? last.crc : 0);
    if (isSame) this.#sums.pop();
    this.#sums.push({ block, bytes: jpeg.length + (isSame ? last.bytes : 0), crc });
  }

  /** `from`: where the frame begins in its block. */
  #picture(jpeg: Buffer, from: number, frame: number, demands: FrameDemands): void {
    const header = this.#headers.read(jpeg);
    const wrong = typeof header === 'string' ? header : this.#markerTrouble(header, from, jpeg.length);
    if (typeof header === 'string' || wrong !== undefined) {
      this.#blame('V9', frame, wrong ?? '');
      return;
    }
    if (demands.wantsEmbedded) this.#noteEmbedded(jpeg, header, frame);
    const wrongSize = this.#sizeTrouble(header, demands);
    if (wrongSize !== undefined) {
      this.#blame('V9', frame, wrongSize);
      return;
    }
    const wrongCode = demands.isDecoded ? this.#decoder.decode(jpeg, header) : undefined;
    if (wrongCode !== undefined) this.#blame('V10', frame, wrongCode);
  }

  #noteEmbedded(jpeg: Buffer, header: JpegHeader, frame: number): void {
    const embedded = embeddedNumberOf(jpeg, header);
    if (embedded === undefined) return;
    this.#frames[this.#embedded] = frame;
    this.#numbers[this.#embedded] = embedded.number;
    this.#sensorNs[this.#embedded] = embedded.sensorNs;
    this.#embedded += 1;
  }

  #markerTrouble({ scanAt }: JpegHeader, from: number, length: number): string | undefined {
    const end = from + length;
    const first = this.#scan.next(from + scanAt, end);
    if (first?.at === end - 2 && !first.isStart) return undefined;
    // Most frames ended here. Of the others it is told what is worst.
    let [start, pictureEnd]: (number | undefined)[] = [];
    for (let marker = first; marker !== undefined; marker = this.#scan.next(marker.at + 2, end)) {
      if (marker.isStart) start ??= marker.at;
      else pictureEnd ??= marker.at;
    }
    if (pictureEnd === undefined) return 'it does not end with FF D9';
    if (start !== undefined) return `a second picture begins at its byte ${start - from}`;
    return `it ends at its byte ${pictureEnd + 2 - from}, and has ${length} bytes`;
  }

  #sizeTrouble(header: JpegHeader, { size }: FrameDemands): string | undefined {
    if (header === this.#sound) return undefined;
    const { width, height, components } = header;
    if (size !== null && (size.width !== width || size.height !== height)) {
      return `it is ${width}x${height}, and the header says ${size.width}x${size.height}`;
    }
    const factors = components.map(({ h, v }) => `${h}x${v}`).join(' ');
    this.#sampling ??= { factors, pixelFormat: pixelFormatOf(header) };
    if (factors !== this.#sampling.factors)
      return `its sampling is ${factors}, and the first frame's ${this.#sampling.factors}`;
    this.#sound = header;
    return undefined;
  }

  #blame(id: BrokenFrame['id'], frame: number, message: string): void {
    this.#broken.push({ id, frame, message });
  }
}
