/** Where the frames of a video are, by its own indexes. Frame k of the video is index k - 1. */
export interface VideoIndex {
  readonly width: number;
  readonly height: number;
  /** Frames per second as rate / scale. */
  readonly rate: { readonly scale: number; readonly rate: number };
  readonly fileBytes: number;
  /** `recording`: its writer is alive. `left_open`: its writer is gone. */
  readonly state: 'closed' | 'left_open' | 'recording';
  readonly count: number;
  /** Position of the JPEG's first byte in the file. */
  readonly dataAt: Float64Array;
  /** Length of the JPEG, bytes. */
  readonly dataBytes: Uint32Array;
}
