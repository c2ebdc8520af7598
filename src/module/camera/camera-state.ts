import type { ErrorCode, ErrorData } from '../../core/errors.js';
import type {
  CaptureRequest,
  PipelineCommand,
  PipelineEvent,
  RecordingOrder,
  RecordingPaths,
  SourceFormat,
  StopReason,
} from '../../pipeline/pipeline-messages.js';
import type { Report } from '../../protocol/statuses.js';
import * as reports from '../reports.js';

/**
 * What a camera is and what follows from what happens to it: pure. `camera.ts` performs the effects.
 * `run` numbers the capture processes: what an older run reports is a ghost and changes nothing.
 */

export type RecordingState =
  /** `interrupted`: what was being recorded when the camera was lost, for a resume. */
  | { readonly kind: 'off'; readonly interrupted: RecordingOrder | null }
  | { readonly kind: 'starting'; readonly order: RecordingOrder }
  | { readonly kind: 'on'; readonly order: RecordingOrder; readonly paths: RecordingPaths };

/** What is remembered of a lost camera until it is back. */
export interface Loss {
  readonly atMonotonicNs: bigint;
  readonly resume: RecordingOrder | null;
}

export type CameraState =
  | { readonly kind: 'closed'; readonly run: number }
  /** `attempt` 0: the host's assignment; from 1: reopening what was lost. */
  | { readonly kind: 'opening'; readonly run: number; readonly attempt: number; readonly loss: Loss | null }
  | {
      readonly kind: 'streaming';
      readonly run: number;
      readonly format: SourceFormat;
      readonly fps: number;
      readonly recording: RecordingState; // nowhere else can it record
    }
  /** Backing off before attempt number `attempt`. */
  | {
      readonly kind: 'waiting';
      readonly run: number;
      readonly attempt: number;
      readonly loss: Loss;
      readonly cause: ErrorData;
    }
  | { readonly kind: 'closing'; readonly run: number; readonly recording: RecordingState };

export type CameraEvent =
  | { readonly type: 'open' }
  /** The backoff is over. */
  | { readonly type: 'reopen' }
  | { readonly type: 'close'; readonly reason: StopReason; readonly limitMs: number }
  | { readonly type: 'startRecording'; readonly order: RecordingOrder }
  | { readonly type: 'stopRecording'; readonly reason: StopReason }
  /** A `close` was not answered in time: the process could not be ended. */
  | { readonly type: 'closeOverdue' }
  | PipelineEvent;

export type CameraEffect =
  | { readonly do: 'send'; readonly command: PipelineCommand }
  | { readonly do: 'report'; readonly report: Report }
  | { readonly do: 'reopenLater'; readonly attempt: number; readonly delayMs: number }
  | { readonly do: 'cancelReopen' };

export interface Transition {
  readonly state: CameraState;
  readonly effects: readonly CameraEffect[];
}

/** What the transitions need to know besides state and event. */
export interface CameraFacts {
  readonly deviceId: string;
  readonly request: CaptureRequest;
  readonly resumesAfterReconnect: boolean;
  /** 0: never gives up. */
  readonly maxAttempts: number;
  /** Delay before an attempt (from 1), ms. */
  readonly delayMs: (attempt: number) => number;
  /** Now, on the monotonic clock. */
  readonly nowNs: bigint;
}

const OFF: RecordingState = { kind: 'off', interrupted: null };

export function transition(state: CameraState, event: CameraEvent, facts: CameraFacts): Transition {
  if ('run' in event && event.run !== state.run) return { state, effects: [] };
  switch (event.type) {
    case 'open':
      return onOpen(state, facts);
    case 'reopen':
      return state.kind === 'waiting' ? openAgain(state, facts) : unchanged(state);
    case 'close':
      return onClose(state, event.reason, event.limitMs, facts);
    case 'closeOverdue':
      return state.kind === 'closing' ? closed(state, false, facts) : unchanged(state);
    case 'closed':
      return state.kind === 'closing' ? closed(state, event.portReleased, facts) : unchanged(state);
    case 'firstFrame':
      return onFirstFrame(state, event, facts);
    case 'lost':
      return onLost(state, event.error, facts);
    case 'startRecording':
      return onStartRecording(state, event.order, facts);
    case 'stopRecording':
      return onStopRecording(state, event.reason, facts);
    case 'recordingStarted':
    case 'recordingContinued':
    case 'recordingFailed':
    case 'recordingStopped':
      return onRecordingEvent(state, event, facts);
    case 'figures':
    case 'drop':
    case 'warning':
    case 'log':
    case 'captureProcess':
    case 'takeFiles':
    case 'snapshotTaken':
    case 'snapshotFailed':
      return unchanged(state);
  }
}

