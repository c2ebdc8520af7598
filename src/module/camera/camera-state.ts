import type { ErrorCode, ErrorData } from '../../core/errors.js';
import type { CaptureRequest, RunEvent, SourceFormat, StopReason } from '../../pipeline/pipeline-messages.js';
import * as reports from '../reports.js';
import { type CameraEffect, report, send } from './camera-effects.js';
import {
  OFF,
  type RecordingEvent,
  type RecordingFacts,
  type RecordingState,
  type RecordingTransition,
  type TakeOrder,
  beginTake,
  onRecordingEvent,
  onStartRecording,
  onStopRecording,
  rememberedOf,
  withoutNext,
} from './recording-state.js';

/**
 * The states of a camera and its transitions. All functions here are pure. `camera.ts` performs the effects.
 * `run` numbers the capture processes. Events of an earlier run are ignored.
 */

/**
 * `lostAtNs`: time when the camera was lost, monotonic clock. `null`: it was not lost.
 * `next`: the take that starts with the first frame. It was interrupted, or a start arrived before that frame.
 */
export type CameraState =
  /** `recording`: the take whose end was not told when the closing was overdue. It is told when it comes. */
  | {
      readonly kind: 'closed';
      readonly run: number;
      readonly portReleased: boolean;
      readonly recording?: RecordingState;
    }
  /**
   * `attempt` 0: the host assigned the camera. From 1: attempts to open it again. `keepsTrying`: another attempt follows a
   * failure. It is always so for a camera that was lost.
   */
  | {
      readonly kind: 'opening';
      readonly run: number;
      readonly attempt: number;
      readonly lostAtNs: bigint | null;
      readonly keepsTrying: boolean;
      readonly next: TakeOrder | null;
    }
  | {
      readonly kind: 'streaming';
      readonly run: number;
      readonly format: SourceFormat;
      readonly fps: number;
      readonly recording: RecordingState; // a recording can only start in this state
    }
  /** Waiting for the delay before attempt number `attempt`. */
  | {
      readonly kind: 'waiting';
      readonly run: number;
      readonly attempt: number;
      readonly lostAtNs: bigint | null;
      readonly next: TakeOrder | null;
      readonly cause: ErrorData;
      /** Whether the lost run's process ended. */
      readonly portReleased: boolean;
    }
  | { readonly kind: 'closing'; readonly run: number; readonly recording: RecordingState };

export type CameraEvent =
  /** The host assigns the camera. `keepsTrying`: until a frame comes, also if the camera cannot be opened now. */
  | { readonly type: 'open'; readonly keepsTrying: boolean }
  /** The backoff is over. */
  | { readonly type: 'reopen' }
  | { readonly type: 'close'; readonly reason: StopReason; readonly untilNs: bigint }
  | { readonly type: 'startRecording'; readonly order: TakeOrder }
  | { readonly type: 'stopRecording'; readonly reason: StopReason }
  /** The pipeline did not answer `close` in time, because the process could not be ended. */
  | { readonly type: 'closeOverdue' }
  | RunEvent;

export interface Transition {
  readonly state: CameraState;
  readonly effects: readonly CameraEffect[];
}

/** Everything that the transitions need besides state and event. */
export interface CameraFacts extends RecordingFacts {
  readonly request: CaptureRequest;
  readonly resumesAfterReconnect: boolean;
  /** The configuration names the capture tool. One that is missing does not come by itself. */
  readonly isToolNamed: boolean;
  /** Attempts to reopen before the camera is given up. 0: no limit. */
  readonly maxAttempts: number;
  /** Delay before an attempt to reopen, ms. Attempts count from 1. */
  readonly delayMs: (attempt: number) => number;
  /** The present time of the monotonic clock. */
  readonly nowNs: bigint;
}

export function transition(state: CameraState, event: CameraEvent, facts: CameraFacts): Transition {
  if ('run' in event && event.run !== state.run) return { state, effects: [] };
  switch (event.type) {
    case 'open':
      return onOpen(state, event.keepsTrying, facts);
    case 'reopen':
      return state.kind === 'waiting' ? openAgain(state, facts) : unchanged(state);
    case 'close':
      return onClose(state, event.reason, event.untilNs, facts);
    case 'closeOverdue':
      return state.kind === 'closing' ? overdue(state, facts) : unchanged(state);
    case 'closed':
      return state.kind === 'closing' ? closed(state, event.portReleased, facts) : unchanged(state);
    case 'firstFrame':
      return onFirstFrame(state, event, facts);
    case 'lost':
      return onLost(state, event, facts);
    case 'startRecording':
      return onStart(state, event.order, facts);
    case 'stopRecording':
      return onStop(state, event.reason, facts);
    case 'recordingStarted':
    case 'recordingContinued':
    case 'recordingEnding':
    case 'recordingFailed':
    case 'recordingStopped':
      return onTakeEvent(state, event, facts);
  }
}

