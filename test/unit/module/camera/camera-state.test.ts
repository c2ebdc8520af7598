import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ERROR_CODES, errorWithAdvice, type ErrorCode } from '../../../../src/core/errors.js';
import type { CameraEffect } from '../../../../src/module/camera/camera-effects.js';
import { transition } from '../../../../src/module/camera/camera-state.js';
import { isRecording, isToRecord } from '../../../../src/module/camera/state-queries.js';
import type { CameraEvent, CameraFacts, CameraState } from '../../../../src/module/camera/state-types.js';
import type { CaptureRequest, RecordingOrder } from '../../../../src/pipeline/pipeline-messages.js';
import { FAKE_FORMAT } from '../../../harness/fake-camera-source.js';
import { pathsFor, summaryOf } from '../../../harness/fake-pipeline.js';

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

/** Other settings. */
const WANTED: CaptureRequest = { ...REQUEST, settings: { ...REQUEST.settings, fps: 60, gain: 2 } };

const FACTS: CameraFacts = {
  deviceId: 'picam:0',
  request: REQUEST,
  resumesAfterReconnect: true,
  isToolNamed: false,
  maxAttempts: 0,
  delayMs: (attempt) => attempt * 500,
  nowNs: 10_000_000_000n,
  labelOf: (model) => `${model.toUpperCase()}_picam:0`,
};

const ORDER: RecordingOrder = {
  sessionDir: '/data/session_1',
  deviceId: 'picam:0',
  cameraLabel: 'IMX296_picam:0',
  trialNumber: 4,
  trialLabel: '',
  startNs: 9_000_000_000n,
};
const PATHS = pathsFor(ORDER);
const LOST = errorWithAdvice('camera_disconnected', 'It is gone.').toData();
const LOST_AT = 7_500_000_000n;
/** Another take, asked for while the first is being finished. */
const NEXT = { sessionDir: '/data/session_1', trialNumber: 5, trialLabel: '', startNs: 9_500_000_000n };

const RUN = 3;
const STREAM = { kind: 'streaming', run: RUN, request: REQUEST, format: FAKE_FORMAT, fps: 30 } as const;
const ON = { kind: 'on', order: ORDER, paths: PATHS, firstFrameNs: 9_020_000_001n } as const;
const STOPPING = { kind: 'stopping', order: ORDER, paths: PATHS } as const;
const PART = { paths: PATHS, frames: 3, durationS: 0.1, bytes: 3_000 };

const OPENING = { kind: 'opening', run: RUN, request: REQUEST, restart: null, mayRestart: true, next: null } as const;
const ASKED = { wanted: WANTED, fallback: REQUEST, refusal: null, isAsked: true, wasReady: true } as const;
const BY_ITSELF = { ...ASKED, isAsked: false, wasReady: false } as const;
/** Of a camera that had its frames. */
const AFRESH = { attempt: 0, lostAtNs: null, keepsTrying: true, mayRestart: false, next: null } as const;
const RESTARTED = { ...OPENING, ...AFRESH, request: WANTED } as const;
const IN_VAIN = { ...RESTARTED, request: REQUEST } as const;
const WAITING = { kind: 'waiting', run: RUN, attempt: 2, next: null, cause: LOST, portReleased: true } as const;

const STATES = {
  closed: { kind: 'closed', run: RUN, portReleased: true },
  opening: { ...OPENING, attempt: 0, lostAtNs: null, keepsTrying: false },
  trying: { ...OPENING, attempt: 0, lostAtNs: null, keepsTrying: true },
  'trying again to record': { ...OPENING, attempt: 1, lostAtNs: null, keepsTrying: true, next: ORDER },
  reopening: { ...OPENING, attempt: 2, lostAtNs: LOST_AT, keepsTrying: true },
  'reopening to record': { ...OPENING, attempt: 2, lostAtNs: LOST_AT, keepsTrying: true, next: ORDER },
  restarting: { kind: 'restarting', run: RUN, ...AFRESH, restart: ASKED },
  'restarting to record': { kind: 'restarting', run: RUN, ...AFRESH, next: ORDER, restart: ASKED },
  restarted: { ...RESTARTED, restart: ASKED },
  'restarted to record': { ...RESTARTED, restart: ASKED, next: ORDER },
  'restarted in vain': { ...IN_VAIN, restart: { ...ASKED, refusal: LOST } },
  'restarted by itself': { ...RESTARTED, keepsTrying: false, restart: BY_ITSELF },
  'restarted by itself in vain': { ...IN_VAIN, keepsTrying: false, restart: { ...BY_ITSELF, refusal: LOST } },
  streaming: { ...STREAM, recording: { kind: 'off', interrupted: null } },
  interrupted: { ...STREAM, recording: { kind: 'off', interrupted: ORDER } },
  starting: { ...STREAM, recording: { kind: 'starting', order: ORDER } },
  recording: { ...STREAM, recording: ON },
  stopping: { ...STREAM, recording: { ...STOPPING, reason: 'command', next: null } },
  'stopping by itself': { ...STREAM, recording: { ...STOPPING, reason: null, next: null } },
  'stopping and asked again': { ...STREAM, recording: { ...STOPPING, reason: 'command', next: NEXT } },
  cancelled: { ...STREAM, recording: { ...STOPPING, paths: null, reason: 'command', next: null, isCancelled: true } },
  waiting: { ...WAITING, lostAtNs: LOST_AT },
  'waiting to record': { ...WAITING, lostAtNs: LOST_AT, next: ORDER },
  'waiting to try': { ...WAITING, lostAtNs: null },
  closing: { kind: 'closing', run: RUN, recording: { kind: 'off', interrupted: null } },
  'closing while starting': { kind: 'closing', run: RUN, recording: { kind: 'starting', order: ORDER } },
  'closing while recording': { kind: 'closing', run: RUN, recording: ON },
} as const satisfies Record<string, CameraState>;

type StateName = keyof typeof STATES;