const unchanged = (state: CameraState): Transition => ({ state, effects: [] });
const report = (made: Report): CameraEffect => ({ do: 'report', report: made });
const send = (command: PipelineCommand): CameraEffect => ({ do: 'send', command });

function onOpen(state: CameraState, facts: CameraFacts): Transition {
  switch (state.kind) {
    case 'closed':
      return openRun({ kind: 'opening', run: state.run + 1, attempt: 0, loss: null }, [], facts);
    case 'waiting':
      // The host asks again while we back off: that is a reason to try now.
      return openAgain(state, facts);
    case 'streaming':
      return { state, effects: [report(reports.deviceReady(facts.deviceId, state.format, state.fps))] };
    case 'opening':
    case 'closing':
      return unchanged(state);
  }
}

function openAgain(state: CameraState & { kind: 'waiting' }, facts: CameraFacts): Transition {
  const next = { kind: 'opening', run: state.run + 1, attempt: state.attempt, loss: state.loss } as const;
  return openRun(next, [{ do: 'cancelReopen' }], facts);
}

function openRun(
  state: CameraState & { kind: 'opening' },
  before: readonly CameraEffect[],
  facts: CameraFacts,
): Transition {
  return { state, effects: [...before, send({ type: 'open', run: state.run, request: facts.request })] };
}

function onFirstFrame(
  state: CameraState,
  event: { readonly format: SourceFormat; readonly fps: number },
  facts: CameraFacts,
): Transition {
  if (state.kind !== 'opening') return unchanged(state);
  const { loss } = state;
  const resume = loss?.resume ?? null;
  const reconnection =
    loss === null
      ? undefined
      : { attempts: state.attempt, downtimeMs: Number((facts.nowNs - loss.atMonotonicNs) / 1_000_000n) };
  const effects = [report(reports.deviceReady(facts.deviceId, event.format, event.fps, reconnection))];
  if (resume !== null) effects.push(send({ type: 'startRecording', run: state.run, order: resume }));
  return {
    state: {
      kind: 'streaming',
      run: state.run,
      format: event.format,
      fps: event.fps,
      recording: resume === null ? OFF : { kind: 'starting', order: resume },
    },
    effects,
  };
}

/** The pipeline finished a recording before it said `lost`: the order is the protocol's. */
function onLost(state: CameraState, error: ErrorData, facts: CameraFacts): Transition {
  switch (state.kind) {
    case 'opening': {
      if (state.attempt === 0 || state.loss === null) return giveUp(state, error, isWorthRetrying(error.code), facts);
      return backOff(state, state.attempt + 1, state.loss, error, facts);
    }
    case 'streaming': {
      const interrupted = state.recording.kind === 'off' ? state.recording.interrupted : state.recording.order;
      const resume = facts.resumesAfterReconnect ? interrupted : null;
      return backOff(state, 1, { atMonotonicNs: facts.nowNs, resume }, error, facts);
    }
    case 'closing':
      // The process ended by itself before it could be asked: the port is free, which is what was wanted.
      return closed(state, true, facts);
    case 'waiting':
    case 'closed':
      return unchanged(state);
  }
}

function backOff(state: CameraState, attempt: number, loss: Loss, error: ErrorData, facts: CameraFacts): Transition {
  if (facts.maxAttempts !== 0 && attempt > facts.maxAttempts) return giveUp(state, error, false, facts);
  const delayMs = facts.delayMs(attempt);
  return {
    state: { kind: 'waiting', run: state.run, attempt, loss, cause: error },
    effects: [
      report(reports.deviceError(facts.deviceId, error, true, delayMs)),
      { do: 'reopenLater', attempt, delayMs },
    ],
  };
}

function giveUp(state: CameraState, error: ErrorData, isRecoverable: boolean, facts: CameraFacts): Transition {
  return {
    state: { kind: 'closed', run: state.run },
    effects: [report(reports.deviceError(facts.deviceId, error, isRecoverable))],
  };
}

