import type { CheckId, Depth, Finding } from '../verdict.js';
import type { PartialSum } from './frame-pass.js';
import type { FrameThreads } from './frame-threads.js';
import type { StepOptions } from './read-steps.js';
import type { VideoIndex } from './video-index.js';

export interface VideoCheckOptions extends StepOptions {
  readonly depth: Depth;
  /** Depths `whole` and `decode`: threads that help, from `helpersFor`. They stay the caller's. */
  readonly helpers?: FrameThreads | null;
  /** Depths `whole` and `decode`: gets the checksums of the frames. */
  readonly sums?: SumsOfFrames;
  /**
   * Depths `whole` and `decode`: number and sensor time that the picture of a frame carries (virtual camera). Never called
   * for the frames of a real camera.
   */
  readonly onEmbedded?: (frame: number, number: number, sensorNs: bigint) => void;
}

/** Takes checksums over blocks of frames. */
export interface SumsOfFrames {
  /** Frames of a block, above 0. */
  readonly framesPerSum: number;
  /** Called in the order of the frames; a block may come in several pieces. Frames that an earlier check blamed are left out. */
  add(sum: PartialSum): void;
}

/** What is said of a video, V1 to V11. A file that cannot be looked at at all is a `NotReadable` instead. */
export interface VideoInspection {
  /** `recording`: nothing else was looked at, and `index` is what was committed when it was read. */
  readonly state: VideoIndex['state'];
  readonly fileBytes: number;
  readonly bytesRead: number;
  /** Frames by the indexes. */
  readonly frames: number;
  /** By the header. */
  readonly width: number;
  readonly height: number;
  /** `null`: the header's makes no sense. */
  readonly rate: { readonly scale: number; readonly rate: number } | null;
  /** As ffmpeg names it, by the first frame: `yuvj420p`, `yuvj422p`, `yuvj444p`, `gray`. `null`: none of these, or not read. */
  readonly pixelFormat: string | null;
  readonly largestFrame: number;
  /** Which checks were made. */
  readonly checked: readonly CheckId[];
  readonly findings: readonly Finding[];
  /** Where the frames are; `null` where the indexes are damaged. */
  readonly index: VideoIndex | null;
}
