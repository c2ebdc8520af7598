import { isNativeError } from 'node:util/types';

/**
 * Every error code that a status can carry, with advice for the person who reads it. `docs/errors.md` explains each
 * code; a test keeps the two in step.
 */
export const ERROR_ADVICE = {
  camera_in_use: 'Another program holds the camera: end it.',
  camera_not_found: 'Check the ribbon cable at both ends and list the cameras with `csi-cameras cameras`.',
  camera_disconnected: 'The camera stopped answering: check the ribbon cable and the power supply.',
  frame_timeout: 'The camera sends no frames: check the ribbon cable; a reboot frees a stuck driver.',
  sync_timeout:
    'Start the server (sync: server) with the same rate, on the same network with UDP multicast, or set sync to off.',
  permission_denied: 'Add the user to the group `video` (sudo usermod -aG video $USER) and log in again.',
  unsupported_mode: 'Choose a size and a rate that `csi-cameras cameras` lists for this camera.',
  invalid_setting: 'Correct the setting: docs/configuration.md lists names and ranges.',
  capture_tool_missing: 'Install rpicam-apps (sudo apt install rpicam-apps) or name the tool with --capture-tool.',
  capture_failed: 'See the last lines of the capture tool in csicameras.log; a reboot frees camera memory.',
  invalid_session_dir: 'Give a session directory that exists, or can be made, and is writable.',
  disk_full: 'The disk is full: free some space, then try again.',
  disk_low: 'Little space is left on the disk: free some, or lower recording.minFreeBytes.',
  io_error: 'The disk failed: check the card or the drive and its connection; csicameras.log has the details.',
  no_session_dir: 'Give session_dir, with start_session or with this command.',
  no_device: 'Assign a camera first (assign_device).',
  invalid_command: 'Correct the command: one JSON object a line, as docs/host-protocol.md describes.',
  unknown_command: 'Use one of the commands in docs/host-protocol.md.',
  recording_in_progress: 'Stop the recording first (stop_recording).',
  start_cancelled: 'Nothing was recorded: send start_recording again if the trial is to begin after all.',
  queue_full: 'Too many commands are waiting: send the next one when an answer has come.',
  shutting_down: 'The module is shutting down: start it again to send commands.',
} as const;

/** A word for programs. `docs/errors.md` says when each comes. */
export type ErrorCode = keyof typeof ERROR_ADVICE;

/** Every code, in the order of the documents. */
export const ERROR_CODES = Object.keys(ERROR_ADVICE) as readonly ErrorCode[];

/** Facts that go into the log with an error: operation, path, errno, device, trial. */
export type ErrorContext = Readonly<Record<string, string | number>>;

/** An error as plain data. In this form it crosses threads and enters statuses and logs. */
export interface ErrorData {
  readonly code: ErrorCode;
  /** One or two sentences: what happened and what to do. */
  readonly message: string;
  readonly context: ErrorContext;
}

/** A failure at a boundary of the module. `code` is for programs, `message` for the person who must act. */
export class CsiCamerasError extends Error {
  override readonly name = 'CsiCamerasError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly context: ErrorContext = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** structuredClone drops `code` and `context` from an Error, so an error crosses threads as data. */
  toData(): ErrorData {
    return { code: this.code, message: this.message, context: this.context };
  }
}

/** An error whose message ends with the advice for its code. `whatHappened` is a full sentence without the advice. */
export function errorWithAdvice(
  code: ErrorCode,
  whatHappened: string,
  context: ErrorContext = {},
  cause?: unknown,
): CsiCamerasError {
  return new CsiCamerasError(
    code,
    `${whatHappened} ${ERROR_ADVICE[code]}`,
    context,
    cause === undefined ? undefined : { cause },
  );
}

/** Node's errno name (`ENOSPC`) of a thrown value; `undefined` if it has none. */
export function errnoOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/**
 * The text of anything that was thrown. Never throws, although a host may throw a value that cannot be read as text. Node's own
 * errors are not `instanceof Error` in every realm.
 */
export function messageOf(thrown: unknown): string {
  try {
    return String(isNativeError(thrown) || thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return 'no reason given'; // the exception itself cannot be read
  }
}

/** What an errno of a file operation means. `advice` takes the place of the code's own where that would not be true. */
interface ErrnoMeaning {
  readonly code: Extract<ErrorCode, 'disk_full' | 'io_error'>;
  readonly advice?: string;
}

const GONE: ErrnoMeaning = {
  code: 'io_error',
  advice: 'The disk is gone: check that it is plugged in and mounted, then try again.',
};
const TOO_MANY_FILES: ErrnoMeaning = {
  code: 'io_error',
  advice: 'Too many files are open: raise the limit (ulimit -n), or end programs that hold files open.',
};
const NOT_ALLOWED: ErrnoMeaning = {
  code: 'io_error',
  advice: 'The system does not allow it: check owner and permissions of the file and its folder.',
};

/**
 * Every other errno is an `io_error` with the advice of that code. `docs/errors.md` has this table; a test keeps the
 * two in step.
 */
export const ERRNO_MEANINGS: Readonly<Partial<Record<string, ErrnoMeaning>>> = {
  ENOSPC: { code: 'disk_full' },
  EDQUOT: {
    code: 'disk_full',
    advice: "The user's quota on this disk is used up: free some space or raise the quota, then try again.",
  },
  // Not `disk_full`: space that is freed does not help.
  EFBIG: {
    code: 'io_error',
    advice:
      'The largest file size of the file system or of the process is reached: record to another file system, or raise the limit (ulimit -f).',
  },
  EROFS: {
    code: 'io_error',
    advice:
      'The disk is mounted read-only; the system does that when a disk fails: check the disk, then mount it for writing.',
  },
  EIO: { code: 'io_error' },
  ENXIO: GONE,
  ENODEV: GONE,
  ENOTCONN: GONE,
  ESTALE: GONE,
  EMFILE: TOO_MANY_FILES,
  ENFILE: TOO_MANY_FILES,
  EACCES: NOT_ALLOWED,
  EPERM: NOT_ALLOWED,
};

/**
 * Turns a failed file operation into an error with code and context. This is the only place that maps errno to a code
 * and to what a person should do.
 */
export function fileError(
  operation: string,
  path: string,
  thrown: unknown,
  context: ErrorContext = {},
): CsiCamerasError {
  if (thrown instanceof CsiCamerasError) return thrown;
  const errno = errnoOf(thrown) ?? 'unknown';
  const { code, advice }: ErrnoMeaning = ERRNO_MEANINGS[errno] ?? { code: 'io_error' };
  const message = `${operation} failed for ${path} (${errno}). ${advice ?? ERROR_ADVICE[code]}`;
  return new CsiCamerasError(code, message, { ...context, operation, path, errno }, { cause: thrown });
}

/**
 * Whether a file could not grow because it is as large as the file system or the process allows. Another file may
 * still take what this one does not.
 */
export function isFileSizeLimit(thrown: unknown): boolean {
  return thrown instanceof CsiCamerasError && thrown.context['errno'] === 'EFBIG';
}

/** Any thrown value as data. Our own errors keep their code; others get `otherwise`. */
export function errorDataOf(thrown: unknown, otherwise: ErrorCode): ErrorData {
  if (thrown instanceof CsiCamerasError) return thrown.toData();
  return { code: otherwise, message: messageOf(thrown), context: {} };
}
