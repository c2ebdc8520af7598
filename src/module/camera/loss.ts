import type { ErrorCode, ErrorData } from '../../core/errors.js';
import type { RunEvent } from '../../pipeline/pipeline-messages.js';
import * as reports from '../reports.js';
import { report } from './camera-effects.js';
import { closed } from './closing.js';
import { type TakeOrder, rememberedOf } from './recording-state.js';
import { openFallback, openWanted, outcomeOfLoss } from './restart.js';
import { type CameraFacts, type CameraState, type Transition, unchanged } from './state-types.js';

/** What follows when a camera is lost, or cannot be opened: another attempt later, or giving up. All functions here are pure. */

type Loss = Pick<RunEvent & { type: 'lost' }, 'error' | 'portReleased' | 'endedNs'>;

/** A recording is over by now: the pipeline always finishes it before it sends `lost`. */
export function onLost(state: CameraState, lost: Loss, facts: CameraFacts): Transition {
  const { error, portReleased } = lost;
  switch (state.kind) {
    case 'opening':
      return onNoFrame(state, lost, facts);
    case 'restarting':
      return openWanted(state);
    case 'streaming': {
      const next = rememberedOf(state.recording, facts.resumesAfterReconnect);
      return backOff(state, { attempt: 1, lostAtNs: endOf(lost, facts), next, portReleased }, error, facts);
    }
    case 'closing':
      // The run ended by itself before it was asked to.
      return closed(state, portReleased, facts);
    case 'waiting':
    case 'closed':
      return unchanged(state);
  }
}

/** A run that was being opened ended before its first frame. */
function onNoFrame(state: CameraState & { kind: 'opening' }, lost: Loss, facts: CameraFacts): Transition {
  const { attempt, lostAtNs, next, restart } = state;
  const { error, portReleased } = lost;
  if (restart !== null && restart.refusal === null) return openFallback(state, restart, error);
  if (restart?.wasReady === true) {
    const { state: lostState, effects } = backOff(
      state,
      { attempt: 1, lostAtNs: endOf(lost, facts), next, portReleased },
      error,
      facts,
    );
    return { state: lostState, effects: [...effects, ...outcomeOfLoss(restart, error, facts)] };
  }
  const isHopeless = lostAtNs === null && (!state.keepsTrying || endsAssignment(error.code, facts));
  if (isHopeless) {
    return giveUp(state, { next, portReleased, attempts: attempt }, error, isWorthRetrying(error.code), facts);
  }
  return backOff(state, { attempt: attempt + 1, lostAtNs, next, portReleased }, error, facts);
}

function endOf({ endedNs }: Loss, { nowNs }: CameraFacts): bigint {
  return endedNs ?? nowNs;
}

function backOff(
  state: CameraState,
  wait: Pick<CameraState & { kind: 'waiting' }, 'attempt' | 'lostAtNs' | 'next' | 'portReleased'>,
  error: ErrorData,
  facts: CameraFacts,
): Transition {
  const { attempt } = wait;
  if (facts.maxAttempts !== 0 && attempt > facts.maxAttempts) {
    return giveUp(state, { ...wait, attempts: attempt - 1 }, error, false, facts);
  }
  const delayMs = facts.delayMs(attempt);
  return {
    state: { kind: 'waiting', run: state.run, ...wait, cause: error },
    effects: [
      report(reports.deviceError(facts.deviceId, error, true, delayMs)),
      { do: 'reopenLater', attempt, delayMs },
    ],
  };
}

interface GivenUp {
  readonly next: TakeOrder | null;
  readonly portReleased: boolean;
  readonly attempts: number;
}

function giveUp(
  state: CameraState,
  { next, portReleased, attempts }: GivenUp,
  error: ErrorData,
  isRecoverable: boolean,
  facts: CameraFacts,
): Transition {
  const { deviceId } = facts;
  const lost = report(reports.deviceError(deviceId, error, isRecoverable));
  const neverBegan = next === null ? [] : [report(reports.recordingError(deviceId, error))];
  return { state: { kind: 'closed', run: state.run, portReleased, attempts }, effects: [lost, ...neverBegan] };
}

/** Whether another assignment can succeed without a change to the installation or the configuration. */
function isWorthRetrying(code: ErrorCode): boolean {
  return code !== 'capture_tool_missing' && code !== 'permission_denied' && !isOfSettings(code);
}

/**
 * Whether a camera that never gave a frame is not tried again: its settings cannot be met, or the tool that somebody named
 * is not there. Everything else can be mended while the module runs.
 */
function endsAssignment(code: ErrorCode, { isToolNamed }: CameraFacts): boolean {
  return isOfSettings(code) || (code === 'capture_tool_missing' && isToolNamed);
}

function isOfSettings(code: ErrorCode): boolean {
  return code === 'unsupported_mode' || code === 'invalid_setting';
}