const EVENTS = {
  open: { type: 'open', keepsTrying: false },
  openForGood: { type: 'open', keepsTrying: true },
  reopen: { type: 'reopen' },
  close: { type: 'close', reason: 'command', untilNs: 11_000_000_000n },
  closeOverdue: { type: 'closeOverdue' },
  startRecording: { type: 'startRecording', order: ORDER },
  stopRecording: { type: 'stopRecording', reason: 'command', stopNs: 9_900_000_000n },
  cancelStart: { type: 'cancelStart' },
  changeSettings: { type: 'changeSettings', request: WANTED },
  changeNothing: { type: 'changeSettings', request: REQUEST },
  settingsTaken: { type: 'settingsTaken' },
  firstFrame: { type: 'firstFrame', run: RUN, format: FAKE_FORMAT, fps: 30 },
  lost: { type: 'lost', run: RUN, error: LOST, portReleased: true },
  closed: { type: 'closed', run: RUN, portReleased: true },
  recordingStarted: { type: 'recordingStarted', run: RUN, paths: PATHS, firstFrameNs: 9_020_000_001n },
  recordingContinued: { type: 'recordingContinued', run: RUN, ended: PART, paths: { ...PATHS, take: 2 } },
  recordingEnding: { type: 'recordingEnding', run: RUN },
  recordingFailed: { type: 'recordingFailed', run: RUN, error: LOST, isCameraLost: false },
  recordingNeverBegan: { type: 'recordingFailed', run: RUN, error: LOST, isCameraLost: true },
  recordingStopped: { type: 'recordingStopped', run: RUN, summary: summaryOf(5, { paths: PATHS }) },
  recordingLost: {
    type: 'recordingStopped',
    run: RUN,
    summary: summaryOf(5, { paths: PATHS, reason: 'device_error' }),
  },
  recordingBroke: {
    type: 'recordingStopped',
    run: RUN,
    summary: summaryOf(5, { paths: PATHS, reason: 'disk_full', error: errorWithAdvice('disk_full', 'Full.').toData() }),
  },
  recordingGivenUp: {
    type: 'recordingStopped',
    run: RUN,
    summary: summaryOf(5, { paths: PATHS, error: errorWithAdvice('io_error', 'Dead.').toData(), isGivenUp: true }),
  },
} as const satisfies Record<string, CameraEvent>;

type EventName = keyof typeof EVENTS;

const stateNames = Object.keys(STATES) as StateName[];
const eventNames = Object.keys(EVENTS) as EventName[];

function describeState(state: CameraState): string {
  const parts: (string | number)[] = [state.kind];
  if (state.run !== RUN) parts.push(`run ${state.run}`);
  if ('attempt' in state) parts.push(`attempt ${state.attempt}`);
  if ('recording' in state) {
    const { recording } = state;
    parts.push(recording.kind === 'off' && recording.interrupted !== null ? 'interrupted' : recording.kind);
    if (recording.kind === 'stopping' && recording.next !== null) parts.push('and next');
  }
  if ('next' in state && state.next !== null) parts.push('to record');
  return parts.join(' ');
}

function describeEffect(effect: CameraEffect): string {
  switch (effect.do) {
    case 'send':
      return `send ${effect.command.type}${'run' in effect.command ? ` ${effect.command.run}` : ''}`;
    case 'report':
      return effect.report.status;
    case 'answer':
      return `answer ${effect.report.status}`;
    case 'tell':
      return `tell ${effect.report.status}`;
    case 'reopenLater':
      return `reopen ${effect.attempt} in ${effect.delayMs}`;
    case 'cancelReopen':
      return 'cancel reopen';
    case 'settleChange':
      return effect.outcome.kind === 'refused' ? effect.outcome.code : effect.outcome.kind;
    case 'avoidSettings':
      return 'avoid settings';
  }
}

function outcome(state: CameraState, event: CameraEvent, facts: CameraFacts = FACTS): string {
  const next = transition(state, event, facts);
  return [describeState(next.state), ...next.effects.map((effect) => describeEffect(effect))].join(', ');
}

