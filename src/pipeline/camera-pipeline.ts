import type { MessagePort } from 'node:worker_threads';
import type { PipelineCommand, PipelineEvent } from './pipeline-messages.js';

/** The options of a pipeline. They are plain data, because the pipeline may be built in another thread. */
export interface PipelineOptions {
  readonly deviceId: string;
  /**
   * The capture tool and the arguments before ours (for the virtual camera: node and its script). Empty: search PATH.
   */
  readonly captureTool: readonly string[];
  /** Frames per second to record; 0 records every frame. */
  readonly recordFps: number;
  /** Frames per second to preview; 0 previews every frame. */
  readonly previewFps: number;
  readonly previewEnabled: boolean;
  readonly buffer: {
    readonly maxFrames: number;
    readonly maxBytes: number;
    /** `pauseSource` is for sources that can wait, such as a replay. A camera cannot wait. */
    readonly whenFull: 'dropOldest' | 'pauseSource';
  };
  /** Time between two commits of the files, ms. */
  readonly commitIntervalMs: number;
  /** Whether recordings have a file with the metadata of their frames. Default: no. */
  readonly writesMetadata?: boolean;
  /** Whether recordings have checksums of their frames. Default: no. */
  readonly makesChecksums?: boolean;
  /** Bytes that must stay free on the disk; 0: no limit. */
  readonly minFreeBytes: number;
  /** Whether `gate_skip` drops are reported too. */
  readonly reportGateSkips: boolean;
}

/**
 * One camera's way from the capture process to the disk. Commands go in, events come out; frames stay, but for copies that a reader of
 * the preview wants.
 */
export interface CameraPipeline {
  /** Never throws and never waits. The answer is an event. */
  send(command: PipelineCommand): void;
  /**
   * Takes over a port on which a reader gets pictures (`core/preview-words.ts`). It works before a camera is opened and
   * across its runs. It is closed when the pipeline ends, or with the thread that it went to; the reader may then connect
   * again. Never throws.
   */
  connectPreview(port: MessagePort): void;
  /**
   * Ends everything: the recording (reason `shutdown`), the capture process and the thread. Resolves at `untilNs`
   * (monotonic clock) at the latest. May be called twice. The command `close` is different: it ends one run.
   */
  end(untilNs: bigint): Promise<void>;
}

/**
 * Makes a pipeline. A host or a test can replace it; the seams below it are `CameraSource` and `RecordingSession`.
 * `onEvent` must return at once and must not throw.
 */
export type PipelineFactory = (options: PipelineOptions, onEvent: (event: PipelineEvent) => void) => CameraPipeline;
