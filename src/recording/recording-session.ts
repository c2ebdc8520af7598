import type { OpenFile } from '../core/disk-space.js';
import type { Frame } from '../core/frame.js';
import type { TakeFacts } from './info/take-facts.js';

/**
 * What to record, and where. The strings may come from a host. Whatever they contain, no path leaves `sessionDir`.
 */
export interface RecordingRequest {
  /** Absolute path. If it does not exist, it is made when the first frame comes. */
  readonly sessionDir: string;
  /** For example `picam:0`. */
  readonly deviceId: string;
  /** `{friendly name}_{first 8 characters of the stable id}`, not yet safe for a file name. */
  readonly cameraLabel: string;
  readonly trialNumber: number;
  readonly trialLabel: string;
  /** Width and height of the frames in pixels, from the stream. */
  readonly width: number;
  readonly height: number;
  /** Expected frames per second. The header has it until the mean rate is measured. */
  readonly fps: number;
  /** Whether a file with the metadata of the frames is written too. Default: no. */
  readonly writesMetadata?: boolean;
  /** Whether checksums of the frames go into the info file. Default: no. */
  readonly makesChecksums?: boolean;
}

/** Where the files of a take were made. Absolute paths. */
export interface RecordingPaths {
  /** Number of the take, from 1. */
  readonly take: number;
  readonly videoPath: string;
  readonly timingPath: string;
  /** Only with `writesMetadata`. */
  readonly metadataPath?: string;
}

/** Where files are by now. `null`: no path is known that leads to the file. */
export interface FoundPaths {
  readonly take: number;
  readonly videoPath: string | null;
  readonly timingPath: string | null;
  /** Only with `writesMetadata`. */
  readonly metadataPath?: string | null;
}

/** One video with its rows. */
export interface RecordingPart {
  readonly paths: FoundPaths;
  readonly frames: number;
  readonly durationS: number;
  readonly bytes: number;
  /** Path of its info file. `null`: none was written. Missing: nobody asked for one. */
  readonly infoPath?: string | null;
  /** Why the recording went on in another part. `fileSize`: the file could not grow. Else its index was full. */
  readonly endedBy?: 'fileSize';
}

/** The result of a recording. If it has several parts, the figures are sums. */
export interface RecordingResult {
  /** Paths of the first part. `null` if no frame was recorded; then there is no file and no folder. */
  readonly paths: FoundPaths | null;
  /** Frames in the video, equal to the rows of each CSV file. */
  readonly frames: number;
  /** Playing time of the frames, seconds: frames / mean rate. */
  readonly durationS: number;
  /** Size of the video file, bytes. */
  readonly bytes: number;
  /** Path of the first part's info file. `null`: none was written. Missing: nobody asked for one. */
  readonly infoPath?: string | null;
  /** All parts in order, if there are several. A video that can hold no more is ended, and the next take goes on. */
  readonly parts?: readonly RecordingPart[];
}

/** Where a recording's files are. Other programs may move, remove or unmount them while they are being written. */
export type Whereabouts =
  | { readonly kind: 'inPlace' }
  /** The file at `path` is gone. */
  | { readonly kind: 'removed'; readonly path: string }
  /** `path`: where the file was. `to`: where it is now. */
  | { readonly kind: 'moved'; readonly path: string; readonly to: string }
  | Unreachable;

/** A file that is written on, though no path is known that leads to it. `path`: where it was. */
export interface Unreachable {
  readonly kind: 'unreachable';
  readonly path: string;
  /** Its disk was unmounted (lazily), another one was mounted over it, or the system does not say. */
  readonly why: 'unmounted' | 'mountedOver' | 'unknown';
}

/** `paths`: of the take that is being written, where its files are not where they were made. */
export type Located = Whereabouts & { readonly paths?: FoundPaths };

/** What is really in the files, and where they are. */
export interface ClosedRecording extends RecordingResult {
  /** What went wrong. */
  readonly failure?: Error;
  /** A file without a path. */
  readonly unreachable?: Unreachable;
}

/**
 * One recording: videos with their files of rows, written in step by one owner. Only calls of `locate` may
 * overlap others.
 */
export interface Recording {
  /** Paths of the first part. `null` until the first frame was written. */
  readonly paths: RecordingPaths | null;
  /** Frames in the file so far, including those of a failed `append` that fitted. */
  readonly frames: number;
  /** Bytes written so far. */
  readonly bytes: number;
  /**
   * The video that is being written; `null` before the first frame, between two parts and after the end. Its descriptor
   * may be closed at any time, and its number used again: what is asked about it counts only if this is still the same.
   */
  readonly openVideo: OpenFile | null;
  /**
   * Writes the frames and notes their rows, in order. The frames' bytes must not change until it resolves, because
   * they are not copied. The first call makes the folders and the files, exclusively. Rejects with
   * `CsiCamerasError`: `invalid_session_dir`, `disk_full`, `io_error`. After a rejection only `close` may follow.
   */
  append(frames: readonly Frame[]): Promise<void>;
  /**
   * Commits everything appended so far: from then on the file on the disk plays up to there. Cheap if nothing is new.
   * The owner calls it about twice a second. Rejects like `append`.
   */
  checkpoint(): Promise<void>;
  /**
   * Whether the files are still where `paths` says. It asks the disk and changes nothing. It may overlap other
   * calls, and these never wait for it. Resolves with `inPlace` before the first frame and after `close`. Rejects
   * if the disk cannot tell.
   */
  locate(): Promise<Located>;
  /**
   * Ends the files: writes the rows, the index and the final header, then closes them. After a failed write it
   * saves the frames that fitted. May be called twice. If the files were removed meanwhile, `paths` is `null` and
   * `failure` is `invalid_session_dir`.
   */
  close(): Promise<ClosedRecording>;
  /**
   * Writes the info file of a part that has ended, beside its video, and resolves with its path. Call it once a part, from 1 on;
   * it may overlap other calls. Rejects with `CsiCamerasError`; the recording is none the worse. Missing: there are no info files.
   */
  describe?(part: number, facts: TakeFacts): Promise<string>;
}

/** A recording goes on in another part. `ended`: the finished part. `next`: the new files. Must not throw. */
export type OnNextPart = (ended: RecordingPart, next: RecordingPaths) => void;

/** Makes recordings. A host or a test can replace it. */
export interface RecordingSession {
  /** Nothing touches the disk before the first `append`. */
  begin(request: RecordingRequest, onNextPart?: OnNextPart): Recording;
}

/** The result of a recording that consists of these videos, in order. */
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
