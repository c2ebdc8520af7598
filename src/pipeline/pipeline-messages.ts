import type { CaptureRequest, SourceFormat } from '../capture/camera-source.js';
import { type ErrorData, errorWithAdvice } from '../core/errors.js';
import type { DropReason, FrameDrop } from '../core/frame-drop.js';
import type { LoadLevel } from '../core/load-level.js';
import type { LogLevel } from '../core/log-level.js';
import type { StopReason } from '../core/stop-reason.js';
import type { RecordingPart, RecordingPaths, RecordingResult } from '../recording/recording-session.js';

export type { CaptureRequest, RecordingPart, RecordingPaths, SourceFormat, StopReason };

/**
 * The words that cross from the module to a camera's pipeline and back: plain data only, so that a pipeline
 * can live in a worker thread. `run` numbers the capture processes; what is said of an older run changes nothing.
 */

/** What a recording is asked for with; size and rate come from the stream. */
export interface RecordingOrder {
  readonly sessionDir: string;
  readonly deviceId: string;
  readonly cameraLabel: string;
  readonly trialNumber: number;
  readonly trialLabel: string;
}

export type PipelineCommand =
  | { readonly type: 'open'; readonly run: number; readonly request: CaptureRequest }
  /** Answered by `closed`. A recording is finished first, after the frames that still arrive. */
  | { readonly type: 'close'; readonly run: number; readonly reason: StopReason; readonly untilNs: bigint }
  /**
   * Answered by `recordingStarted` once the first frame is in the file. Every recording ends with one `recordingFailed` or
   * `recordingStopped`; the next one is ordered after that.
   */
  | { readonly type: 'startRecording'; readonly run: number; readonly order: RecordingOrder }
  /** Brings on the end of the recording. Where it has ended by itself, nothing more is said. */
  | { readonly type: 'stopRecording'; readonly run: number; readonly reason: StopReason }
  /** Answered by `snapshotTaken` or `snapshotFailed`. Made from the next frame of the stream. */
  | {
      readonly type: 'takeSnapshot';
      readonly run: number;
      readonly request: number;
      readonly sessionDir: string;
      readonly cameraLabel: string;
    }
  | { readonly type: 'setPreview'; readonly enabled: boolean }
  /** What to give up under load. It changes nothing of what the host wants: see `setPreview`. */
  | { readonly type: 'setLoadLevel'; readonly level: LoadLevel };

/** What became of the frames that the camera delivered while recording. */
export interface RecordingCounts {
  readonly delivered: number;
  readonly recorded: number;
  readonly dropped: number;
  /** Skipped on purpose by the FPS gate. */
  readonly skipped: number;
  /** Lost in the camera, by the sensor's timestamps; not part of `delivered`. */
  readonly missingAtSource: number;
}

export interface RecordingSummary extends RecordingResult {
  readonly counts: RecordingCounts;
  readonly reason: StopReason;
  /** Why it ended before it was asked to, or could not be ended well. */
  readonly error: ErrorData | null;
  /** The disk did not answer in time: what it was asked to do may still be under way. */
  readonly isGivenUp: boolean;
}

/** Rates are means over the last two seconds of sensor time, frames a second. */
export interface PipelineFigures {
  readonly captureFps: number;
  readonly recordFps: number;
  readonly previewFps: number;
  readonly bufferedFrames: number;
  readonly bufferedBytes: number;
  /** 0 to 1, the fuller of frames and bytes. */
  readonly bufferFill: number;
  /** Since the camera was opened. */
  readonly framesDelivered: number;
  /** Since the camera was opened, by the reasons of `frame_drops.jsonl`. */
  readonly drops: Readonly<Record<DropReason, number>>;
  /** Standard deviation of the interval between sensor timestamps over the last two seconds, ms. */
  readonly jitterMs: number;
  /** From the sensor's timestamp until the write that holds the frame came back, ms: median and maximum of the last two seconds. */
  readonly latencyMs: { readonly median: number; readonly max: number };
  /** The recording in progress, or null. */
  readonly recording: { readonly counts: RecordingCounts; readonly bytes: number; readonly durationS: number } | null;
}

