import type { ErrorCode } from '../../core/errors.js';
import type { CameraStatus, StatusData, StatusMessage } from '../../protocol/statuses.js';
import type { LastEnd } from '../view.js';
import { msBetween } from './durations.js';

type End = Omit<LastEnd, 'ago_ms'> & { readonly atNs: bigint };

interface Failure {
  readonly code: string;
  readonly error: string;
  readonly atNs: bigint;
}

/** A recording that ends by itself is told by `recording_error` and `recording_stopped`, one right after the other. */
const TOGETHER_MS = 1_000;

/** Errors that say what became of a command. They end no recording, and a start that they refuse was called off. */
const OF_COMMANDS: ReadonlySet<string> = new Set([
  'start_cancelled',
  'shutting_down',
  'no_device',
  'queue_full',
  'invalid_command',
] satisfies ErrorCode[]);

/** How the last recording of each camera ended, as the statuses tell it. It outlives assignments. */
export class RecordingEnds {
  readonly #ends = new Map<string, End>();
  /** Cameras with a take in a file, and its number. */
  readonly #underWay = new Map<string, number>();
  /** The last error about a recording that goes on: its end may follow. */
  readonly #failures = new Map<string, Failure>();

  /** Whether this take is under way already: a start during a recording is answered with it. */
  isKnown({ device_id: deviceId, take }: StatusData<'recording_started'>): boolean {
    return this.#underWay.get(deviceId) === take;
  }

  /** `cameras`: the assigned ones. */
  hear(message: StatusMessage, cameras: ReadonlySet<string>, nowNs: bigint): void {
    if (message.status === 'recording_started') this.#begin(message.data.device_id, message.data.take);
    if (message.status === 'recording_error') this.#fail(message, cameras, nowNs);
    if (message.status === 'recording_stopped') this.#end(message.data, nowNs);
  }

  look({ device_id: deviceId, recording, pending_trial_number: pending }: CameraStatus, nowNs: bigint): LastEnd | null {
    if (recording !== null && recording.take > 0) this.#begin(deviceId, recording.take);
    const end = this.#ends.get(deviceId);
    if (end === undefined) return null;
    // The trial begins by itself later: it is no failure yet.
    if (end.reason === 'not_started' && (pending !== null || recording !== null)) return null;
    const { atNs, ...told } = end;
    return { ...told, ago_ms: msBetween(atNs, nowNs) };
  }

  /** Only these cameras are kept, and `most` others. */
  trim(present: ReadonlySet<string>, most: number): void {
    for (const map of [this.#ends, this.#underWay, this.#failures]) {
      for (const deviceId of map.keys()) {
        if (map.size <= most) break;
        if (!present.has(deviceId)) map.delete(deviceId);
      }
    }
  }

  #begin(deviceId: string, take: number): void {
    this.#underWay.set(deviceId, take);
    this.#ends.delete(deviceId);
  }

  #fail(message: StatusMessage & { status: 'recording_error' }, cameras: ReadonlySet<string>, atNs: bigint): void {
    const { device_id: deviceId, code, error } = message.data;
    if (OF_COMMANDS.has(code)) return;
    // Without a device id a start of all cameras failed.
    for (const camera of deviceId === null ? cameras : [deviceId]) {
      if (!this.#underWay.has(camera)) {
        // What is missing is the rest of a trial: that it ended, and what is safe of it, stays the news.
        if (this.#isOfRest(camera, message)) continue;
        this.#ends.set(camera, { ...NOTHING, reason: 'not_started', error: { code, error }, atNs });
      } else if (!isRefusedStart(message)) {
        this.#failures.set(camera, { code, error, atNs });
      }
    }
  }

  #end(data: StatusData<'recording_stopped'>, atNs: bigint): void {
    const { device_id: deviceId, trial_number, take, reason, frames, dropped, video_path } = data;
    if (deviceId === null || (trial_number === null && take === null)) return; // a stop, and nothing was recorded
    const failure = this.#failures.get(deviceId);
    this.#failures.delete(deviceId);
    this.#underWay.delete(deviceId);
    if (take === null && this.#hasJustFailed(deviceId, atNs)) return; // the end of a take that never began
    const error = isRecent(failure, atNs) ? { code: failure.code, error: failure.error } : null;
    this.#ends.set(deviceId, { reason, error, trial_number, take, frames, dropped, video_path, atNs });
  }

  /** Nobody started anything: the camera of an interrupted trial was given up. */
  #isOfRest(deviceId: string, { in_reply_to: replyTo }: StatusMessage): boolean {
    return replyTo === undefined && this.#ends.get(deviceId)?.reason === 'device_error';
  }

  #hasJustFailed(deviceId: string, nowNs: bigint): boolean {
    const last = this.#ends.get(deviceId);
    return last?.reason === 'not_started' && isRecent(last, nowNs);
  }
}

/** A start in a folder that cannot be used is refused, and ends no recording that is under way. */
function isRefusedStart({ data, in_reply_to }: StatusMessage & { status: 'recording_error' }): boolean {
  const isAboutFolder = data.code === 'invalid_session_dir' || data.code === 'no_session_dir';
  return data.device_id === null || (isAboutFolder && in_reply_to !== undefined);
}

const NOTHING = { trial_number: null, take: null, frames: 0, dropped: 0, video_path: null } as const;

function isRecent<Told extends { readonly atNs: bigint }>(told: Told | undefined, nowNs: bigint): told is Told {
  return told !== undefined && msBetween(told.atNs, nowNs) <= TOGETHER_MS;
}