/** What happens where something does; `openForGood` does what `open` does. For every other pair of state and event nothing changes and nothing follows. */
const HAPPENS: Record<StateName, Partial<Record<EventName, string>>> = {
  closed: {
    changeSettings: 'closed, later',
    changeNothing: 'closed, later',
    open: 'opening run 4 attempt 0, send open 4',
    close: 'closed, device_unassigned',
    startRecording: 'closed, recording_error',
    stopRecording: 'closed, recording_stopped',
  },
  opening: {
    changeSettings: 'opening attempt 0, later',
    changeNothing: 'opening attempt 0, later',
    close: 'closing off, send close 3',
    startRecording: 'opening attempt 0 to record',
    stopRecording: 'opening attempt 0, recording_stopped',
    firstFrame: 'streaming off, device_ready',
    lost: 'closed, device_error',
  },
  trying: {
    changeSettings: 'opening attempt 0, later',
    changeNothing: 'opening attempt 0, later',
    close: 'closing off, send close 3',
    startRecording: 'opening attempt 0 to record',
    stopRecording: 'opening attempt 0, recording_stopped',
    firstFrame: 'streaming off, device_ready',
    lost: 'waiting attempt 1, device_error, reopen 1 in 500',
  },
  'trying again to record': {
    changeSettings: 'opening attempt 1 to record, recording_in_progress',
    changeNothing: 'opening attempt 1 to record, recording_in_progress',
    close: 'closing off, send close 3',
    startRecording: 'opening attempt 1 to record',
    cancelStart: 'opening attempt 1',
    stopRecording: 'opening attempt 1, recording_stopped',
    firstFrame: 'streaming starting, device_ready, send startRecording 3',
    lost: 'waiting attempt 2 to record, device_error, reopen 2 in 1000',
  },
  reopening: {
    changeSettings: 'opening attempt 2, later',
    changeNothing: 'opening attempt 2, later',
    close: 'closing off, send close 3',
    startRecording: 'opening attempt 2 to record',
    stopRecording: 'opening attempt 2, recording_stopped',
    firstFrame: 'streaming off, device_ready',
    lost: 'waiting attempt 3, device_error, reopen 3 in 1500',
  },
  'reopening to record': {
    changeSettings: 'opening attempt 2 to record, recording_in_progress',
    changeNothing: 'opening attempt 2 to record, recording_in_progress',
    close: 'closing off, send close 3',
    startRecording: 'opening attempt 2 to record',
    cancelStart: 'opening attempt 2',
    stopRecording: 'opening attempt 2, recording_stopped',
    firstFrame: 'streaming starting, device_ready, send startRecording 3',
    lost: 'waiting attempt 3 to record, device_error, reopen 3 in 1500',
  },
  restarting: {
    changeSettings: 'restarting attempt 0, later',
    changeNothing: 'restarting attempt 0, later',
    close: 'closing off, send close 3',
    startRecording: 'restarting attempt 0 to record',
    stopRecording: 'restarting attempt 0, recording_stopped',
    closed: 'opening run 4 attempt 0, send open 4',
    lost: 'opening run 4 attempt 0, send open 4',
  },
  'restarting to record': {
    changeSettings: 'restarting attempt 0 to record, recording_in_progress',
    changeNothing: 'restarting attempt 0 to record, recording_in_progress',
    close: 'closing off, send close 3',
    startRecording: 'restarting attempt 0 to record',
    cancelStart: 'restarting attempt 0',
    stopRecording: 'restarting attempt 0, recording_stopped',
    closed: 'opening run 4 attempt 0 to record, send open 4',
    lost: 'opening run 4 attempt 0 to record, send open 4',
  },
  restarted: {
    changeSettings: 'opening attempt 0, later',
    changeNothing: 'opening attempt 0, later',
    close: 'closing off, send close 3',
    startRecording: 'opening attempt 0 to record',
    stopRecording: 'opening attempt 0, recording_stopped',
    firstFrame: 'streaming off, device_ready, restarted',
    lost: 'opening run 4 attempt 0, send open 4',
  },
  'restarted to record': {
    changeSettings: 'opening attempt 0 to record, recording_in_progress',
    changeNothing: 'opening attempt 0 to record, recording_in_progress',
    close: 'closing off, send close 3',
    startRecording: 'opening attempt 0 to record',
    cancelStart: 'opening attempt 0',
    stopRecording: 'opening attempt 0, recording_stopped',
    firstFrame: 'streaming starting, device_ready, send startRecording 3, restarted',
    lost: 'opening run 4 attempt 0 to record, send open 4',
  },
  'restarted in vain': {
    changeSettings: 'opening attempt 0, later',
    changeNothing: 'opening attempt 0, later',
    close: 'closing off, send close 3',
    startRecording: 'opening attempt 0 to record',
    stopRecording: 'opening attempt 0, recording_stopped',
    firstFrame: 'streaming off, device_ready, invalid_setting',
    lost: 'waiting attempt 1, device_error, reopen 1 in 500, camera_disconnected',
  },
  'restarted by itself': {
    changeSettings: 'opening attempt 0, later',
    changeNothing: 'opening attempt 0, later',
    close: 'closing off, send close 3',
    startRecording: 'opening attempt 0 to record',
    stopRecording: 'opening attempt 0, recording_stopped',
    firstFrame: 'streaming off, device_ready',
    lost: 'opening run 4 attempt 0, send open 4',
  },
  'restarted by itself in vain': {
    changeSettings: 'opening attempt 0, later',
    changeNothing: 'opening attempt 0, later',
    close: 'closing off, send close 3',
    startRecording: 'opening attempt 0 to record',
    stopRecording: 'opening attempt 0, recording_stopped',
    firstFrame: 'streaming off, device_ready, avoid settings',
    lost: 'closed, device_error',
  },
  streaming: {
    changeSettings: 'restarting attempt 0, send close 3',
    changeNothing: 'streaming off, unchanged',
    open: 'streaming off, device_ready',
    close: 'closing off, send close 3',
    startRecording: 'streaming starting, send startRecording 3',
    stopRecording: 'streaming off, recording_stopped',
    lost: 'waiting attempt 1, device_error, reopen 1 in 500',
  },
  interrupted: {
    changeSettings: 'streaming interrupted, recording_in_progress',
    changeNothing: 'streaming interrupted, recording_in_progress',
    open: 'streaming interrupted, device_ready',
    close: 'closing interrupted, send close 3',
    startRecording: 'streaming starting, send startRecording 3',
    stopRecording: 'streaming off, recording_stopped',
    lost: 'waiting attempt 1 to record, device_error, reopen 1 in 500',
  },
  starting: {
    changeSettings: 'streaming starting, recording_in_progress',
    changeNothing: 'streaming starting, recording_in_progress',
    open: 'streaming starting, device_ready',
    close: 'closing starting, send close 3',
    cancelStart: 'streaming stopping, send stopRecording 3',
    stopRecording: 'streaming stopping, send stopRecording 3',
    recordingEnding: 'streaming stopping',
    lost: 'waiting attempt 1 to record, device_error, reopen 1 in 500',
    recordingStarted: 'streaming on, recording_started',
    recordingFailed: 'streaming off, recording_error',
    recordingStopped: 'streaming off, recording_stopped',
    recordingLost: 'streaming interrupted, recording_stopped',
    recordingBroke: 'streaming off, recording_error, recording_stopped',
    recordingGivenUp: 'streaming off, recording_error, recording_stopped',
  },
  recording: {
    changeSettings: 'streaming on, recording_in_progress',
    changeNothing: 'streaming on, recording_in_progress',
    open: 'streaming on, device_ready',
    close: 'closing on, send close 3',
    startRecording: 'streaming on, recording_started',
    stopRecording: 'streaming stopping, send stopRecording 3',
    recordingEnding: 'streaming stopping',
    lost: 'waiting attempt 1 to record, device_error, reopen 1 in 500',
    recordingStarted: 'streaming on, recording_started',
    recordingContinued: 'streaming on, warning',
    recordingFailed: 'streaming off, recording_error',
    recordingStopped: 'streaming off, recording_stopped',
    recordingLost: 'streaming interrupted, recording_stopped',
    recordingBroke: 'streaming off, recording_error, recording_stopped',
    recordingGivenUp: 'streaming off, recording_error, recording_stopped',
    recordingNeverBegan: 'streaming off, recording_error',
  },
  stopping: {
    changeSettings: 'streaming stopping, recording_in_progress',
    changeNothing: 'streaming stopping, recording_in_progress',
    open: 'streaming stopping, device_ready',
    close: 'closing stopping, send close 3',
    startRecording: 'streaming stopping and next',
    lost: 'waiting attempt 1, device_error, reopen 1 in 500',
    recordingStarted: 'streaming stopping, recording_started',
    recordingContinued: 'streaming stopping, warning',
    recordingFailed: 'streaming off, recording_error, recording_stopped',
    recordingNeverBegan: 'streaming off, recording_error, recording_stopped',
    recordingStopped: 'streaming off, recording_stopped',
    recordingLost: 'streaming off, recording_stopped',
    recordingBroke: 'streaming off, recording_error, recording_stopped',
    recordingGivenUp: 'streaming off, recording_error, recording_stopped',
  },
  'stopping by itself': {
    changeSettings: 'streaming stopping, recording_in_progress',
    changeNothing: 'streaming stopping, recording_in_progress',
    open: 'streaming stopping, device_ready',
    close: 'closing stopping, send close 3',
    startRecording: 'streaming stopping and next',
    lost: 'waiting attempt 1, device_error, reopen 1 in 500',
    recordingStarted: 'streaming stopping, recording_started',
    recordingContinued: 'streaming stopping, warning',
    recordingFailed: 'streaming off, recording_error',
    recordingNeverBegan: 'streaming off, recording_error',
    recordingStopped: 'streaming off, recording_stopped',
    recordingLost: 'streaming interrupted, recording_stopped',
    recordingBroke: 'streaming off, recording_error, recording_stopped',
    recordingGivenUp: 'streaming off, recording_error, recording_stopped',
  },
  'stopping and asked again': {
    changeSettings: 'streaming stopping and next, recording_in_progress',
    changeNothing: 'streaming stopping and next, recording_in_progress',
    open: 'streaming stopping and next, device_ready',
    close: 'closing stopping, send close 3',
    startRecording: 'streaming stopping and next',
    cancelStart: 'streaming stopping',
    stopRecording: 'streaming stopping, answer recording_error',
    lost: 'waiting attempt 1 to record, device_error, reopen 1 in 500',
    recordingStarted: 'streaming stopping and next, tell recording_started',
    recordingContinued: 'streaming stopping and next, warning',
    recordingFailed: 'streaming starting, tell recording_error, recording_stopped, send startRecording 3',
    recordingNeverBegan: 'streaming starting, tell recording_error, recording_stopped, send startRecording 3',
    recordingStopped: 'streaming starting, recording_stopped, send startRecording 3',
    recordingLost: 'streaming starting, recording_stopped, send startRecording 3',
    recordingBroke: 'streaming starting, tell recording_error, recording_stopped, send startRecording 3',
    recordingGivenUp: 'streaming off, tell recording_error, recording_stopped, recording_error',
  },
  cancelled: {
    changeSettings: 'streaming stopping, recording_in_progress',
    changeNothing: 'streaming stopping, recording_in_progress',
    open: 'streaming stopping, device_ready',
    close: 'closing stopping, send close 3',
    startRecording: 'streaming stopping and next',
    lost: 'waiting attempt 1, device_error, reopen 1 in 500',
    recordingStarted: 'streaming stopping, recording_started',
    recordingContinued: 'streaming stopping, warning',
    recordingFailed: 'streaming off, answer recording_stopped',
    recordingNeverBegan: 'streaming off, answer recording_stopped',
    recordingStopped: 'streaming off, answer recording_stopped',
    recordingLost: 'streaming off, answer recording_stopped',
    recordingBroke: 'streaming off, answer recording_stopped',
    recordingGivenUp: 'streaming off, answer recording_stopped',
  },
  waiting: {
    changeSettings: 'waiting attempt 2, later',
    changeNothing: 'waiting attempt 2, later',
    open: 'opening run 4 attempt 2, cancel reopen, send open 4',
    reopen: 'opening run 4 attempt 2, cancel reopen, send open 4',
    close: 'closed, cancel reopen, device_unassigned',
    startRecording: 'waiting attempt 2 to record',
    stopRecording: 'waiting attempt 2, recording_stopped',
  },
  'waiting to record': {
    changeSettings: 'waiting attempt 2 to record, recording_in_progress',
    changeNothing: 'waiting attempt 2 to record, recording_in_progress',
    open: 'opening run 4 attempt 2 to record, cancel reopen, send open 4',
    reopen: 'opening run 4 attempt 2 to record, cancel reopen, send open 4',
    close: 'closed, cancel reopen, device_unassigned',
    startRecording: 'waiting attempt 2 to record',
    cancelStart: 'waiting attempt 2',
    stopRecording: 'waiting attempt 2, recording_stopped',
  },
  'waiting to try': {
    changeSettings: 'waiting attempt 2, later',
    changeNothing: 'waiting attempt 2, later',
    open: 'opening run 4 attempt 2, cancel reopen, send open 4',
    reopen: 'opening run 4 attempt 2, cancel reopen, send open 4',
    close: 'closed, cancel reopen, device_unassigned',
    startRecording: 'waiting attempt 2 to record',
    stopRecording: 'waiting attempt 2, recording_stopped',
  },
  closing: {
    open: 'closing off, device_error',
    changeSettings: 'closing off, no_device',
    changeNothing: 'closing off, no_device',
    closeOverdue: 'closed, device_unassigned',
    startRecording: 'closing off, recording_error',
    stopRecording: 'closing off, recording_stopped',
    lost: 'closed, device_unassigned',
    closed: 'closed, device_unassigned',
  },
  'closing while starting': {
    open: 'closing starting, device_error',
    changeSettings: 'closing starting, no_device',
    changeNothing: 'closing starting, no_device',
    closeOverdue: 'closed starting, device_unassigned',
    startRecording: 'closing starting, recording_error',
    stopRecording: 'closing starting, recording_stopped',
    lost: 'closed, device_unassigned',
    closed: 'closed, device_unassigned',
    recordingStarted: 'closing on, recording_started',
    recordingEnding: 'closing stopping',
    recordingFailed: 'closing off, recording_error',
    recordingNeverBegan: 'closing off, recording_error',
    recordingStopped: 'closing off, recording_stopped',
    recordingLost: 'closing interrupted, recording_stopped',
    recordingBroke: 'closing off, recording_error, recording_stopped',
    recordingGivenUp: 'closing off, recording_error, recording_stopped',
  },
  'closing while recording': {
    open: 'closing on, device_error',
    changeSettings: 'closing on, no_device',
    changeNothing: 'closing on, no_device',
    closeOverdue: 'closed on, device_unassigned',
    startRecording: 'closing on, recording_error',
    stopRecording: 'closing on, recording_stopped',
    lost: 'closed, device_unassigned',
    closed: 'closed, device_unassigned',
    recordingStarted: 'closing on, recording_started',
    recordingContinued: 'closing on, warning',
    recordingEnding: 'closing stopping',
    recordingFailed: 'closing off, recording_error',
    recordingNeverBegan: 'closing off, recording_error',
    recordingStopped: 'closing off, recording_stopped',
    recordingLost: 'closing interrupted, recording_stopped',
    recordingBroke: 'closing off, recording_error, recording_stopped',
    recordingGivenUp: 'closing off, recording_error, recording_stopped',
  },
};

