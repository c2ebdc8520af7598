import type { MessagePort } from 'node:worker_threads';
import type { CaptureRequest, SourceFormat } from '../capture/camera-source.js';
import { type ErrorData, errorWithAdvice } from '../core/errors.js';
import type { FocusFigure, GivenExtents, GivenSettings, SyncFigure } from '../core/given-settings.js';
import { NO_EXTENTS } from '../core/given-settings.js';
import type { DropReason, FrameDrop } from '../core/frame-drop.js';
import type { LoadLevel } from '../core/load-level.js';
import type { LogLevel } from '../core/log-level.js';
import type { StopReason } from '../core/stop-reason.js';
import type { FoundPaths, RecordingPart, RecordingPaths, RecordingResult } from '../recording/recording-session.js';

export type { CaptureRequest, RecordingPart, RecordingPaths, SourceFormat, StopReason };

/**
 * The messages between the module and a camera's pipeline. They are plain data, so that a pipeline can live in a
 * worker thread. `run` numbers the capture processes. A message about an older run changes nothing.
 */

/** The order for a recording. Frame size and rate come from the stream. */
export interface RecordingOrder {
  readonly sessionDir: string;
  readonly deviceId: string;
  readonly cameraLabel: string;
  readonly trialNumber: number;
  readonly trialLabel: string;
  /**
   * The instant of the trial (CLOCK_MONOTONIC, ns). The take begins with the first frame at or after it. It may lie ahead, or
   * long ago where a take resumes.
   */
  readonly startNs: bigint;
}

/** What a camera orders its pipeline to do. Plain data: it may cross threads. */
export type PipelineCommand =
  | { readonly type: 'open'; readonly run: number; readonly request: CaptureRequest }
  /**
   * Answered by `closed`. Frames that still arrive are recorded, then the recording is finished, then the
   * run is closed.
   */
  | { readonly type: 'close'; readonly run: number; readonly reason: StopReason; readonly untilNs: bigint }
  /**
   * Answered by `recordingStarted` when the first frame is in the file. Every recording ends with one
   * `recordingFailed` or `recordingStopped`. Order the next one only after that.
   */
  | { readonly type: 'startRecording'; readonly run: number; readonly order: RecordingOrder }
  /**
   * Ends the recording. If it has already ended by itself, there is no answer. `stopNs`: the instant of the stop
   * (CLOCK_MONOTONIC, ns). Frames before it that are still on their way are recorded, if they come within 200 ms. `null`: the
   * recording ends at once.
   */
  | {
      readonly type: 'stopRecording';
      readonly run: number;
      readonly reason: StopReason;
      readonly stopNs: bigint | null;
    }
  /** Answered by `snapshotTaken` or `snapshotFailed`. Made from the next frame of the stream. */
  | {
      readonly type: 'takeSnapshot';
      readonly run: number;
      readonly request: number;
      readonly sessionDir: string;
      readonly cameraLabel: string;
    }
  | { readonly type: 'setPreview'; readonly enabled: boolean }
  /** What to give up under load. The host's own wish for a preview stays as `setPreview` set it. */
  | { readonly type: 'setLoadLevel'; readonly level: LoadLevel };

/** Counts of the frames that the camera delivered while recording, by what became of them. */
export interface RecordingCounts {
  readonly delivered: number;
  readonly recorded: number;
  readonly dropped: number;
  /** Skipped on purpose by the FPS gate. */
  readonly skipped: number;
  /** Frames that the camera lost, found by the sensor's timestamps. They are not part of `delivered`. */
  readonly missingAtSource: number;
  /** Delivered frames whose sensor timestamp is out of order. */
  readonly disordered: number;
}

/** How a recording ended: its files, its counts and the reason. */
export interface RecordingSummary extends RecordingResult {
  readonly counts: RecordingCounts;
  readonly reason: StopReason;
  /** Why the recording ended before it was asked to, or why its end failed. */
  readonly error: ErrorData | null;
  /** What the recorded frames told of the camera's settings, over all parts. A dead thread's frames told nothing. */
  readonly given: GivenExtents;
  /** The disk did not answer in time. A write or sync may still be in progress. */
  readonly isGivenUp: boolean;
}

