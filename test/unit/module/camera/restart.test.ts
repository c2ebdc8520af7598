import { describe, expect, it } from '@jest/globals';
import { errorWithAdvice } from '../../../../src/core/errors.js';
import { onSettingsTaken, outcomeOfLoss, restartAtFirstFrame } from '../../../../src/module/camera/restart.js';
import type { CameraFacts, CameraState } from '../../../../src/module/camera/state-types.js';
import type { CaptureRequest } from '../../../../src/pipeline/pipeline-messages.js';

const REQUEST: CaptureRequest = {
  camera: { index: 0 },
  settings: {
    width: 0,
    height: 0,
    fps: 30,
    jpegQuality: 85,
    bufferCount: 12,
    frameTimeoutMs: 2000,
    firstFrameTimeoutMs: 5000,
    syncTimeoutMs: 60_000,
  },
};
const WANTED: CaptureRequest = { ...REQUEST, settings: { ...REQUEST.settings, gain: 2 } };
/** Applies since the restart began. */
const LATER: CaptureRequest = { ...REQUEST, settings: { ...REQUEST.settings, gain: 3 } };

const FACTS: CameraFacts = {
  deviceId: 'picam:0',
  request: LATER,
  resumesAfterReconnect: true,
  isToolNamed: false,
  maxAttempts: 0,
  delayMs: () => 500,
  nowNs: 0n,
  labelOf: () => 'IMX296_picam:0',
};

const ASKED = { wanted: WANTED, fallback: REQUEST, refusal: null, isAsked: true, wasReady: true } as const;
const BY_ITSELF = { ...ASKED, isAsked: false } as const;
const RESTARTED: CameraState & { readonly kind: 'opening' } = {
  kind: 'opening',
  run: 2,
  request: WANTED,
  restart: ASKED,
  attempt: 0,
  lostAtNs: null,
  keepsTrying: true,
  next: null,
  mayRestart: true,
};

describe('a restart whose first frame comes while other settings apply', () => {
  it('goes on where a command waits for it, and is answered first', () => {
    expect(restartAtFirstFrame(RESTARTED, FACTS)).toBeNull();
  });

  it('is followed by another one else, of a camera that is as ready as it was', () => {
    for (const wasReady of [true, false]) {
      const again = restartAtFirstFrame({ ...RESTARTED, restart: { ...BY_ITSELF, wasReady } }, FACTS);
      expect(again?.state).toMatchObject({
        kind: 'restarting',
        restart: { wanted: LATER, fallback: WANTED, isAsked: false, wasReady },
      });
    }
  });
});

describe('other settings for a client that waits for its server', () => {
  const client: CaptureRequest = { ...REQUEST, settings: { ...REQUEST.settings, sync: 'client' } };

  it('are asked for at once, of a camera that is as ready as it was', () => {
    for (const restarted of [null, BY_ITSELF]) {
      const { state, effects } = onSettingsTaken({ ...RESTARTED, request: client, restart: restarted }, FACTS);
      expect(state).toMatchObject({ kind: 'restarting', restart: { wanted: LATER, wasReady: restarted !== null } });
      expect(effects).toMatchObject([{ do: 'send', command: { type: 'close', run: 2 } }]);
    }
  });

  it('wait where a command asked for the client', () => {
    const { state, effects } = onSettingsTaken({ ...RESTARTED, request: client }, FACTS);
    expect([state.kind, effects]).toEqual(['opening', []]);
  });
});

describe('a camera that is lost in a restart', () => {
  const lost = errorWithAdvice('camera_disconnected', 'It is gone.').toData();

  it('answers the command that asked for the restart, and nobody else', () => {
    expect(outcomeOfLoss(ASKED, lost, FACTS)).toMatchObject([
      { do: 'settleChange', outcome: { kind: 'refused', code: 'camera_disconnected' } },
    ]);
    expect(outcomeOfLoss(BY_ITSELF, lost, FACTS)).toEqual([]);
    expect(outcomeOfLoss(null, lost, FACTS)).toEqual([]);
  });
});