/** Whether assigning again, with nothing installed or configured differently, can help. */
function isWorthRetrying(code: ErrorCode): boolean {
  return code !== 'capture_tool_missing' && code !== 'permission_denied' && code !== 'unsupported_mode';
}

function onClose(state: CameraState, reason: StopReason, limitMs: number, facts: CameraFacts): Transition {
  switch (state.kind) {
    case 'opening':
    case 'streaming': {
      const recording = state.kind === 'streaming' ? state.recording : OFF;
      return {
        state: { kind: 'closing', run: state.run, recording },
        effects: [send({ type: 'close', run: state.run, reason, limitMs })],
      };
    }
    case 'waiting': {
      const done = closed(state, true, facts);
      return { ...done, effects: [{ do: 'cancelReopen' }, ...done.effects] };
    }
    case 'closed':
      return closed(state, true, facts);
    case 'closing':
      return unchanged(state);
  }
}

function closed(state: CameraState, portReleased: boolean, facts: CameraFacts): Transition {
  return {
    state: { kind: 'closed', run: state.run },
    effects: [report(reports.deviceUnassigned(facts.deviceId, portReleased))],
  };
}

function onStartRecording(state: CameraState, order: RecordingOrder, facts: CameraFacts): Transition {
  if (state.kind !== 'streaming') {
    return { state, effects: [report(reports.notStreaming(facts.deviceId, state.kind))] };
  }
  if (state.recording.kind === 'on') {
    const { order: present, paths } = state.recording;
    return { state, effects: [report(reports.recordingStarted(present, paths))] };
  }
  if (state.recording.kind === 'starting') return unchanged(state);
  return {
    state: { ...state, recording: { kind: 'starting', order } },
    effects: [send({ type: 'startRecording', run: state.run, order })],
  };
}

function onStopRecording(state: CameraState, reason: StopReason, facts: CameraFacts): Transition {
  if (state.kind === 'streaming' && state.recording.kind !== 'off') {
    return { state, effects: [send({ type: 'stopRecording', run: state.run, reason })] };
  }
  return { state: withoutResume(state), effects: [report(reports.nothingRecorded(facts.deviceId))] };
}

/** The host wants no recording any more: then none goes on by itself when a lost camera is back. */
function withoutResume(state: CameraState): CameraState {
  if (state.kind === 'streaming') return { ...state, recording: OFF };
  if (state.kind === 'waiting') return { ...state, loss: { ...state.loss, resume: null } };
  if (state.kind === 'opening' && state.loss !== null) return { ...state, loss: { ...state.loss, resume: null } };
  return state;
}

/** Whether a take is under way, about to begin, or goes on when a lost camera is back. */
export function isToRecord(state: CameraState): boolean {
  if (state.kind === 'streaming') return state.recording.kind !== 'off';
  if (state.kind === 'opening' || state.kind === 'waiting') return (state.loss?.resume ?? null) !== null;
  return false;
}

function onRecordingEvent(
  state: CameraState,
  event: PipelineEvent & { type: 'recordingStarted' | 'recordingContinued' | 'recordingFailed' | 'recordingStopped' },
  facts: CameraFacts,
): Transition {
  if (state.kind !== 'streaming' && state.kind !== 'closing') return unchanged(state);
  const { recording } = state;
  if (recording.kind === 'off') return unchanged(state);
  const { order } = recording;
  switch (event.type) {
    case 'recordingStarted':
      return {
        state: { ...state, recording: { kind: 'on', order, paths: event.paths } },
        effects: [report(reports.recordingStarted(order, event.paths))],
      };
    case 'recordingContinued':
      if (recording.kind !== 'on') return unchanged(state);
      return {
        state: { ...state, recording: { kind: 'on', order, paths: event.paths } },
        effects: [report(reports.recordingContinued(order, event))],
      };
    case 'recordingFailed':
      return {
        state: { ...state, recording: OFF },
        effects: [report(reports.recordingError(facts.deviceId, event.error))],
      };
    case 'recordingStopped': {
      const { summary } = event;
      const effects = [report(reports.recordingStopped(order, summary))];
      if (summary.error !== null) effects.unshift(report(reports.recordingError(facts.deviceId, summary.error)));
      const interrupted = summary.reason === 'device_error' ? order : null;
      return { state: { ...state, recording: { kind: 'off', interrupted } }, effects };
    }
  }
}