/** What a recording's disk told at the last check, once a second. */
export interface DiskFigures {
  /** Bytes that an unprivileged user may still write. */
  readonly freeBytes: number;
  /** When the disk told it, monotonic clock. */
  readonly toldNs: bigint;
  /** Bytes a second that this recording writes, mean of the last 30 s. */
  readonly writtenPerS: number;
  /** Bytes a second that the disk loses to whoever writes on it, median of the last 30 s. 0 while it is not known. */
  readonly lostPerS: number;
}

/** Rates are frames per second, means over the last two seconds of sensor time. */
export interface PipelineFigures {
  readonly captureFps: number;
  readonly recordFps: number;
  readonly previewFps: number;
  readonly bufferedFrames: number;
  readonly bufferedBytes: number;
  /** 0 to 1, whichever is fuller: frames or bytes. */
  readonly bufferFill: number;
  /** Since the camera was opened. */
  readonly framesDelivered: number;
  /** Since the camera was opened, one count for each reason of `frame_drops.jsonl`. */
  readonly drops: Readonly<Record<DropReason, number>>;
  /** Standard deviation of the interval between sensor timestamps over the last two seconds, ms. */
  readonly jitterMs: number;
  /** What the last frame told of the camera's settings. `null` before the first frame. */
  readonly given: GivenSettings | null;
  /** Mean of the frames since the last figures. `null` before the first frame. */
  readonly focus: FocusFigure | null;
  /** What the last frame told of synchronised cameras. `null`: it told nothing. */
  readonly sync: SyncFigure | null;
  /** From the sensor's timestamp until the frame's write returned, ms. Median and maximum of the last two seconds. */
  readonly latencyMs: { readonly median: number; readonly max: number };
  /** The recording in progress, or null. */
  readonly recording: {
    readonly counts: RecordingCounts;
    readonly bytes: number;
    readonly durationS: number;
    /** Of the take that is being written, where its files were not where they were made a second ago; else null. */
    readonly foundPaths: FoundPaths | null;
    /** `null` before the first answer. */
    readonly disk: DiskFigures | null;
  } | null;
}

/** Steps in the life of a run and of its recordings. `transition` and `RunLedger` read them. */
export type RunEvent =
  /**
   * The first frame arrived. `fps`: measured from the first frames' timestamps or, if not known yet, the
   * requested rate.
   */
  | { readonly type: 'firstFrame'; readonly run: number; readonly format: SourceFormat; readonly fps: number }
  /** The run ended without being asked to. Its recording was finished before, so `recordingStopped` came first. */
  | {
      readonly type: 'lost';
      readonly run: number;
      readonly error: ErrorData;
      readonly portReleased: boolean;
      /** When the stream ended (monotonic clock), if that was before the loss was told. */
      readonly endedNs?: bigint;
    }
  | { readonly type: 'closed'; readonly run: number; readonly portReleased: boolean }
  /** `firstFrameNs`: time of the first frame in the file (`Frame.timelineNs`). */
  | {
      readonly type: 'recordingStarted';
      readonly run: number;
      readonly paths: RecordingPaths;
      readonly firstFrameNs: bigint;
    }
  /** The video is full. The recording goes on in the next take; no frame is missing between the two. */
  | {
      readonly type: 'recordingContinued';
      readonly run: number;
      readonly ended: RecordingPart;
      readonly paths: RecordingPaths;
    }
  /** The recording ends without being asked to. It accepts no more frames and is being finished. */
  | { readonly type: 'recordingEnding'; readonly run: number }
  /**
   * The recording never began: there is no file and no folder. `isCameraLost`: there were no frames, because the run
   * ended; its `lost` or `closed` was sent or follows.
   */
  | {
      readonly type: 'recordingFailed';
      readonly run: number;
      readonly error: ErrorData;
      readonly isCameraLost: boolean;
    }
  /** Comes after `recordingStarted`, or instead of it if no frame came before the stop (`paths: null`). */
  | { readonly type: 'recordingStopped'; readonly run: number; readonly summary: RecordingSummary };

