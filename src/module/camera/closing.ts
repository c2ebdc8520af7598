import type { StopReason } from '../../pipeline/pipeline-messages.js';
import * as reports from '../reports.js';
import { report, send } from './camera-effects.js';
import { OFF, withoutNext } from './recording-state.js';
import { type CameraFacts, type CameraState, type Transition, unchanged } from './state-types.js';

/** How a camera is released. All functions here are pure. */

export function onClose(state: CameraState, reason: StopReason, untilNs: bigint, facts: CameraFacts): Transition {
  switch (state.kind) {
    case 'opening':
    case 'restarting': // the run is being closed already, but has to end sooner now
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

export function closed(
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
export function overdue(state: CameraState & { kind: 'closing' }, facts: CameraFacts): Transition {
  const { state: over, effects } = closed(state, false, facts);
  return { state: state.recording.kind === 'off' ? over : { ...over, recording: state.recording }, effects };
}
