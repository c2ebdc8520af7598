import { type ErrorCode, type ErrorData, errorWithAdvice } from '../../core/errors.js';
import {
  type RunEvent,
  type RecordingOrder,
  type RecordingPaths,
  type RecordingSummary,
  type SourceFormat,
  type StopReason,
  emptySummary,
} from '../../pipeline/pipeline-messages.js';
import type { Report } from '../../protocol/statuses.js';
import * as reports from '../reports.js';
import { type CameraEffect, answer, report, send, tell } from './camera-effects.js';

/** The recording of a streaming camera, as a part of the camera's transitions. All functions here are pure. */

/** A requested take. Its files get their names when it starts, because the camera's model is known only then. */
export type TakeOrder = Omit<RecordingOrder, 'deviceId' | 'cameraLabel'>;

export type RecordingState =
  /** `interrupted`: the take that ended because the camera was lost. A resume continues its trial. */
  | { readonly kind: 'off'; readonly interrupted: TakeOrder | null }
  | { readonly kind: 'starting'; readonly order: RecordingOrder }
  | {
      readonly kind: 'on';
      readonly order: RecordingOrder;
      readonly paths: RecordingPaths;
      /** Time of the take's first frame, as the pipeline told it. */
      readonly firstFrameNs: bigint;
    }
  | {
      /** The take is being finished. */
      readonly kind: 'stopping';
      readonly order: RecordingOrder;
      readonly paths: RecordingPaths | null;
      /** Why it was stopped. `null`: it ends by itself. */
      readonly reason: StopReason | null;
      /** A take that was requested meanwhile. It starts when this one is over. */
      readonly next: TakeOrder | null;
      /** Its start was called off before its instant and was answered then. Only a stop is told that it ended. */
      readonly isCancelled?: true;
    };

export interface RecordingTransition {
  readonly recording: RecordingState;
  readonly effects: readonly CameraEffect[];
}

/** The stream that is recorded. */
interface Stream {
  readonly run: number;
  readonly format: SourceFormat;
}

/** `stopNs`: see `PipelineCommand`. */
export interface Stop {
  readonly reason: StopReason;
  readonly stopNs: bigint | null;
}

export interface RecordingFacts {
  readonly deviceId: string;
  /** The camera label in the file names, for a camera of this model. */
  readonly labelOf: (model: string) => string;
}

export type RecordingEvent = Extract<
  RunEvent,
  { type: 'recordingStarted' | 'recordingContinued' | 'recordingEnding' | 'recordingFailed' | 'recordingStopped' }
>;

export const OFF: RecordingState = { kind: 'off', interrupted: null };

export function beginTake(asked: TakeOrder, { run, format }: Stream, facts: RecordingFacts): RecordingTransition {
  const order = { ...asked, deviceId: facts.deviceId, cameraLabel: facts.labelOf(format.model) };
  return { recording: { kind: 'starting', order }, effects: [send({ type: 'startRecording', run, order })] };
}

export function onStartRecording(
  recording: RecordingState,
  asked: TakeOrder,
  stream: Stream,
  facts: RecordingFacts,
): RecordingTransition {
  switch (recording.kind) {
    case 'off':
      return beginTake(asked, stream, facts);
    case 'starting':
      return unchanged(recording);
    case 'on':
      return {
        recording,
        effects: [report(reports.recordingStarted(recording.order, recording.paths, recording.firstFrameNs))],
      };
    case 'stopping':
      return unchanged({ ...recording, next: asked });
  }
}

export function onStopRecording(
  recording: RecordingState,
  { reason, stopNs }: Stop,
  { run }: Stream,
  { deviceId }: RecordingFacts,
): RecordingTransition {
  switch (recording.kind) {
    case 'off':
      return { recording: OFF, effects: [report(reports.nothingRecorded(deviceId))] };
    case 'starting':
    case 'on':
      return {
        recording: stopping(recording, reason),
        effects: [send({ type: 'stopRecording', run, reason, stopNs })],
      };
    case 'stopping':
      // The end of the take answers this stop too.
      return {
        recording: { ...recording, reason: recording.reason ?? reason, next: null },
        effects: recording.next === null ? [] : [withoutFrame(deviceId)],
      };
  }
}

/** Calls off a start that waits for its instant. The start was answered. */
export function onCancelStart(recording: RecordingState, { run }: Stream): RecordingTransition {
  if (recording.kind === 'stopping') return unchanged({ ...recording, next: null });
  if (recording.kind !== 'starting') return unchanged(recording);
  return {
    recording: { ...stopping(recording, 'command'), isCancelled: true },
    effects: [send({ type: 'stopRecording', run, reason: 'command', stopNs: null })],
  };
}