/** Events that change no state. A camera keeps, logs or reports them. `RunLedger` reads figures and snapshots. */
export type Note =
  | {
      readonly type: 'snapshotTaken';
      readonly run: number;
      readonly request: number;
      readonly path: string;
      readonly bytes: number;
    }
  | { readonly type: 'snapshotFailed'; readonly run: number; readonly request: number; readonly error: ErrorData }
  /** Twice a second while open, every 2.5 s on the load level `reportingSlowed`; and once with the third frame. */
  | { readonly type: 'figures'; readonly run: number; readonly figures: PipelineFigures }
  | { readonly type: 'drop'; readonly run: number; readonly drop: FrameDrop }
  | { readonly type: 'warning'; readonly run: number; readonly code: string; readonly message: string }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly context: Readonly<Record<string, unknown>>;
    };

/** Everything that a pipeline tells its camera. */
export type PipelineEvent = RunEvent | Note;

const NOTES = {
  snapshotTaken: true,
  snapshotFailed: true,
  figures: true,
  drop: true,
  warning: true,
  log: true,
} satisfies Record<Note['type'], true>;

export function isNote(event: { readonly type: string }): event is Note {
  return Object.hasOwn(NOTES, event.type);
}

/** What a pipeline's thread would leave behind if it died. Only the thread's owner reads these events. */
export type OwnerEvent =
  /** `pid` is `null` when the process has ended. */
  | { readonly type: 'captureProcess'; readonly run: number; readonly pid: number | null }
  /** The video is incomplete until `isOpen` is false. It may stay open longer than its run. */
  | { readonly type: 'takeFiles'; readonly videoPath: string; readonly isOpen: boolean };

/** Everything that a pipeline's thread sends. Its owner keeps the owner events and passes the others on. */
export type ThreadEvent = PipelineEvent | OwnerEvent;

/** Everything that the owner of a pipeline's thread sends to it. The thread answers with events. */
export type ThreadWord =
  | PipelineCommand
  /** The port goes with the word. */
  | { readonly type: 'connectPreview'; readonly port: MessagePort }
  /** Ends everything before `untilNs`, then the thread itself. */
  | { readonly type: 'end'; readonly untilNs: bigint };

export const NO_COUNTS: RecordingCounts = {
  delivered: 0,
  recorded: 0,
  dropped: 0,
  skipped: 0,
  missingAtSource: 0,
  disordered: 0,
};

/** The summary of a recording that was stopped before its first frame. */
export function emptySummary(reason: StopReason): RecordingSummary {
  return {
    paths: null,
    frames: 0,
    durationS: 0,
    bytes: 0,
    counts: NO_COUNTS,
    reason,
    error: null,
    given: NO_EXTENTS,
    isGivenUp: false,
  };
}

export type OpenCommand = Extract<PipelineCommand, { type: 'open' }>;
export type CloseCommand = Extract<PipelineCommand, { type: 'close' }>;

/** Commands that apply to every run, also to later ones. */
export type LastingCommand = Extract<PipelineCommand, { type: 'setPreview' | 'setLoadLevel' }>;

/** Commands for an open camera. */
export type RunCommand = Exclude<PipelineCommand, OpenCommand | CloseCommand | LastingCommand>;

/** Answers a command for a camera that is not open. */
export function answerWithoutRun(command: RunCommand, emit: (event: PipelineEvent) => void): void {
  const { run } = command;
  if (command.type === 'stopRecording') return; // the recording's end was reported before the run's
  const error = errorWithAdvice('camera_disconnected', 'The camera is not open.').toData();
  if (command.type === 'startRecording') emit({ type: 'recordingFailed', run, error, isCameraLost: true });
  else emit({ type: 'snapshotFailed', run, request: command.request, error });
}