/** What becomes of a run and of its recordings: `transition` and `RunLedger` read it. */
export type RunEvent =
  /** The first frame arrived. `fps` is the rate measured from the first frames' timestamps or, until then, what was asked for. */
  | { readonly type: 'firstFrame'; readonly run: number; readonly format: SourceFormat; readonly fps: number }
  /** The run is over and nobody asked for it. A recording was finished before: its `recordingStopped` came first. */
  | { readonly type: 'lost'; readonly run: number; readonly error: ErrorData; readonly portReleased: boolean }
  | { readonly type: 'closed'; readonly run: number; readonly portReleased: boolean }
  | { readonly type: 'recordingStarted'; readonly run: number; readonly paths: RecordingPaths }
  /** Its video could take no more: it goes on in the next take, and no frame is missing between the two. */
  | {
      readonly type: 'recordingContinued';
      readonly run: number;
      readonly ended: RecordingPart;
      readonly paths: RecordingPaths;
    }
  /** It takes no more frames, and nobody asked for that: it is being finished. */
  | { readonly type: 'recordingEnding'; readonly run: number }
  /** It never began: no file, no folder. `isCameraLost`: for want of frames; the run's `lost` or `closed` is out or follows. */
  | {
      readonly type: 'recordingFailed';
      readonly run: number;
      readonly error: ErrorData;
      readonly isCameraLost: boolean;
    }
  /** Always after `recordingStarted`, or instead of it where no frame came before the stop (`paths: null`). */
  | { readonly type: 'recordingStopped'; readonly run: number; readonly summary: RecordingSummary };

/** What changes no state: a camera keeps it, logs it or tells the host. `RunLedger` reads figures and snapshots. */
export type Note =
  | {
      readonly type: 'snapshotTaken';
      readonly run: number;
      readonly request: number;
      readonly path: string;
      readonly bytes: number;
    }
  | { readonly type: 'snapshotFailed'; readonly run: number; readonly request: number; readonly error: ErrorData }
  /** Twice a second while open, every 2.5 s on the load level `reportingSlowed`. */
  | { readonly type: 'figures'; readonly run: number; readonly figures: PipelineFigures }
  | { readonly type: 'drop'; readonly run: number; readonly drop: FrameDrop }
  | { readonly type: 'warning'; readonly run: number; readonly code: string; readonly message: string }
  | {
      readonly type: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly context: Readonly<Record<string, unknown>>;
    };

/** What a camera hears of its pipeline. */
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

/** What a dead thread leaves behind: its owner alone reads it, and ends and closes that. */
export type OwnerEvent =
  /** `null`: the process has ended. */
  | { readonly type: 'captureProcess'; readonly run: number; readonly pid: number | null }
  /** A video that is not whole until `isOpen` is false. It may outlive its run. */
  | { readonly type: 'takeFiles'; readonly videoPath: string; readonly isOpen: boolean };

/** What a pipeline's thread says. Its owner keeps what is for itself and passes the rest on. */
export type ThreadEvent = PipelineEvent | OwnerEvent;

/** What the owner of a pipeline's thread says to it; it answers in events. */
export type ThreadWord =
  | PipelineCommand
  /** Ends everything until then, then the thread. */
  | { readonly type: 'end'; readonly untilNs: bigint };

/** A summary of nothing: what a stop answers where no frame came. */
export function emptySummary(reason: StopReason): RecordingSummary {
  const counts = { delivered: 0, recorded: 0, dropped: 0, skipped: 0, missingAtSource: 0 };
  return { paths: null, frames: 0, durationS: 0, bytes: 0, counts, reason, error: null, isGivenUp: false };
}

export type OpenCommand = Extract<PipelineCommand, { type: 'open' }>;
export type CloseCommand = Extract<PipelineCommand, { type: 'close' }>;

/** What holds for every run. */
export type LastingCommand = Extract<PipelineCommand, { type: 'setPreview' | 'setLoadLevel' }>;

/** What is asked of an open camera. */
export type RunCommand = Exclude<PipelineCommand, OpenCommand | CloseCommand | LastingCommand>;

/** The answer to a command for a camera that is not open. */
export function answerWithoutRun(command: RunCommand, emit: (event: PipelineEvent) => void): void {
  const { run } = command;
  if (command.type === 'stopRecording') return; // its end was told before the run's
  const error = errorWithAdvice('camera_disconnected', 'The camera is not open.').toData();
  if (command.type === 'startRecording') emit({ type: 'recordingFailed', run, error, isCameraLost: true });
  else emit({ type: 'snapshotFailed', run, request: command.request, error });
}
