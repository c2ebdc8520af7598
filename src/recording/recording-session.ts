import type { Frame } from '../core/frame.js';

/** What to record, where. Strings may come from a host: nothing in them can leave `sessionDir`. */
export interface RecordingRequest {
  /** Absolute path. Made when the first frame comes, if it does not exist. */
  readonly sessionDir: string;
  /** As in `picam:0`. */
  readonly deviceId: string;
  /** `{friendly name}_{first 8 characters of the stable id}`, not yet made safe for a file name. */
  readonly cameraLabel: string;
  readonly trialNumber: number;
  readonly trialLabel: string;
  /** Pixels, from the stream. */
  readonly width: number;
  readonly height: number;
  /** Expected frames a second, for the header until the mean is measured. */
  readonly fps: number;
}

export interface RecordingPaths {
  /** From 1. */
  readonly take: number;
  readonly videoPath: string;
  readonly timingPath: string;
}

/** One video with its timing file. */
export interface RecordingPart {
  readonly paths: RecordingPaths;
  readonly frames: number;
  readonly durationS: number;
  readonly bytes: number;
}

/** What a recording came to; of several parts the sums. */
export interface RecordingResult {
  /** Of the first part. `null` where no frame was recorded: then there is no file and no folder either. */
  readonly paths: RecordingPaths | null;
  /** Frames in the video, equal to the rows of the CSV. */
  readonly frames: number;
  /** Sum of the frames' playing times, seconds: frames / mean rate. */
  readonly durationS: number;
  /** Size of the video file, bytes. */
  readonly bytes: number;
  /** All parts in order, where there are several: a video whose index is full is ended, and the next take goes on. */
  readonly parts?: readonly RecordingPart[];
}

/** Where a recording's files are: others may move or remove them while they are being written. */
export type Whereabouts =
  | { readonly kind: 'inPlace' }
  /** One of the files is gone; `path`: which. */
  | { readonly kind: 'removed'; readonly path: string }
  /** `path`: where the file was; `to`: where it is now, `null` where the system does not say. */
  | { readonly kind: 'moved'; readonly path: string; readonly to: string | null };

/** One take: a video and its timing file, written in step by one owner. Calls do not overlap, but for `locate`. */
export interface Recording {
  /** Of the first part. `null` until the first frame was written. */
  readonly paths: RecordingPaths | null;
  /** Frames in the file so far, those of a failed `append` that fitted included. */
  readonly frames: number;
  /** Bytes written so far. */
  readonly bytes: number;
  /**
   * Writes the frames and takes note of their rows, in order. The frames must stay as they are until it
   * resolves (they are not copied). The first call makes the folders and the files, exclusively.
   * Rejects with `CsiCamerasError`: `invalid_session_dir`, `disk_full`, `io_error`. After a rejection only
   * `close` may follow.
   */
  append(frames: readonly Frame[]): Promise<void>;
  /**
   * Makes everything appended so far playable from what is on disk. Cheap where nothing is new.
   * The owner calls it about twice a second. Rejects like `append`.
   */
  checkpoint(): Promise<void>;
  /**
   * Whether the files are still where `paths` says. Asks the disk and changes nothing; may overlap other calls, which
   * never wait for it. `inPlace` before the first frame and after `close`. Rejects where the disk does not say.
   */
  locate(): Promise<Whereabouts>;
  /**
   * Ends the files: rows flushed, index and header true, files closed. After a failed write it saves what
   * fitted. May be called twice. Resolves with what is really in the files, and where they are by then; `failure` says
   * what could not be done. Files that were removed meanwhile are no recording: `paths: null`, and `invalid_session_dir`.
   */
  close(): Promise<RecordingResult & { readonly failure?: Error }>;
}

/** A recording goes on in another part: `ended` is whole, `next` its files from now on. Must not throw. */
export type OnNextPart = (ended: RecordingPart, next: RecordingPaths) => void;

/** Makes recordings: the seam that a host or a test replaces. */
export interface RecordingSession {
  /** Nothing touches the disk before the first `append`. */
  begin(request: RecordingRequest, onNextPart?: OnNextPart): Recording;
}

/** What a recording came to, from the videos that hold it, in order. */
export function resultOf(parts: readonly RecordingPart[]): RecordingResult {
  return {
    paths: parts[0]?.paths ?? null,
    frames: sum(parts, ({ frames }) => frames),
    durationS: sum(parts, ({ durationS }) => durationS),
    bytes: sum(parts, ({ bytes }) => bytes),
    ...(parts.length > 1 ? { parts } : {}),
  };
}

function sum(parts: readonly RecordingPart[], figure: (part: RecordingPart) => number): number {
  return parts.reduce((total, part) => total + figure(part), 0);
}
