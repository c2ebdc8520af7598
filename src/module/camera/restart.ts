import { isDeepStrictEqual } from 'node:util';
import { settingsIn, syncRoleOf } from '../../core/camera-settings.js';
import { type ErrorData, errorWithAdvice } from '../../core/errors.js';
import type { CaptureRequest } from '../../pipeline/pipeline-messages.js';
import { type CameraEffect, type ChangeOutcome, send, settleChange } from './camera-effects.js';
import { isToRecord } from './state-queries.js';
import {
  type CameraFacts,
  type CameraState,
  type Opening,
  type Restart,
  type Transition,
  unchanged,
} from './state-types.js';

/**
 * How a streaming camera gets other settings: its run is closed, the next one is asked for them, and what worked before is
 * asked for again if no frame comes. The host hears of no loss. All functions here are pure.
 */

/** Time for the run that is closed. A healthy capture process ends in some 40 ms, one that does not listen is killed. */
const RESTART_CLOSE_NS = 1_500_000_000n;

/** A command wants the camera to be asked for `wanted`. */
export function onChangeSettings(state: CameraState, wanted: CaptureRequest, facts: CameraFacts): Transition {
  const { deviceId } = facts;
  if (isToRecord(state, facts.resumesAfterReconnect)) return settled(state, busy(deviceId));
  switch (state.kind) {
    case 'streaming':
      if (isSameRequest(state.request, wanted)) return settled(state, { kind: 'unchanged' });
      return restart(state, { ...newRestart(state, wanted), isAsked: true, wasReady: true }, facts);
    case 'opening':
    case 'restarting':
    case 'waiting':
    case 'closed':
      return settled(state, { kind: 'later' });
    case 'closing':
      return settled(state, refused(errorWithAdvice('no_device', `${deviceId} is being released.`)));
  }
}

/** Settings apply that the run was not asked for. */
export function onSettingsTaken(state: CameraState, facts: CameraFacts): Transition {
  if (state.kind === 'opening' || state.kind === 'restarting') {
    const soon = { ...state, mayRestart: true };
    return (soon.kind === 'opening' && restartWhileWaiting(soon, facts)) || unchanged(soon);
  }
  // A recording is not disturbed. The settings then apply when the camera is opened again.
  if (state.kind !== 'streaming' || isToRecord(state, facts.resumesAfterReconnect)) return unchanged(state);
  if (isSameRequest(state.request, facts.request)) return unchanged(state);
  return restart(state, { ...newRestart(state, facts.request), wasReady: true }, facts);
}

/** The restart of a camera whose first frame came while other settings apply, or `null` if it can go on. */
export function restartAtFirstFrame(state: CameraState & { kind: 'opening' }, facts: CameraFacts): Transition | null {
  if (!state.mayRestart || state.restart?.isAsked === true || isSameRequest(state.request, facts.request)) return null;
  const wasReady = state.restart?.wasReady ?? false;
  return restart(state, { ...newRestart(state, facts.request), wasReady }, facts);
}

/** A client may wait for its server for a minute, so it does not go on with settings that nobody wants any more. */
function restartWhileWaiting(state: CameraState & { kind: 'opening' }, facts: CameraFacts): Transition | null {
  return syncRoleOf(state.request.settings) === 'client' ? restartAtFirstFrame(state, facts) : null;
}

/** The run that had to end for the restart is over. */
export function openWanted(state: CameraState & { kind: 'restarting' }): Transition {
  return openRun({ ...state, kind: 'opening', run: state.run + 1, request: state.restart.wanted });
}

/** No frame came with what was wanted: `fallback` is asked for again. */
export function openFallback(
  state: CameraState & { kind: 'opening' },
  failed: Restart,
  refusal: ErrorData,
): Transition {
  const { fallback } = failed;
  return openRun({ ...state, run: state.run + 1, request: fallback, restart: { ...failed, refusal } });
}

export function openRun(state: CameraState & { kind: 'opening' }, before: readonly CameraEffect[] = []): Transition {
  return { state, effects: [...before, send({ type: 'open', run: state.run, request: state.request })] };
}

/** What follows from a restart whose camera delivers frames again. */
export function outcomeOf(over: Restart | null, { deviceId }: CameraFacts): readonly CameraEffect[] {
  if (over === null) return [];
  const { refusal, isAsked, wanted, fallback } = over;
  if (refusal === null) return isAsked ? [settleChange({ kind: 'restarted' })] : [];
  if (!isAsked) return [{ do: 'avoidSettings', avoided: wanted, instead: fallback, why: refusal }];
  const message = `${deviceId} gives no frames with these settings, and the former ones are used again. ${refusal.message}`;
  return [settleChange({ kind: 'refused', code: 'invalid_setting', message })];
}

/** What follows from a restart whose camera does not even come back with its former settings. */
export function outcomeOfLoss(over: Restart | null, error: ErrorData, facts: CameraFacts): readonly CameraEffect[] {
  if (over?.isAsked !== true) return [];
  const message = `${facts.deviceId} was lost while its settings were changed, and its former settings stay. ${error.message}`;
  return [settleChange(refused({ code: error.code, message }))];
}

/** Whether both ask for the same. Settings that are not set count as left out. */
export function isSameRequest(one: CaptureRequest, other: CaptureRequest): boolean {
  return isDeepStrictEqual(settingsIn(one.settings), settingsIn(other.settings));
}

type RunningState = CameraState & { readonly kind: 'opening' | 'streaming' };

function newRestart(state: RunningState, wanted: CaptureRequest): Restart {
  return { wanted, fallback: state.request, refusal: null, isAsked: false, wasReady: false };
}

const AFRESH: Opening = { attempt: 0, lostAtNs: null, keepsTrying: true, next: null, mayRestart: false };

function restart(state: RunningState, wish: Restart, { nowNs }: CameraFacts): Transition {
  const { run } = state;
  const { attempt, lostAtNs, keepsTrying, next } = state.kind === 'opening' ? state : AFRESH;
  return {
    state: { kind: 'restarting', run, attempt, lostAtNs, keepsTrying, next, mayRestart: false, restart: wish },
    effects: [send({ type: 'close', run, reason: 'command', untilNs: nowNs + RESTART_CLOSE_NS })],
  };
}

function settled(state: CameraState, outcome: ChangeOutcome): Transition {
  return { state, effects: [settleChange(outcome)] };
}

function busy(deviceId: string): ChangeOutcome {
  return refused(errorWithAdvice('recording_in_progress', `${deviceId} records, or is about to.`));
}

function refused({ code, message }: Pick<ErrorData, 'code' | 'message'>): ChangeOutcome {
  return { kind: 'refused', code, message };
}