describe.each(stateNames)('a camera that is %s', (stateName) => {
  const state = STATES[stateName];

  it.each(eventNames)('answers %s as the table says', (eventName) => {
    const row = eventName === 'openForGood' ? 'open' : eventName;
    const expected = HAPPENS[stateName][row] ?? describeState(state);
    expect(outcome(state, EVENTS[eventName])).toBe(expected);
  });

  it('takes no notice of what another run says', () => {
    for (const event of Object.values<CameraEvent>(EVENTS)) {
      if (!('run' in event)) continue;
      for (const run of [RUN - 1, RUN + 1]) {
        expect(transition(state, { ...event, run }, FACTS)).toEqual({ state, effects: [] });
      }
    }
  });
});

describe('a restart for other settings', () => {
  const at = (state: CameraState, event: CameraEvent): CameraEvent =>
    'run' in event ? { ...event, run: state.run } : event;
  const after = (start: CameraState, ...events: CameraEvent[]): CameraState =>
    events.reduce((state, event) => transition(state, at(state, event), FACTS).state, start);
  const requestOf = (state: CameraState): unknown => ('request' in state ? state.request : undefined);

  it('asks for what is wanted, and for what there was before if no frame comes', () => {
    const restarted = after(STATES.streaming, EVENTS.changeSettings, EVENTS.closed);
    expect(requestOf(restarted)).toBe(WANTED);
    expect(requestOf(after(restarted, EVENTS.firstFrame))).toBe(WANTED);
    expect(requestOf(after(restarted, EVENTS.lost))).toBe(REQUEST);
    expect(requestOf(after(restarted, EVENTS.lost, EVENTS.firstFrame))).toBe(REQUEST);
  });

  it('has 1.5 s for the end of the present run', () => {
    expect(transition(STATES.streaming, EVENTS.changeSettings, FACTS).effects).toEqual([
      { do: 'send', command: { type: 'close', run: RUN, reason: 'command', untilNs: FACTS.nowNs + 1_500_000_000n } },
    ]);
  });

  it('follows a first frame that comes while other settings apply, before anything is told of it', () => {
    const facts = { ...FACTS, request: WANTED };
    for (const name of ['opening', 'trying', 'trying again to record', 'reopening', 'reopening to record'] as const) {
      const { state, effects } = transition(STATES[name], EVENTS.firstFrame, facts);
      expect(effects.map(describeEffect)).toEqual(['send close 3']);
      const opened = transition(state, EVENTS.closed, facts).state;
      expect(requestOf(opened)).toBe(WANTED);
      const { attempt, lostAtNs, keepsTrying, next } = STATES[name];
      expect(opened).toMatchObject({ attempt, lostAtNs, keepsTrying, next });
    }
  });

  it('follows once an opening, whatever applies then', () => {
    const other = { ...FACTS, request: { ...REQUEST, settings: { ...REQUEST.settings, fps: 5 } } };
    expect(outcome(STATES['restarted by itself'], EVENTS.firstFrame, other)).toBe('streaming off, device_ready');
    const changed = after(STATES['restarted by itself'], EVENTS.settingsTaken);
    expect(outcome(changed, EVENTS.firstFrame, other)).toBe('restarting attempt 0, send close 3');
  });

  it('follows a change that came for an opening whose frames came first, but not during a take', () => {
    const facts = { ...FACTS, request: WANTED };
    expect(outcome(STATES.streaming, EVENTS.settingsTaken, facts)).toBe('restarting attempt 0, send close 3');
    for (const name of ['starting', 'recording', 'stopping'] as const) {
      expect(transition(STATES[name], EVENTS.settingsTaken, facts)).toEqual({ state: STATES[name], effects: [] });
    }
  });

  it('says in its refusal what the capture tool said, and what the camera is asked for again', () => {
    const { effects } = transition(STATES['restarted in vain'], EVENTS.firstFrame, FACTS);
    expect(effects.at(-1)).toMatchObject({
      outcome: {
        message: expect.stringMatching(/^picam:0 gives no frames .* the former ones are used again\. It is gone\./),
      },
    });
  });

  it('of a camera that was lost in it counts as a loss from then on', () => {
    const { state } = transition(STATES['restarted in vain'], EVENTS.lost, FACTS);
    expect(state).toMatchObject({ kind: 'waiting', attempt: 1, lostAtNs: FACTS.nowNs });
  });

  it('is none for settings that say the same in another way', () => {
    const request = { ...REQUEST, settings: { ...REQUEST.settings, gain: undefined } } as unknown as CaptureRequest;
    expect(outcome(STATES.streaming, { type: 'changeSettings', request })).toBe('streaming off, unchanged');
  });
});

