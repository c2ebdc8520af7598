import { CHUNK_HEAD_BYTES } from '../../recording/avi/avi-layout.js';
import { embeddedNumberOf } from '../jpeg/embedded-number.js';
import { type JpegHeader, pixelFormatOf, readJpegHeader } from '../jpeg/jpeg-header.js';
import { type FrameBlock, LARGEST_FRAME, frameBlocks } from './frame-blocks.js';
import { checkHead } from './frame-heads.js';
import type { FramePlaces } from './frame-places.js';
import type { ReadSteps } from './read-steps.js';
import type { VideoFindings } from './video-findings.js';
import type { VideoCheckOptions } from './video-inspection.js';

const START_OF_IMAGE = Buffer.from([0xff, 0xd8]);
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);

/** Searched twice, and so small that it stays in the cache of a core meanwhile. */
const WINDOW = 2 ** 18;

/** With so many broken frames it is said that the file is broken. A sparse file of 800 GB is not read to its end. */
const ENOUGH_BROKEN = 1000;

export interface FramesIn {
  readonly places: FramePlaces;
  readonly count: number;
  /** By the header; `null`: it contradicts itself. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

/**
 * Reads every byte of every frame: V5, its chunk's head; V9, FF D8 ... FF D9 with no second picture inside, and size and
 * sampling of the header and the first frame. Returns the pixel format of the first frame.
 */
export async function checkFrames(
  fd: number,
  { places, count, size }: FramesIn,
  hooks: Pick<VideoCheckOptions, 'onFrameBytes' | 'onEmbedded'>,
  steps: ReadSteps,
  findings: VideoFindings,
): Promise<string | null> {
  const { dataAt, dataBytes } = places;
  const pass = new FramePass(size, hooks, findings);
  const isWanted = (index: number): boolean => {
    if (findings.isBlamed(index)) return false;
    const bytes = dataBytes[index] ?? 0;
    if (bytes <= LARGEST_FRAME) return true;
    findings.fail('V9', `it has ${bytes} bytes, which is no frame`, index + 1);
    return false;
  };
  const spanEnd = count === 0 ? 0 : (dataAt[count - 1] ?? 0) + (dataBytes[count - 1] ?? 0);
  steps.expect(spanEnd - (dataAt[0] ?? 0));
  for await (const block of frameBlocks(fd, places, count, isWanted)) {
    steps.read(block.bytes.length);
    pass.block(block, places);
    if (findings.failuresOf('V5') + findings.failuresOf('V9') >= ENOUGH_BROKEN) {
      findings.note(
        'V9',
        `${ENOUGH_BROKEN} frames are broken up to frame ${block.end}; those behind were not looked at`,
      );
      break;
    }
    if (steps.isDue) await steps.step();
  }
  return pass.pixelFormat;
}

class FramePass {
  pixelFormat: string | null = null;
  #sampling: string | undefined;
  /** Where pictures begin and end in the block, ascending. Kept from block to block, since it is filled for each. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(
    private readonly size: FramesIn['size'],
    private readonly hooks: Pick<VideoCheckOptions, 'onFrameBytes' | 'onEmbedded'>,
    private readonly findings: VideoFindings,
  ) {}

  block({ bytes, at, first, end }: FrameBlock, { dataAt, dataBytes }: FramePlaces): void {
    this.#findMarkers(bytes);
    // Both lists run backwards, so the next one is the last one.
    for (let index = first; index < end; index += 1) {
      const from = (dataAt[index] ?? 0) - at;
      const length = dataBytes[index] ?? 0;
      if (from + length > bytes.length) {
        this.findings.fail('V9', 'the file became shorter while it was read', index + 1);
        continue;
      }
      const jpeg = bytes.subarray(from, from + length);
      this.hooks.onFrameBytes?.(index + 1, jpeg);
      if (!checkHead(bytes, from - CHUNK_HEAD_BYTES, index, length, this.findings)) continue;
      const wrong = this.#frame(jpeg, from, index + 1);
      if (wrong !== undefined) this.findings.fail('V9', wrong, index + 1);
    }
  }

  #findMarkers(bytes: Buffer): void {
    this.#starts.length = 0;
    this.#ends.length = 0;
    for (let end = bytes.length; end > 0; end -= WINDOW) {
      const from = Math.max(0, end - WINDOW);
      // One byte more, for two that begin with the last one of the window.
      const window = bytes.subarray(from, end + 1);
      addAll(window, from, START_OF_IMAGE, this.#starts);
      addAll(window, from, END_OF_IMAGE, this.#ends);
    }
  }

  /** `from`: where the frame begins in its block. Returns what is wrong with it. */
  #frame(jpeg: Buffer, from: number, frame: number): string | undefined {
    const header = readJpegHeader(jpeg);
    if (typeof header === 'string') return header;
    const scanAt = from + header.scanAt;
    const end = from + jpeg.length;
    const pictureEnd = nextFrom(this.#ends, scanAt);
    if (pictureEnd === undefined || pictureEnd >= end - 1) return 'it does not end with FF D9';
    const second = nextFrom(this.#starts, scanAt);
    if (second !== undefined && second < end) return `a second picture begins at its byte ${second - from}`;
    if (pictureEnd !== end - 2) return `it ends at its byte ${pictureEnd + 2 - from}, and has ${jpeg.length} bytes`;
    this.#noteEmbedded(jpeg, header, frame);
    return this.#sizeTrouble(header);
  }

  #noteEmbedded(jpeg: Buffer, header: JpegHeader, frame: number): void {
    if (this.hooks.onEmbedded === undefined) return;
    const embedded = embeddedNumberOf(jpeg, header);
    if (embedded !== undefined) this.hooks.onEmbedded(frame, embedded.number, embedded.sensorNs);
  }

  #sizeTrouble(header: JpegHeader): string | undefined {
    const { width, height, components } = header;
    const { size } = this;
    if (size !== null && (size.width !== width || size.height !== height)) {
      return `it is ${width}x${height}, and the header says ${size.width}x${size.height}`;
    }
    const sampling = components.map(({ h, v }) => `${h}x${v}`).join(' ');
    if (this.#sampling === undefined) {
      this.#sampling = sampling;
      this.pixelFormat = pixelFormatOf(header);
    }
    return sampling === this.#sampling
      ? undefined
      : `its sampling is ${sampling}, and the first frame's ${this.#sampling}`;
  }
}

/** The last of a descending list that is not below `from`; what is below is dropped. */
function nextFrom(descending: number[], from: number): number | undefined {
  while (descending.length > 0 && (descending.at(-1) ?? 0) < from) descending.pop();
  return descending.at(-1);
}

/**
 * Adds all places of two bytes in `window` to `found`, descending; `at` is the window's own. Backwards the search leaps from
 * second byte to second byte, and D8 and D9 are rare; forwards it stops at each FF, which restart markers make frequent: 5 times
 * as slow on such a video.
 */
function addAll(window: Buffer, at: number, twoBytes: Buffer, found: number[]): void {
  for (
    let place = window.lastIndexOf(twoBytes);
    place !== -1;
    place = place === 0 ? -1 : window.lastIndexOf(twoBytes, place - 1)
  ) {
    found.push(at + place);
  }
}