const unchanged = (state: CameraState): Transition => ({ state, effects: [] });

function onOpen(state: CameraState, keepsTrying: boolean, facts: CameraFacts): Transition {
  switch (state.kind) {
    case 'closed':
      return openRun(
        { kind: 'opening', run: state.run + 1, attempt: 0, lostAtNs: null, keepsTrying, next: null },
        [],
        facts,
      );
    case 'waiting':
      // The host asks again during the delay, so try at once.
      return openAgain(state, facts);
    case 'streaming':
      return { state, effects: [report(reports.deviceReady(facts.deviceId, state.format, state.fps))] };
    case 'opening':
    case 'closing':
      return unchanged(state);
  }
}

function openAgain(state: CameraState & { kind: 'waiting' }, facts: CameraFacts): Transition {
  const { run, attempt, lostAtNs, next } = state;
  return openRun(
    { kind: 'opening', run: run + 1, attempt, lostAtNs, keepsTrying: true, next },
    [{ do: 'cancelReopen' }],
    facts,
  );
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
  const { run, attempt, lostAtNs, next } = state;
  const { format, fps } = event;
  const reconnection =
    lostAtNs === null ? undefined : { attempts: attempt, downtimeMs: Number((facts.nowNs - lostAtNs) / 1_000_000n) };
  const ready = report(reports.deviceReady(facts.deviceId, format, fps, reconnection));
  const begun = next === null ? { recording: OFF, effects: [] } : beginTake(next, { run, format }, facts);
  return {
    state: { kind: 'streaming', run, format, fps, recording: begun.recording },
    effects: [ready, ...begun.effects],
  };
}

/** A recording is over by now: the pipeline always finishes it before it sends `lost`. */
function onLost(
  state: CameraState,
  { error, portReleased, endedNs }: Pick<RunEvent & { type: 'lost' }, 'error' | 'portReleased' | 'endedNs'>,
  facts: CameraFacts,
): Transition {
  switch (state.kind) {
    case 'opening': {
      const { attempt, lostAtNs, next } = state;
      const isHopeless = lostAtNs === null && (!state.keepsTrying || endsAssignment(error.code, facts));
      if (isHopeless) return giveUp(state, { next, portReleased }, error, isWorthRetrying(error.code), facts);
      return backOff(state, { attempt: attempt + 1, lostAtNs, next, portReleased }, error, facts);
    }
    case 'streaming': {
      const next = rememberedOf(state.recording, facts.resumesAfterReconnect);
      return backOff(state, { attempt: 1, lostAtNs: endedNs ?? facts.nowNs, next, portReleased }, error, facts);
    }
    case 'closing':
      // The run ended by itself before it was asked to.
      return closed(state, portReleased, facts);
    case 'waiting':
    case 'closed':
      return unchanged(state);
  }
}

function backOff(
  state: CameraState,
  wait: Pick<CameraState & { kind: 'waiting' }, 'attempt' | 'lostAtNs' | 'next' | 'portReleased'>,
  error: ErrorData,
  facts: CameraFacts,
): Transition {
  const { attempt } = wait;
  if (facts.maxAttempts !== 0 && attempt > facts.maxAttempts) return giveUp(state, wait, error, false, facts);
  const delayMs = facts.delayMs(attempt);
  return {
    state: { kind: 'waiting', run: state.run, ...wait, cause: error },
    effects: [
      report(reports.deviceError(facts.deviceId, error, true, delayMs)),
      { do: 'reopenLater', attempt, delayMs },
    ],
  };
}

function giveUp(
  state: CameraState,
  { next, portReleased }: { readonly next: TakeOrder | null; readonly portReleased: boolean },
  error: ErrorData,
  isRecoverable: boolean,
  facts: CameraFacts,
): Transition {
  const { deviceId } = facts;
  const lost = report(reports.deviceError(deviceId, error, isRecoverable));
  const neverBegan = next === null ? [] : [report(reports.recordingError(deviceId, error))];
  return { state: { kind: 'closed', run: state.run, portReleased }, effects: [lost, ...neverBegan] };
}