function reported(state: CameraState, event: CameraEvent, facts: CameraFacts = FACTS): unknown[] {
  return transition(state, event, facts).effects.flatMap((effect) =>
    effect.do === 'report' ? [effect.report.data] : [],
  );
}

describe('device_ready', () => {
  it('says nothing of a reconnection at the first opening', () => {
    expect(reported(STATES.opening, EVENTS.firstFrame)).toEqual([
      {
        device_id: 'picam:0',
        camera_id: 'picam:0',
        model: 'imx296',
        width: 1456,
        height: 1088,
        fps: 30,
        mode: null,
        view: '1456x1088',
      },
    ]);
  });

  it('says after a reconnection how many attempts and how long it took', () => {
    expect(reported(STATES.reopening, EVENTS.firstFrame)).toEqual([
      expect.objectContaining({ reconnected: true, attempts: 2, downtime_ms: 2500 }),
    ]);
  });
});

describe('a loss that is told later than it happened', () => {
  it('counts its downtime from when the stream ended', () => {
    const endedNs = FACTS.nowNs - 500_000_000n;
    const { state } = transition(STATES.streaming, { ...EVENTS.lost, endedNs }, FACTS);
    expect(state).toMatchObject({ kind: 'waiting', lostAtNs: endedNs });
    expect(transition(STATES.streaming, EVENTS.lost, FACTS).state).toMatchObject({ lostAtNs: FACTS.nowNs });
  });
});

