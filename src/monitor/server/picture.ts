import type { PreviewState } from '../../core/preview-words.js';

/** A picture of a camera, or why there is none. */
export type Picture =
  | {
      readonly kind: 'picture';
      /** The JPEG. Valid until `release`: its memory is then used for a later picture. */
      readonly bytes: Uint8Array;
      /** Position since the camera was opened, from 1. */
      readonly frameNumber: number;
      /** When it was read, monotonic clock (`process.hrtime.bigint()` in any thread), nanoseconds. */
      readonly arrivedMonotonicNs: bigint;
      /** Call it when the bytes are not needed any more. May be called twice. */
      release(): void;
    }
  /** `none` also where the camera is alive, and no picture after the known one came in time. The others: see `PreviewState`. */
  | { readonly kind: 'nothing'; readonly why: Exclude<PreviewState, 'live'> };

export interface PictureSource {
  /**
   * The next picture of the camera. `after`: number of the picture that the viewer has; 0 for none. Resolves within `limitMs`;
   * never rejects.
   */
  fetch(deviceId: string, after: number, limitMs: number): Promise<Picture>;
}
