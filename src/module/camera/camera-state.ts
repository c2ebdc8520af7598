import * as reports from '../reports.js';
import { report } from './camera-effects.js';
import { closed, onClose, overdue } from './closing.js';
import { onLost } from './loss.js';
import { onFirstFrame, onOpen, openAgain } from './opening.js';
import {
  type RecordingEvent,
  type RecordingTransition,
  type Stop,
  type TakeOrder,
  onCancelStart,
  onRecordingEvent,
  onStartRecording,
  onStopRecording,
} from './recording-state.js';
import { onChangeSettings, onSettingsTaken, openWanted } from './restart.js';
import { isBeforeFrames } from './state-queries.js';
import { type CameraEvent, type CameraFacts, type CameraState, type Transition, unchanged } from './state-types.js';

/**
 * The transitions of a camera. All functions here are pure. `camera.ts` performs the effects. `run` numbers the capture
 * processes. Events of an earlier run are ignored.
 */

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
      if (state.kind === 'restarting') return openWanted(state);
      return state.kind === 'closing' ? closed(state, event.portReleased, facts) : unchanged(state);
    case 'changeSettings':
      return onChangeSettings(state, event.request, facts);
    case 'settingsTaken':
      return onSettingsTaken(state, facts);
    case 'firstFrame':
      return onFirstFrame(state, event, facts);
    case 'lost':
      return onLost(state, event, facts);
    case 'startRecording':
      return onStart(state, event.order, facts);
    case 'stopRecording':
      return onStop(state, event, facts);
    case 'cancelStart':
      if (state.kind === 'streaming') return ofStream(state, onCancelStart(state.recording, state));
      return unchanged(isBeforeFrames(state) ? { ...state, next: null } : state);
    case 'recordingStarted':
    case 'recordingContinued':
    case 'recordingEnding':
    case 'recordingFailed':
    case 'recordingStopped':
      return onTakeEvent(state, event, facts);
  }
}

function onStart(state: CameraState, order: TakeOrder, facts: CameraFacts): Transition {
  switch (state.kind) {
    case 'streaming':
      return ofStream(state, onStartRecording(state.recording, order, state, facts));
    case 'opening':
    case 'restarting':
    case 'waiting':
      return unchanged({ ...state, next: order });
    case 'closed':
    case 'closing':
      return { state, effects: [report(reports.notAssigned(facts.deviceId, state.kind))] };
  }
}

function onStop(state: CameraState, stop: Stop, facts: CameraFacts): Transition {
  if (state.kind === 'streaming') return ofStream(state, onStopRecording(state.recording, stop, state, facts));
  const effects = [report(reports.nothingRecorded(facts.deviceId))];
  // The take that waits is cancelled. It must not start when the camera is back.
  if (isBeforeFrames(state)) return { state: { ...state, next: null }, effects };
  return { state, effects };
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