describe('device_ready with a sensor mode', () => {
  it('tells it in the words of the host protocol', () => {
    const mode = { width: 1456, height: 1088, maxFps: 60.38, crop: [0, 0, 1456, 1088] } as const;
    const format = { ...FAKE_FORMAT, mode, view: '1456x1088, whole sensor' };
    expect(reported(STATES.opening, { ...EVENTS.firstFrame, format })).toMatchObject([
      {
        mode: { width: 1456, height: 1088, max_fps: 60.38, crop: [0, 0, 1456, 1088] },
        view: '1456x1088, whole sensor',
      },
    ]);
  });
});

describe('device_error', () => {
  it.each([
    ['camera_in_use', true],
    ['camera_not_found', true],
    ['capture_failed', true],
    ['capture_tool_missing', false],
    ['permission_denied', false],
    ['unsupported_mode', false],
    ['invalid_setting', false],
  ] as const)('with %s at the first opening says whether trying again can help: %p', (code, recoverable) => {
    const event = { ...EVENTS.lost, error: { code, message: 'No.', context: {} } };
    expect(reported(STATES.opening, event)).toEqual([{ device_id: 'picam:0', code, error: 'No.', recoverable }]);
  });

  it('says when the next attempt is made', () => {
    expect(reported(STATES.reopening, EVENTS.lost)).toEqual([
      expect.objectContaining({ code: 'camera_disconnected', recoverable: true, retry_in_ms: 1500 }),
    ]);
  });

  it('is the last word when the attempts are used up', () => {
    const facts = { ...FACTS, maxAttempts: 2 };
    expect(outcome(STATES.streaming, EVENTS.lost, facts)).toBe('waiting attempt 1, device_error, reopen 1 in 500');
    const lastAttempt = { ...STATES.reopening, attempt: 1 };
    expect(outcome(lastAttempt, EVENTS.lost, facts)).toBe('waiting attempt 2, device_error, reopen 2 in 1000');
    expect(outcome(STATES.reopening, EVENTS.lost, facts)).toBe('closed, device_error');
    expect(reported(STATES.reopening, EVENTS.lost, facts)).toEqual([expect.objectContaining({ recoverable: false })]);
    expect(transition(STATES.reopening, EVENTS.lost, facts).state).toMatchObject({ kind: 'closed', attempts: 2 });
  });
});

describe('an assignment that keeps trying', () => {
  const failing = (code: ErrorCode): CameraEvent => ({ ...EVENTS.lost, error: { code, message: 'No.', context: {} } });
  const AGAIN = 'waiting attempt 1, device_error, reopen 1 in 500';
  const OVER = 'closed, device_error';

  it.each(ERROR_CODES.filter((code) => code !== 'unsupported_mode' && code !== 'invalid_setting'))(
    'goes on after %s',
    (code) => {
      expect(outcome(STATES.trying, failing(code))).toBe(AGAIN);
      expect(reported(STATES.trying, failing(code))).toEqual([
        { device_id: 'picam:0', code, error: 'No.', recoverable: true, retry_in_ms: 500 },
      ]);
    },
  );

  it('ends where the camera cannot give what is asked of it, at any attempt', () => {
    expect(outcome(STATES.trying, failing('unsupported_mode'))).toBe(OVER);
    expect(outcome(STATES['trying again to record'], failing('unsupported_mode'))).toBe(`${OVER}, recording_error`);
    const { attempt: attempts } = STATES['trying again to record'];
    expect(transition(STATES['trying again to record'], failing('unsupported_mode'), FACTS).state).toMatchObject({
      attempts,
    });
    expect(reported(STATES.trying, failing('unsupported_mode'))).toEqual([
      { device_id: 'picam:0', code: 'unsupported_mode', error: 'No.', recoverable: false },
    ]);
  });

  it('ends where the capture tool that the configuration names is missing', () => {
    expect(outcome(STATES.trying, failing('capture_tool_missing'), { ...FACTS, isToolNamed: true })).toBe(OVER);
    expect(outcome(STATES.trying, failing('camera_in_use'), { ...FACTS, isToolNamed: true })).toBe(AGAIN);
  });

  it('ends when the attempts are used up', () => {
    const facts = { ...FACTS, maxAttempts: 1 };
    expect(outcome(STATES.trying, EVENTS.lost, facts)).toBe(AGAIN);
    expect(outcome(STATES['trying again to record'], EVENTS.lost, facts)).toBe(`${OVER}, recording_error`);
  });

  it('is ready with the first frame, and says nothing of a reconnection', () => {
    const [ready] = reported(STATES['trying again to record'], EVENTS.firstFrame);
    expect(ready).not.toHaveProperty('reconnected');
    expect(ready).toMatchObject({ device_id: 'picam:0', width: 1456 });
  });

  it('holds until a frame came: a camera that was lost after that is tried again whatever its error is', () => {
    const ready = transition(STATES.trying, EVENTS.firstFrame, FACTS).state;
    const waiting = transition(ready, EVENTS.lost, FACTS).state;
    const reopening = transition(waiting, EVENTS.reopen, FACTS).state;
    const unsupported = { ...failing('unsupported_mode'), run: RUN + 1 } as CameraEvent;
    expect(outcome(reopening, unsupported)).toBe('waiting run 4 attempt 2, device_error, reopen 2 in 1000');
  });
});

