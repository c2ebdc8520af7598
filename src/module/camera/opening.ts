import { errorWithAdvice } from '../../core/errors.js';
import type { SourceFormat } from '../../pipeline/pipeline-messages.js';
import * as reports from '../reports.js';
import { report } from './camera-effects.js';
import { OFF, beginTake } from './recording-state.js';
import { openRun, outcomeOf, restartAtFirstFrame } from './restart.js';
import { type CameraFacts, type CameraState, type Opening, type Transition, unchanged } from './state-types.js';

/** How a camera is opened, for the first time or again, up to its first frame. All functions here are pure. */

export function onOpen(state: CameraState, keepsTrying: boolean, facts: CameraFacts): Transition {
  switch (state.kind) {
    case 'closed':
      return openRun(anew(state, { attempt: 0, lostAtNs: null, keepsTrying, next: null, mayRestart: true }, facts));
    case 'waiting':
      // The host asks again during the delay, so try at once.
      return openAgain(state, facts);
    case 'streaming':
      return { state, effects: [report(reports.deviceReady(facts.deviceId, state.format, state.fps))] };
    case 'opening':
    case 'restarting':
      // Both assignments are answered together. What the second one asks for holds from now on.
      return unchanged({ ...state, keepsTrying: state.keepsTrying || keepsTrying });
    case 'closing': {
      const leaving = errorWithAdvice('no_device', `${facts.deviceId} is being released.`);
      return { state, effects: [report(reports.deviceError(facts.deviceId, leaving, true))] };
    }
  }
}

export function openAgain(state: CameraState & { kind: 'waiting' }, facts: CameraFacts): Transition {
  const { attempt, lostAtNs, next } = state;
  const opening = anew(state, { attempt, lostAtNs, keepsTrying: true, next, mayRestart: true }, facts);
  return openRun(opening, [{ do: 'cancelReopen' }]);
}

function anew({ run }: CameraState, opening: Opening, { request }: CameraFacts): CameraState & { kind: 'opening' } {
  return { kind: 'opening', run: run + 1, request, restart: null, ...opening };
}

export function onFirstFrame(
  state: CameraState,
  event: { readonly format: SourceFormat; readonly fps: number },
  facts: CameraFacts,
): Transition {
  if (state.kind !== 'opening') return unchanged(state);
  const restarted = restartAtFirstFrame(state, facts);
  if (restarted !== null) return restarted;
  const { run, request, attempt, lostAtNs, next, restart } = state;
  const { format, fps } = event;
  const reconnection =
    lostAtNs === null ? undefined : { attempts: attempt, downtimeMs: Number((facts.nowNs - lostAtNs) / 1_000_000n) };
  const ready = report(reports.deviceReady(facts.deviceId, format, fps, reconnection));
  const begun = next === null ? { recording: OFF, effects: [] } : beginTake(next, { run, format }, facts);
  return {
    state: { kind: 'streaming', run, request, format, fps, recording: begun.recording },
    effects: [ready, ...begun.effects, ...outcomeOf(restart, facts)],
  };
}
