import type { PreviewPicture } from '../../core/preview-words.js';
import type { Picture } from './picture.js';

/** One picture for several viewers. Its buffer is free when the desk has dropped it and all of them have released it. */
export class SharedPicture {
  /** The desk is one of them. */
  #holders = 1;

  constructor(
    private readonly picture: PreviewPicture,
    private readonly onFree: (buffer: ArrayBuffer) => void,
  ) {}

  get frameNumber(): number {
    return this.picture.frameNumber;
  }

  get arrivedMonotonicNs(): bigint {
    return this.picture.arrivedMonotonicNs;
  }

  /** Size of the buffer, which may be larger than the picture. */
  get bufferBytes(): number {
    return this.picture.buffer.byteLength;
  }

  lend(): Picture & { readonly kind: 'picture' } {
    this.#holders += 1;
    let isReleased = false;
    const { buffer, byteLength, frameNumber, arrivedMonotonicNs } = this.picture;
    return {
      kind: 'picture',
      bytes: new Uint8Array(buffer, 0, byteLength),
      frameNumber,
      arrivedMonotonicNs,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.#letGo();
      },
    };
  }

  /** The desk does not hold it any more. Call it once. */
  drop(): void {
    this.#letGo();
  }

  #letGo(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.onFree(this.picture.buffer);
  }
}
