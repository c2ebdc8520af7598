import type { PipelineCommand, PipelineEvent } from './pipeline-messages.js';

/** What a pipeline is built with: plain data, since it may be built in another thread. */
export interface PipelineOptions {
  readonly deviceId: string;
  /** The program that captures, with arguments that come before ours (the virtual camera: node and its script); empty: look on PATH. */
  readonly captureTool: readonly string[];
  /** Frames a second to record; 0 records every frame. */
  readonly recordFps: number;
  /** Frames a second to preview; 0 previews every frame. */
  readonly previewFps: number;
  readonly previewEnabled: boolean;
  readonly buffer: {
    readonly maxFrames: number;
    readonly maxBytes: number;
    /** `pauseSource` is for sources that can wait, such as a replay; a camera cannot. */
    readonly whenFull: 'dropOldest' | 'pauseSource';
  };
  /** Between commits of the files, ms. */
  readonly commitIntervalMs: number;
  /** What has to stay free on the disk, bytes; 0: nothing. */
  readonly minFreeBytes: number;
  /** Report `gate_skip` drops too. */
  readonly reportGateSkips: boolean;
}

/** One camera's way from capture process to disk. Commands go in, events come out, bytes never leave it. */
export interface CameraPipeline {
  /** Never throws, never waits; the answer is an event. */
  send(command: PipelineCommand): void;
  /**
   * Ends everything: a recording (`shutdown`), the capture process, the thread. Resolves at `untilNs` at the latest (monotonic
   * clock). May be called twice. Not to be confused with the command `close`, which ends a run.
   */
  end(untilNs: bigint): Promise<void>;
}

/** Makes a pipeline: the seam above `CameraSource` and `RecordingSession`. `onEvent` returns at once and never throws. */
export type PipelineFactory = (options: PipelineOptions, onEvent: (event: PipelineEvent) => void) => CameraPipeline;
