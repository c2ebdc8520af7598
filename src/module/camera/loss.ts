import type { ErrorCode, ErrorData } from '../../core/errors.js';
import type { RunEvent } from '../../pipeline/pipeline-messages.js';
import * as reports from '../reports.js';
import { report } from './camera-effects.js';
import { closed } from './closing.js';
import { type TakeOrder, rememberedOf } from './recording-state.js';
import { type CameraFacts, type CameraState, type Transition, unchanged } from './state-types.js';

/** What follows when a camera is lost, or cannot be opened: another attempt later, or giving up. All functions here are pure. */

/** A recording is over by now: the pipeline always finishes it before it sends `lost`. */
export function onLost(
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