/** Whether another assignment can succeed without a change to the installation or the configuration. */
function isWorthRetrying(code: ErrorCode): boolean {
  return code !== 'capture_tool_missing' && code !== 'permission_denied' && code !== 'unsupported_mode';
}

/**
 * Whether a camera that never gave a frame is not tried again: its settings cannot be met, or the tool that somebody named
 * is not there. Everything else can be mended while the module runs.
 */
function endsAssignment(code: ErrorCode, { isToolNamed }: CameraFacts): boolean {
  return code === 'unsupported_mode' || (code === 'capture_tool_missing' && isToolNamed);
}

function onClose(state: CameraState, reason: StopReason, untilNs: bigint, facts: CameraFacts): Transition {
  switch (state.kind) {
    case 'opening':
    case 'streaming': {
      const recording = state.kind === 'streaming' ? withoutNext(state.recording) : OFF;
      return {
        state: { kind: 'closing', run: state.run, recording },
        effects: [send({ type: 'close', run: state.run, reason, untilNs })],
      };
    }
    case 'waiting': {
      const done = closed(state, state.portReleased, facts);
      return { ...done, effects: [{ do: 'cancelReopen' }, ...done.effects] };
    }
    case 'closed':
      return closed(state, state.portReleased, facts);
    case 'closing':
      return unchanged(state);
  }
}

function closed(
  state: CameraState,
  portReleased: boolean,
  facts: CameraFacts,
): Transition & { readonly state: CameraState & { kind: 'closed' } } {
  return {
    state: { kind: 'closed', run: state.run, portReleased },
    effects: [report(reports.deviceUnassigned(facts.deviceId, portReleased))],
  };
}

/** A thread that hangs is answered for only after this. The end of its take is then still told. */
function overdue(state: CameraState & { kind: 'closing' }, facts: CameraFacts): Transition {
  const { state: over, effects } = closed(state, false, facts);
  return { state: state.recording.kind === 'off' ? over : { ...over, recording: state.recording }, effects };
}

function onStart(state: CameraState, order: TakeOrder, facts: CameraFacts): Transition {
  switch (state.kind) {
    case 'streaming':
      return ofStream(state, onStartRecording(state.recording, order, state, facts));
    case 'opening':
    case 'waiting':
      return unchanged({ ...state, next: order });
    case 'closed':
    case 'closing':
      return { state, effects: [report(reports.notAssigned(facts.deviceId, state.kind))] };
  }
}

function onStop(state: CameraState, reason: StopReason, facts: CameraFacts): Transition {
  if (state.kind === 'streaming') return ofStream(state, onStopRecording(state.recording, reason, state, facts));
  const effects = [report(reports.nothingRecorded(facts.deviceId))];
  // The take that waits is cancelled. It must not start when the camera is back.
  if (state.kind === 'opening' || state.kind === 'waiting') return { state: { ...state, next: null }, effects };
  return { state, effects };
}

/** Whether a stop would end something: a take, or one that waits for the first frame. */
export function isToRecord(state: CameraState, resumesAfterReconnect: boolean): boolean {
  if (state.kind === 'streaming') {
    return state.recording.kind !== 'off' || rememberedOf(state.recording, resumesAfterReconnect) !== null;
  }
  return (state.kind === 'opening' || state.kind === 'waiting') && state.next !== null;
}

/** The take that begins by itself: with the first frame, or when the present take has ended. */
export function nextTake(state: CameraState, resumesAfterReconnect: boolean): TakeOrder | null {
  if (state.kind === 'opening' || state.kind === 'waiting') return state.next;
  if (state.kind !== 'streaming') return null;
  const { recording } = state;
  const isOver = recording.kind === 'off' || recording.kind === 'stopping';
  return isOver ? rememberedOf(recording, resumesAfterReconnect) : null;
}

/** Whether a take is starting or running, so that a start is answered with that take. */
export function isRecording(state: CameraState): boolean {
  return state.kind === 'streaming' && (state.recording.kind === 'starting' || state.recording.kind === 'on');
}

function onTakeEvent(state: CameraState, event: RecordingEvent, facts: CameraFacts): Transition {
  if (state.kind === 'streaming') {
    return ofStream(state, onRecordingEvent(state.recording, event, state, facts));
  }
  if ((state.kind !== 'closing' && state.kind !== 'closed') || state.recording === undefined) return unchanged(state);
  const { recording, effects } = onRecordingEvent(state.recording, event, null, facts);
  return { state: { ...state, recording }, effects };
}

function ofStream(state: CameraState & { kind: 'streaming' }, { recording, effects }: RecordingTransition): Transition {
  return { state: { ...state, recording }, effects };
}
