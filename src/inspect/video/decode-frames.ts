import { EntropyDecoder } from '../jpeg/entropy-decoder.js';
import { readInto } from './positional-read.js';

/** Some frames to be decoded. Positions and lengths only: whoever decodes them reads them. */
export interface DecodeJob {
  /** Numbers of the frames, from 1. */
  readonly frames: Uint32Array;
  readonly dataAt: Float64Array;
  readonly dataBytes: Uint32Array;
}

export interface DecodeAnswer {
  readonly bytesRead: number;
  readonly broken: readonly { readonly frame: number; readonly message: string }[];
}

/** Decodes frames one after the other, with one decoder and one buffer for all. */
export class FrameDecoder {
  readonly #decoder = new EntropyDecoder();
  #buffer = Buffer.alloc(0);

  constructor(private readonly fd: number) {}

  decode({ frames, dataAt, dataBytes }: DecodeJob): DecodeAnswer {
    const broken: { frame: number; message: string }[] = [];
    let bytesRead = 0;
    for (const [index, frame] of frames.entries()) {
      const length = dataBytes[index] ?? 0;
      if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(length);
      const jpeg = this.#buffer.subarray(0, length);
      bytesRead += readInto(this.fd, jpeg, dataAt[index] ?? 0);
      const message = this.#decoder.decode(jpeg);
      if (message !== undefined) broken.push({ frame, message });
    }
    return { bytesRead, broken };
  }
}