/** `stream`: the stream for the next take. `null` while the camera is being closed. */
export function onRecordingEvent(
  recording: RecordingState,
  event: RecordingEvent,
  stream: Stream | null,
  facts: RecordingFacts,
): RecordingTransition {
  if (recording.kind === 'off') return unchanged(recording);
  if (isEndOfCancelled(recording, event)) {
    return over(recording, null, [answer(reports.nothingRecorded(facts.deviceId))], stream, facts);
  }
  const { order } = recording;
  switch (event.type) {
    case 'recordingStarted': {
      const { paths, firstFrameNs } = event;
      const started = [say(recording, reports.recordingStarted(order, paths, firstFrameNs))];
      // The stop was already sent.
      if (recording.kind === 'stopping') return { recording: { ...recording, paths }, effects: started };
      return { recording: { kind: 'on', order, paths, firstFrameNs }, effects: started };
    }
    case 'recordingContinued':
      if (recording.kind === 'starting') return unchanged(recording);
      return {
        recording: { ...recording, paths: event.paths },
        effects: [report(reports.recordingContinued(order, event))],
      };
    case 'recordingEnding':
      return unchanged(recording.kind === 'stopping' ? recording : stopping(recording, null));
    case 'recordingFailed':
      // `lost` follows, and the transition for it keeps the requested take.
      if (event.isCameraLost && recording.kind === 'starting' && stream !== null) return unchanged(recording);
      return over(recording, null, [...failed(recording, event.error, facts), ...emptyEnd(recording)], stream, facts);
    case 'recordingStopped': {
      const { summary } = event;
      const ends = [...failed(recording, summary.error, facts), ...unanswered(recording, facts)];
      const stopped = report(reports.recordingStopped(order, summary));
      return over(recording, summary, [...ends, stopped], stream, facts);
    }
  }
}

/**
 * The take to record when the camera is back. A requested take that never started is always kept. An interrupted
 * take is kept only if `resumesAfterReconnect`.
 */
export function rememberedOf(recording: RecordingState, resumesAfterReconnect: boolean): TakeOrder | null {
  switch (recording.kind) {
    case 'off':
      return resumesAfterReconnect ? recording.interrupted : null;
    case 'starting':
      return recording.order;
    case 'on':
      return resumesAfterReconnect ? recording.order : null;
    case 'stopping':
      return recording.next;
  }
}

/** Cancels the take that waits for the end of this one, because the camera is being closed. */
export function withoutNext(recording: RecordingState): RecordingState {
  return recording.kind === 'stopping' ? { ...recording, next: null } : recording;
}

const unchanged = (recording: RecordingState): RecordingTransition => ({ recording, effects: [] });

type Take = Exclude<RecordingState, { kind: 'off' }>;

/** A take that was called off and never began. One that began all the same is told as any other. */
function isEndOfCancelled(take: Take, { type }: RecordingEvent): boolean {
  if (take.kind !== 'stopping' || take.isCancelled !== true || take.paths !== null) return false;
  return type === 'recordingFailed' || type === 'recordingStopped';
}

function stopping(
  recording: RecordingState & { kind: 'starting' | 'on' },
  reason: StopReason | null,
): RecordingState & { kind: 'stopping' } {
  const paths = recording.kind === 'on' ? recording.paths : null;
  return { kind: 'stopping', order: recording.order, paths, reason, next: null };
}

/** Reports a status about a take. It must not answer the start of the next take if that one already waits. */
function say(take: Take, made: Report): CameraEffect {
  return take.kind === 'stopping' && take.next !== null ? tell(made) : report(made);
}

function failed(take: Take, error: ErrorData | null, { deviceId }: RecordingFacts): CameraEffect[] {
  return error === null ? [] : [say(take, reports.recordingError(deviceId, error))];
}

/** The answer to a start that was stopped before its first frame, if it still waits. */
function unanswered(take: Take, { deviceId }: RecordingFacts): CameraEffect[] {
  if (take.kind !== 'stopping' || take.paths !== null || take.next !== null) return [];
  return [withoutFrame(deviceId)];
}

function withoutFrame(deviceId: string): CameraEffect {
  const why = `${deviceId} gave no frame between the start and the stop.`;
  return answer(reports.recordingError(deviceId, errorWithAdvice('start_cancelled', why)));
}

/** The answer to a stop of a take that never started. */
function emptyEnd(recording: Take): CameraEffect[] {
  if (recording.kind !== 'stopping' || recording.reason === null) return [];
  return [report(reports.recordingStopped(recording.order, emptySummary(recording.reason)))];
}

/** Errors of a take's files. Another take would go to the same disk. */
const DISK_ERRORS: ReadonlySet<ErrorCode> = new Set(['disk_full', 'disk_low', 'io_error', 'invalid_session_dir']);

/** Whether a take ended only because its camera was lost. A stop ends it for good, and so does a disk that fails. */
function isInterrupted(take: Take, summary: RecordingSummary | null): boolean {
  if (summary === null || summary.reason !== 'device_error' || summary.isGivenUp) return false;
  const wasStopped = take.kind === 'stopping' && take.reason !== null;
  return !wasStopped && (summary.error === null || !DISK_ERRORS.has(summary.error.code));
}

/** The transition at the end of a take. A take that waits starts now, or is refused if the disk was given up. */
function over(
  recording: Take,
  summary: RecordingSummary | null,
  effects: readonly CameraEffect[],
  stream: Stream | null,
  facts: RecordingFacts,
): RecordingTransition {
  const next = recording.kind === 'stopping' ? recording.next : null;
  if (next === null || stream === null) {
    const interrupted = isInterrupted(recording, summary) ? recording.order : null;
    return { recording: { kind: 'off', interrupted }, effects };
  }
  if (summary?.isGivenUp === true) {
    const refused = errorWithAdvice('io_error', 'No take can start because the disk has not finished the last one.');
    return { recording: OFF, effects: [...effects, report(reports.recordingError(facts.deviceId, refused))] };
  }
  const begun = beginTake(next, stream, facts);
  return { ...begun, effects: [...effects, ...begun.effects] };
}