describe('a recording', () => {
  it('is not resumed unless that is configured', () => {
    const facts = { ...FACTS, resumesAfterReconnect: false };
    for (const name of ['interrupted', 'recording'] as const) {
      expect(outcome(STATES[name], EVENTS.lost, facts)).toBe('waiting attempt 1, device_error, reopen 1 in 500');
    }
  });

  it('that was asked for and had not begun begins with the next first frame, whatever is configured', () => {
    const facts = { ...FACTS, resumesAfterReconnect: false };
    for (const name of ['starting', 'stopping and asked again'] as const) {
      expect(outcome(STATES[name], EVENTS.lost, facts)).toBe(
        'waiting attempt 1 to record, device_error, reopen 1 in 500',
      );
    }
  });

  it('takes the name of the camera that it begins with', () => {
    const opening = transition(STATES.opening, { type: 'startRecording', order: NEXT }, FACTS).state;
    const { effects } = transition(opening, EVENTS.firstFrame, FACTS);
    expect(effects.at(-1)).toEqual({
      do: 'send',
      command: {
        type: 'startRecording',
        run: RUN,
        order: { ...NEXT, deviceId: 'picam:0', cameraLabel: 'IMX296_picam:0' },
      },
    });
  });

  it('that was remembered fails with the camera when no more attempts are made', () => {
    const facts = { ...FACTS, maxAttempts: 2 };
    expect(outcome(STATES['reopening to record'], EVENTS.lost, facts)).toBe('closed, device_error, recording_error');
  });

  it('is refused with a reason where the disk never finished the last one', () => {
    expect(reported(STATES['stopping and asked again'], EVENTS.recordingGivenUp).at(-1)).toEqual({
      device_id: 'picam:0',
      code: 'io_error',
      error: expect.stringContaining('has not finished the last one'),
    });
  });

  it('that the disk ended is not resumed when the camera is lost later', () => {
    const { state } = transition(STATES.recording, EVENTS.recordingBroke, FACTS);
    expect(outcome(state, EVENTS.lost)).toBe('waiting attempt 1, device_error, reopen 1 in 500');
  });

  it.each([
    ['the disk failed', 'disk_full', false],
    ['its files were removed', 'invalid_session_dir', false],
    ['the disk was given up', 'io_error', true],
  ] as const)('is not resumed if %s while it was finished after the loss of the camera', (_what, code, isGivenUp) => {
    const error = errorWithAdvice(code, 'Gone.').toData();
    const summary = summaryOf(5, { paths: PATHS, reason: 'device_error', error, isGivenUp });
    const { state } = transition(STATES.recording, { type: 'recordingStopped', run: RUN, summary }, FACTS);
    expect(outcome(state, EVENTS.lost)).toBe('waiting attempt 1, device_error, reopen 1 in 500');
  });

  it('is resumed if it was lost together with the thread that recorded it', () => {
    const error = errorWithAdvice('capture_failed', 'The thread ended.').toData();
    const summary = summaryOf(5, { paths: PATHS, reason: 'device_error', error });
    const { state } = transition(STATES.recording, { type: 'recordingStopped', run: RUN, summary }, FACTS);
    expect(outcome(state, EVENTS.lost)).toBe('waiting attempt 1 to record, device_error, reopen 1 in 500');
  });

  it('is not resumed if its stop crossed the loss of the camera', () => {
    const stopped = transition(STATES.recording, EVENTS.stopRecording, FACTS);
    const ended = transition(stopped.state, EVENTS.recordingLost, FACTS);
    expect(outcome(ended.state, EVENTS.lost)).toBe('waiting attempt 1, device_error, reopen 1 in 500');
  });

  it('is reported as stopped before the camera is reported as lost', () => {
    const stopped = transition(STATES.recording, EVENTS.recordingLost, FACTS);
    const lost = transition(stopped.state, EVENTS.lost, FACTS);
    const words = [...stopped.effects, ...lost.effects].map((effect) => describeEffect(effect));
    expect(words).toEqual(['recording_stopped', 'device_error', 'reopen 1 in 500']);
    expect(describeState(lost.state)).toBe('waiting attempt 1 to record');
  });

  it.each([
    ['closed', 'no_device', 'is not assigned'],
    ['closing', 'no_device', 'is being released'],
  ] as const)('asked of a camera that is %s fails with %s', (stateName, code, why) => {
    expect(reported(STATES[stateName], EVENTS.startRecording)).toEqual([
      { device_id: 'picam:0', code, error: expect.stringContaining(why) },
    ]);
  });

  it('is under way, about to begin, or about to be resumed', () => {
    const toRecord = stateNames.filter((name) => isToRecord(STATES[name], true));
    expect(toRecord).toEqual([
      'trying again to record',
      'reopening to record',
      'restarting to record',
      'restarted to record',
      'interrupted',
      'starting',
      'recording',
      'stopping',
      'stopping by itself',
      'stopping and asked again',
      'cancelled',
      'waiting to record',
    ]);
  });

  it('is the present one from its start to its stop', () => {
    expect(stateNames.filter((name) => isRecording(STATES[name]))).toEqual(['starting', 'recording']);
  });
});

describe('the port', () => {
  it.each([
    [EVENTS.closeOverdue, false],
    [EVENTS.closed, true],
    [{ ...EVENTS.closed, portReleased: false }, false],
    [EVENTS.lost, true],
  ])('is told to be released or not after %p: %p', (event, released) => {
    expect(reported(STATES.closing, event)).toEqual([{ device_id: 'picam:0', port_released: released }]);
  });
});

