import type { SourceFormat } from '../../pipeline/pipeline-messages.js';
import * as reports from '../reports.js';
import { type CameraEffect, report, send } from './camera-effects.js';
import { OFF, beginTake } from './recording-state.js';
import { type CameraFacts, type CameraState, type Transition, unchanged } from './state-types.js';

/** How a camera is opened, for the first time or again, up to its first frame. All functions here are pure. */

export function onOpen(state: CameraState, keepsTrying: boolean, facts: CameraFacts): Transition {
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

export function openAgain(state: CameraState & { kind: 'waiting' }, facts: CameraFacts): Transition {
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

export function onFirstFrame(
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
