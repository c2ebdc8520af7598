import { type RecordingState, type TakeOrder, rememberedOf } from './recording-state.js';
import type { CameraState } from './state-types.js';

/** What a camera's state means to others. All functions here are pure. */

/** Whether a stop would end something: a take, or one that waits for the first frame. */
export function isToRecord(state: CameraState, resumesAfterReconnect: boolean): boolean {
  if (state.kind === 'streaming') {
    return state.recording.kind !== 'off' || rememberedOf(state.recording, resumesAfterReconnect) !== null;
  }
  return isBeforeFrames(state) && state.next !== null;
}

/** The take that begins by itself: with the first frame, or when the present take has ended. */
export function nextTake(state: CameraState, resumesAfterReconnect: boolean): TakeOrder | null {
  if (isBeforeFrames(state)) return state.next;
  if (state.kind !== 'streaming') return null;
  const { recording } = state;
  const isOver = recording.kind === 'off' || recording.kind === 'stopping';
  return isOver ? rememberedOf(recording, resumesAfterReconnect) : null;
}

/** The take that was started and has not begun: it is being started, or comes next. */
export function comingTake(state: CameraState): TakeOrder | null {
  if (isBeforeFrames(state)) return state.next;
  if (state.kind !== 'streaming') return null;
  const { recording } = state;
  if (recording.kind === 'starting') return recording.order;
  return recording.kind === 'stopping' ? recording.next : null;
}

/** Whether a take that was started waits for more than the next frame: for the camera's frames, or for its instant. */
export function isTakeFar(state: CameraState, nowNs: bigint): boolean {
  return state.kind !== 'streaming' || (comingTake(state)?.startNs ?? 0n) > nowNs;
}

/** The take that may be writing: it is starting, running or being finished. */
export function takeUnderWay(state: CameraState): Exclude<RecordingState, { kind: 'off' }> | null {
  if (!('recording' in state) || state.recording === undefined || state.recording.kind === 'off') return null;
  return state.recording;
}

/** Whether a take is starting or running, so that a start is answered with that take. */
export function isRecording(state: CameraState): boolean {
  return state.kind === 'streaming' && (state.recording.kind === 'starting' || state.recording.kind === 'on');
}

/** Whether frames are expected and none come yet, so that a take would wait for the first one. */
export function isBeforeFrames(
  state: CameraState,
): state is CameraState & { readonly kind: 'opening' | 'restarting' | 'waiting' } {
  return state.kind === 'opening' || state.kind === 'restarting' || state.kind === 'waiting';
}