/** Whether the camera is being opened, and there is nothing else to open it with. */
function isLastChance(state: CameraState): boolean {
  return state.kind === 'opening' && (state.restart === null || state.restart.refusal !== null);
}

/** Any event, of the present run or of its neighbours. */
const anyEvent = fc
  .tuple(fc.constantFrom(...eventNames), fc.constantFrom(-1, 0, 0, 0, 1))
  .map(([name, offset]) => (state: CameraState): CameraEvent => {
    const event = EVENTS[name];
    return 'run' in event ? { ...event, run: state.run + offset } : event;
  });
const anyHistory = fc.array(anyEvent, { maxLength: 60 });
const anyFacts = fc
  .record({
    resumesAfterReconnect: fc.boolean(),
    isToolNamed: fc.boolean(),
    maxAttempts: fc.nat({ max: 3 }),
    request: fc.constantFrom(REQUEST, WANTED),
  })
  .map((choice) => ({ ...FACTS, ...choice }));

describe('whatever happens', () => {
  it('one run follows another, and only a capture process that was asked for can be ended', () => {
    fc.assert(
      fc.property(anyHistory, anyFacts, (history, facts) => {
        let state: CameraState = { kind: 'closed', run: 0, portReleased: true };
        for (const eventOf of history) {
          const event = eventOf(state);
          const next = transition(state, event, facts);
          const sent = next.effects.flatMap((effect) => (effect.do === 'send' ? [effect.command] : []));
          for (const command of sent) {
            if ('run' in command) expect(command.run).toBe(next.state.run);
          }
          const opens = sent.filter((command) => command.type === 'open').length;
          expect(next.state.run - state.run).toBe(opens);
          expect(opens).toBe(next.state.kind === 'opening' && next.state.run !== state.run ? 1 : 0);
          const closes = sent.filter((command) => command.type === 'close').length;
          const isToEnd = next.state.kind === 'closing' || next.state.kind === 'restarting';
          expect(closes).toBe(isToEnd && state.kind !== next.state.kind ? 1 : 0);
          state = next.state;
        }
      }),
    );
  });

  it('an attempt is planned exactly while the camera waits, and each loss is reported once', () => {
    fc.assert(
      fc.property(anyHistory, anyFacts, (history, facts) => {
        let state: CameraState = { kind: 'closed', run: 0, portReleased: true };
        let isPlanned = false;
        for (const eventOf of history) {
          const event = eventOf(state);
          const next = transition(state, event, facts);
          for (const effect of next.effects) {
            if (effect.do === 'reopenLater') isPlanned = true;
            if (effect.do === 'cancelReopen') isPlanned = false;
          }
          expect(isPlanned).toBe(next.state.kind === 'waiting');
          const errors = next.effects.filter(
            (effect) => effect.do === 'report' && effect.report.status === 'device_error',
          );
          const isLost = event.type === 'lost' && (isLastChance(state) || state.kind === 'streaming');
          expect(errors.length).toBe(isLost && event.run === state.run ? 1 : 0);
          state = next.state;
        }
      }),
    );
  });

  it('a change of settings has one outcome, unless the camera is released meanwhile', () => {
    fc.assert(
      fc.property(anyHistory, anyFacts, (history, facts) => {
        let state: CameraState = { kind: 'closed', run: 0, portReleased: true };
        let isPending = false;
        for (const eventOf of history) {
          const event = eventOf(state);
          // One is asked for at a time.
          if (event.type === 'changeSettings' && isPending) continue;
          const next = transition(state, event, facts);
          const outcomes = next.effects.filter((effect) => effect.do === 'settleChange').length;
          const wasPending: boolean = isPending || event.type === 'changeSettings';
          if (!wasPending) expect(outcomes).toBe(0);
          expect(outcomes).toBeLessThanOrEqual(1);
          state = next.state;
          isPending = wasPending && outcomes === 0 && state.kind !== 'closing';
          const isUnderWay =
            (state.kind === 'restarting' || state.kind === 'opening') && state.restart?.isAsked === true;
          expect(isPending).toBe(isUnderWay);
        }
      }),
    );
  });

  it('no frame comes with settings that do not apply, unless a take is under way or they were tried', () => {
    const facts = { ...FACTS, request: WANTED };
    fc.assert(
      fc.property(anyHistory, (history) => {
        let state: CameraState = { kind: 'closed', run: 0, portReleased: true };
        for (const eventOf of history) {
          const event = eventOf(state);
          if (event.type === 'changeSettings') continue;
          const wasOpening = state.kind === 'opening' ? state : null;
          state = transition(state, event, facts).state;
          if (wasOpening === null || state.kind !== 'streaming') continue;
          expect(state.request === WANTED || wasOpening.restart?.refusal !== null).toBe(true);
        }
      }),
    );
  });

  it('nothing goes on recording by itself after a stop', () => {
    fc.assert(
      fc.property(anyHistory, anyFacts, (history, facts) => {
        let state: CameraState = { kind: 'closed', run: 0, portReleased: true };
        for (const eventOf of history) state = transition(state, eventOf(state), facts).state;
        if (state.kind === 'streaming' && state.recording.kind !== 'off') return;
        state = transition(state, EVENTS.stopRecording, facts).state;
        for (const type of ['lost', 'reopen', 'firstFrame'] as const) {
          const event = EVENTS[type];
          state = transition(state, 'run' in event ? { ...event, run: state.run } : event, facts).state;
        }
        expect(isToRecord(state, facts.resumesAfterReconnect)).toBe(false);
      }),
    );
  });

  it('every camera can be closed', () => {
    fc.assert(
      fc.property(anyHistory, anyFacts, (history, facts) => {
        let state: CameraState = { kind: 'closed', run: 0, portReleased: true };
        for (const eventOf of history) state = transition(state, eventOf(state), facts).state;
        state = transition(state, EVENTS.close, facts).state;
        state = transition(state, { ...EVENTS.closed, run: state.run }, facts).state;
        expect(state.kind).toBe('closed');
      }),
    );
  });
});
