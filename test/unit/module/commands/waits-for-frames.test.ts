import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorWithAdvice } from '../../../../src/core/errors.js';
import type { StatusMessage } from '../../../../src/protocol/statuses.js';
import { healthy, healthyBut, silent, summaryOf, type PipelineHabit } from '../../../harness/fake-pipeline.js';
import { settled } from '../../../harness/manual-clock.js';
import { commandNameOf } from '../../../../src/protocol/commands.js';
import { moduleRig, type ModuleRig } from '../module-rig.js';

/** Commands that wait for a camera's frames, and what comes behind them: nobody else waits for these frames. */

const SESSION = { session_dir: '/data/session_1' };
const GONE = errorWithAdvice('camera_disconnected', 'Gone.').toData();
const [LEFT, RIGHT] = ['picam:0', 'picam:1'] as const;

let rig: ModuleRig;
let sent: { id: string; name: string; answer: StatusMessage | undefined }[];

beforeEach(() => {
  rig = moduleRig();
  sent = [];
});

afterEach(async () => {
  await rig.end();
  await settled();
  expect(sent.filter(({ answer }) => answer === undefined).map(({ id }) => id)).toEqual([]);
  for (const { id, name, answer } of sent) {
    const known = commandNameOf(name);
    const finals = known === undefined ? [] : rig.heard.answersTo(id, known);
    // Of several cameras each has its status, and the last one is the answer.
    const devices = finals.map(({ data }) => ('device_id' in data ? data.device_id : null));
    expect([id, finals.at(-1), new Set(devices).size]).toEqual([id, answer, finals.length]);
  }
});

/** Sends a command and waits for nothing. `id` names it in `answers`. */
function send(id: string, name: string, fields: object = {}): void {
  const command: (typeof sent)[number] = { id, name, answer: undefined };
  sent.push(command);
  void rig.ask(name, { command_id: id, ...fields }).then((answer) => {
    command.answer = answer;
  });
}

/** What the commands that are answered so far were answered with, by their ids. */
async function answers(): Promise<Readonly<Record<string, string>>> {
  await settled();
  const answered = sent.flatMap(({ id, answer }) => {
    if (answer === undefined) return [];
    const code = 'code' in answer.data && answer.data.code !== undefined ? `:${answer.data.code}` : '';
    return [[id, `${answer.status}${code}`] as const];
  });
  return Object.fromEntries(answered);
}

/** The left camera streams. The right one was lost, and is being opened again: it is back when the test gives it a frame. */
async function rightIsLost(): Promise<void> {
  await rig.start();
  await rig.assign(LEFT, SESSION);
  await rig.assign(RIGHT);
  rig.pipelines.habit = healthyBut('open');
  rig.pipelines.of(RIGHT).lose();
  await rig.clock.advance(1_000);
}

/** The take that a camera was told to begin last begins. */
function begin(device: string): void {
  const order = rig.pipelines.of(device).told('startRecording').at(-1)?.order;
  if (order !== undefined) rig.pipelines.of(device).beginRecording(order);
}

describe('an assignment that waits for its first frame', () => {
  beforeEach(async () => {
    await rig.start();
    await rig.assign(RIGHT, SESSION);
    rig.pipelines.habit = healthyBut('open');
    send('assign', 'assign_device', { device_id: LEFT });
  });

  it.each([
    ['stop_recording', { device_id: LEFT }, 'recording_stopped'],
    ['stop_recording', { device_id: RIGHT }, 'recording_stopped'],
    ['stop_recording', {}, 'recording_stopped'],
    ['stop_session', {}, 'command_ack'],
  ])('holds up no %s %p, and is still answered later', async (name, fields, stopped) => {
    await settled();
    send('stop', name, fields);
    expect(await answers()).toEqual({ stop: stopped });
    rig.pipelines.of(LEFT).giveFirstFrame();
    expect(await answers()).toEqual({ assign: 'device_ready', stop: stopped });
  });

  it('holds up no stop that came before its turn, nor what stands between them', async () => {
    send('between', 'toggle_preview', { camera_id: 0, enabled: true });
    send('stop', 'stop_recording', { device_id: LEFT });
    send('behind', 'toggle_preview', { camera_id: LEFT, enabled: true });
    expect(await answers()).toEqual({
      between: 'preview_toggled',
      stop: 'recording_stopped',
      behind: 'preview_toggled',
    });
  });

  it.each([
    ['take_snapshot', { device_id: LEFT }],
    ['get_settings', {}],
    ['start_recording', { device_id: LEFT }],
    ['assign_device', { device_id: LEFT }],
    ['toggle_preview', { enabled: true }],
    ['start_session', {}],
  ])('holds up %s %p', async (name, fields) => {
    send('behind', name, fields);
    send('status', 'get_status');
    send('other', 'toggle_preview', { camera_id: RIGHT, enabled: true });
    const isBarrier = !('device_id' in fields);
    expect(await answers()).toEqual({
      status: 'status_report',
      ...(isBarrier ? {} : { other: 'preview_toggled' }),
    });
  });

  it('is let go by no stop that does not wait for it', async () => {
    send('behind', 'toggle_preview', { camera_id: LEFT, enabled: true });
    send('stop', 'stop_recording', { device_id: RIGHT });
    expect(await answers()).toEqual({ stop: 'recording_stopped' });
  });

  it('is answered together with another assignment of its camera behind the stop', async () => {
    send('stop', 'stop_recording', { device_id: LEFT });
    send('again', 'assign_device', { device_id: LEFT });
    expect(await answers()).toEqual({ stop: 'recording_stopped' });
    rig.pipelines.of(LEFT).giveFirstFrame();
    expect(await answers()).toEqual({ assign: 'device_ready', stop: 'recording_stopped', again: 'device_ready' });
  });

  it('fails together with another assignment of its camera behind the stop', async () => {
    send('stop', 'stop_recording', { device_id: LEFT });
    send('again', 'assign_device', { device_id: LEFT });
    await settled();
    rig.pipelines.of(LEFT).lose('camera_not_found');
    expect(await answers()).toMatchObject({
      assign: 'device_error:camera_not_found',
      again: 'device_error:camera_not_found',
    });
    expect(rig.module.status().cameras.map(({ device_id: id }) => id)).toEqual([RIGHT]);
  });

  it('keeps trying where only the other assignment of its camera wants that', async () => {
    send('stop', 'stop_recording', { device_id: LEFT });
    send('again', 'assign_device', { device_id: LEFT, keep_trying: true });
    await settled();
    rig.pipelines.of(LEFT).lose('camera_in_use');
    expect(await answers()).toMatchObject({
      assign: 'device_error:camera_in_use',
      again: 'device_error:camera_in_use',
    });
    expect(rig.module.status().cameras.map(({ state }) => state)).toEqual(['streaming', 'waiting']);
  });

  it('lets a start behind the stop be remembered', async () => {
    send('stop', 'stop_recording', { device_id: LEFT });
    send('start', 'start_recording', { device_id: LEFT, trial_number: 5 });
    expect(await answers()).toEqual({ stop: 'recording_stopped' });
    rig.pipelines.of(LEFT).giveFirstFrame();
    expect(await answers()).toMatchObject({ assign: 'device_ready', start: 'recording_started' });
  });

  it('is ended by an unassignment, and another one opens the camera anew', async () => {
    rig.pipelines.habit = healthyBut('open');
    send('stop', 'stop_recording', { device_id: LEFT });
    send('unassign', 'unassign_device', { device_id: LEFT });
    send('again', 'assign_device', { device_id: LEFT });
    expect(await answers()).toEqual({
      assign: 'device_error:no_device',
      stop: 'recording_stopped',
      unassign: 'device_unassigned',
    });
    rig.pipelines.of(LEFT).giveFirstFrame();
    expect(await answers()).toMatchObject({ again: 'device_ready' });
  });
});

describe('a stop of another camera behind a command for all cameras', () => {
  it.each([
    ['get_settings', 'settings'],
    ['take_snapshot', 'snapshot_taken'],
    ['start_session', 'command_ack'],
    ['start_recording', 'recording_started'],
  ])('(%s) waits for no assignment before that', async (name, answer) => {
    await rig.start();
    await rig.assign(RIGHT, SESSION);
    await rig.ask('start_recording', { device_id: RIGHT });
    rig.pipelines.habit = healthyBut('open');
    send('assign', 'assign_device', { device_id: LEFT });
    send('all', name);
    send('stop', 'stop_recording', { device_id: RIGHT });
    expect((await answers())['stop']).toBe('recording_stopped');
    rig.pipelines.of(LEFT).giveFirstFrame();
    const isRefused = name === 'take_snapshot';
    expect(await answers()).toMatchObject({
      assign: 'device_ready',
      all: isRefused ? 'command_nack:camera_disconnected' : answer,
    });
  });

  it('waits for no start and no snapshot of a camera without frames before that', async () => {
    await rightIsLost();
    send('start', 'start_recording', { device_id: RIGHT });
    send('all', 'toggle_preview', { enabled: true });
    send('stop', 'stop_recording', { device_id: LEFT });
    expect(await answers()).toEqual({ all: 'preview_toggled', stop: 'recording_stopped' });
    rig.pipelines.of(RIGHT).giveFirstFrame();
    expect(await answers()).toMatchObject({ start: 'recording_started' });
    rig.pipelines.habit = healthyBut('takeSnapshot');
    send('snapshot', 'take_snapshot', { device_id: RIGHT });
    send('other', 'toggle_preview', { enabled: true });
    send('another stop', 'stop_recording', { device_id: LEFT });
    expect(await answers()).toMatchObject({ other: 'preview_toggled', 'another stop': 'recording_stopped' });
    rig.pipelines.habit = healthy;
  });

  it('leaves an assignment in its lane that came after that command', async () => {
    await rig.start();
    await rig.assign(RIGHT, SESSION);
    await rig.ask('start_recording', { device_id: RIGHT });
    rig.pipelines.habit = healthyBut('open', 'stopRecording');
    send('all', 'toggle_preview', { enabled: true });
    send('assign', 'assign_device', { device_id: LEFT });
    send('behind', 'toggle_preview', { camera_id: LEFT, enabled: true });
    send('stop', 'stop_recording', { device_id: RIGHT });
    send('second stop', 'stop_recording', { device_id: RIGHT });
    expect(await answers()).toEqual({ all: 'preview_toggled' });
    rig.pipelines.of(LEFT).giveFirstFrame();
    expect(await answers()).toEqual({ all: 'preview_toggled', assign: 'device_ready', behind: 'preview_toggled' });
  });
});

describe('a change of settings that waits for its first frame', () => {
  beforeEach(async () => {
    await rig.start();
    await rig.assign(LEFT, SESSION);
    await rig.assign(RIGHT);
    rig.pipelines.habit = healthyBut('open');
    send('set', 'set_fps', { device_id: LEFT, fps: 10 });
    await settled();
  });

  it.each([
    ['take_snapshot', {}, LEFT],
    ['take_snapshot', { device_id: LEFT }, LEFT],
    ['take_snapshot', {}, RIGHT],
    ['get_settings', {}, LEFT],
    ['get_settings', {}, RIGHT],
  ])('holds up no stop behind %s %p', async (name, fields, stopped) => {
    send('behind', name, fields);
    expect(await answers()).toEqual({});
    send('stop', 'stop_recording', { device_id: stopped });
    expect(await answers()).toEqual({ stop: 'recording_stopped' });
    rig.pipelines.of(LEFT).giveFirstFrame();
    await rig.clock.advance(3_000);
    expect(await answers()).toMatchObject({
      set: 'settings_changed',
      behind: name === 'get_settings' ? 'settings' : 'snapshot_taken',
    });
  });

  it('holds up no stop behind a start, which is called off', async () => {
    send('start', 'start_recording', { device_id: LEFT });
    expect(await answers()).toEqual({});
    send('stop', 'stop_recording', { device_id: LEFT });
    expect(await answers()).toEqual({ start: 'recording_error:camera_disconnected', stop: 'recording_stopped' });
    rig.pipelines.of(LEFT).giveFirstFrame();
    await rig.clock.advance(3_000);
    expect(rig.heard.named('recording_started')).toEqual([]);
  });

  it('holds up no stop of another camera behind a start for all', async () => {
    send('start', 'start_recording');
    send('stop', 'stop_recording', { device_id: RIGHT });
    expect(await answers()).toEqual({ stop: 'recording_stopped' });
    rig.pipelines.of(LEFT).giveFirstFrame();
    await rig.clock.advance(3_000);
    expect(await answers()).toMatchObject({ start: 'recording_started', set: 'settings_changed' });
    expect(rig.heard.named('recording_started').map(({ data }) => data.device_id)).toEqual([RIGHT, LEFT]);
  });
});

describe('a snapshot of a camera with a frame in 100 seconds', () => {
  beforeEach(async () => {
    await rig.start({ camera: { fps: 0.01 } });
    await rig.assign(LEFT, SESSION);
    await rig.assign(RIGHT);
    rig.pipelines.habit = healthyBut('takeSnapshot');
  });

  const give = (device: string, request: number): void => {
    const pipeline = rig.pipelines.of(device);
    pipeline.emit({ type: 'snapshotTaken', run: 1, request, path: `/${device}/${request}.jpg`, bytes: 1_000 });
  };

  it.each([
    ['stop_recording', { device_id: LEFT }, 'recording_stopped'],
    ['stop_recording', {}, 'recording_stopped'],
    ['stop_session', {}, 'command_ack'],
    ['unassign_device', { device_id: LEFT }, 'device_unassigned'],
  ])('holds up no %s %p', async (name, fields, stopped) => {
    send('snapshot', 'take_snapshot', { device_id: LEFT });
    await settled();
    send('stop', name, fields);
    const isEnded = name === 'unassign_device';
    expect(await answers()).toEqual({ stop: stopped, ...(isEnded ? { snapshot: 'command_nack:no_device' } : {}) });
    if (isEnded) return;
    give(LEFT, 1);
    expect(await answers()).toMatchObject({ snapshot: 'snapshot_taken' });
  });

  it('of all cameras holds up the stop of none', async () => {
    send('snapshot', 'take_snapshot');
    send('stop', 'stop_recording', { device_id: RIGHT });
    expect(await answers()).toEqual({ stop: 'recording_stopped' });
    give(LEFT, 1);
    give(RIGHT, 1);
    expect(await answers()).toMatchObject({ snapshot: 'snapshot_taken' });
  });

  it('is answered with its own picture, where another snapshot comes behind the stop', async () => {
    send('first', 'take_snapshot', { device_id: LEFT });
    send('stop', 'stop_session');
    send('session', 'start_session', { session_dir: '/data/session_2' });
    send('second', 'take_snapshot', { device_id: LEFT });
    expect(await answers()).toEqual({ stop: 'command_ack', session: 'command_ack' });
    give(LEFT, 1);
    expect(await answers()).toMatchObject({ first: 'snapshot_taken' });
    expect(
      rig.pipelines
        .of(LEFT)
        .told('takeSnapshot')
        .map(({ sessionDir }) => sessionDir),
    ).toEqual(['/data/session_1', '/data/session_2']);
    give(LEFT, 2);
    expect(await answers()).toMatchObject({ second: 'snapshot_taken' });
    const paths = rig.heard.named('snapshot_taken').map(({ in_reply_to: id, data }) => [id, data.path]);
    expect(paths).toEqual([
      ['first', '/picam:0/1.jpg'],
      ['second', '/picam:0/2.jpg'],
    ]);
  });

  it('has an end of its own, also behind another one', async () => {
    send('first', 'take_snapshot', { device_id: LEFT });
    send('stop', 'stop_recording', { device_id: LEFT });
    send('second', 'take_snapshot', { device_id: LEFT });
    rig.pipelines.of(LEFT).emit({
      type: 'lost',
      run: 1,
      error: GONE,
      portReleased: true,
    });
    rig.pipelines.of(LEFT).emit({
      type: 'snapshotFailed',
      run: 1,
      request: 1,
      error: GONE,
    });
    expect(await answers()).toMatchObject({
      first: 'command_nack:camera_disconnected',
      second: 'command_nack:camera_disconnected',
    });
  });
});

describe('what waits for something else of its camera', () => {
  const ENDS = [
    ['unassign_device', 'no_device'],
    ['quit', 'shutting_down'],
  ] as const;

  it.each(ENDS)('is answered by %s as what it is: snapshots behind another one', async (name, code) => {
    await rig.start();
    await rig.assign(LEFT, SESSION);
    rig.pipelines.habit = healthyBut('takeSnapshot');
    send('first', 'take_snapshot', { device_id: LEFT });
    for (const id of ['second', 'third']) {
      send(`stop before ${id}`, 'stop_recording', { device_id: LEFT });
      send(id, 'take_snapshot', { device_id: LEFT });
    }
    await settled();
    send('end', name, name === 'quit' ? {} : { device_id: LEFT });
    const nack = `command_nack:${code}`;
    expect(await answers()).toMatchObject({ first: nack, second: nack, third: nack });
    expect(rig.pipelines.of(LEFT).told('takeSnapshot')).toHaveLength(1);
  });

  it.each(ENDS)('is answered by %s as what it is: a start or a snapshot behind a change', async (name, code) => {
    await rig.start();
    await rig.assign(LEFT, SESSION);
    await rig.assign(RIGHT);
    rig.pipelines.habit = healthyBut('open');
    for (const device_id of [LEFT, RIGHT])
      send(`set ${device_id}`, 'set_settings', { device_id, settings: { gain: 2 } });
    send('start', 'start_recording', { device_id: LEFT });
    send('snapshot', 'take_snapshot', { device_id: RIGHT });
    await settled();
    for (const device_id of name === 'quit' ? [LEFT] : [LEFT, RIGHT])
      send(`end ${device_id}`, name, name === 'quit' ? {} : { device_id });
    expect(await answers()).toMatchObject({ start: `recording_error:${code}`, snapshot: `command_nack:${code}` });
  });
});

describe('an unassignment', () => {
  it('ends a start that waits for the disk when it arrives', async () => {
    await rig.start();
    await rig.assign(LEFT, SESSION);
    rig.pipelines.habit = healthyBut('startRecording');
    send('start', 'start_recording', { device_id: LEFT });
    expect(await answers()).toEqual({});
    send('unassign', 'unassign_device', { device_id: LEFT });
    expect(await answers()).toEqual({ start: 'recording_error:no_device', unassign: 'device_unassigned' });
  });

  it('ends a start that waits for frames when it arrives, as what it is', async () => {
    await rightIsLost();
    send('start', 'start_recording', { device_id: RIGHT });
    expect(await answers()).toEqual({});
    send('unassign', 'unassign_device', { device_id: RIGHT });
    expect(await answers()).toMatchObject({ start: 'recording_error:no_device' });
    await rig.clock.advance(1_000);
    expect(await answers()).toMatchObject({ unassign: 'device_unassigned' });
  });
});

describe('a start for all cameras, one of which is lost', () => {
  it.each([
    ['stop_recording', { device_id: LEFT }],
    ['unassign_device', { device_id: LEFT }],
  ])('holds up no %s of another one, and is still answered later', async (name, fields) => {
    await rightIsLost();
    send('start', 'start_recording');
    await settled();
    send('stop', name, fields);
    expect(Object.keys(await answers())).toEqual(['stop']);
    rig.pipelines.of(RIGHT).giveFirstFrame();
    expect(await answers()).toMatchObject({ start: 'recording_started' });
    expect(rig.heard.named('recording_started').map(({ data }) => data.device_id)).toEqual([LEFT, RIGHT]);
  });

  it('lets go of nothing until the other cameras record', async () => {
    await rightIsLost();
    rig.pipelines.habit = silent;
    send('start', 'start_recording', { trial_number: 3 });
    send('stop', 'stop_recording', { device_id: LEFT });
    expect(await answers()).toEqual({});
    rig.pipelines.habit = healthyBut('open');
    begin(LEFT);
    expect(await answers()).toEqual({ stop: 'recording_stopped' });
    expect(rig.heard.named('recording_stopped')[0]?.data).toMatchObject({ device_id: LEFT, trial_number: 3 });
    await rig.clock.advance(11_000);
    expect(await answers()).toMatchObject({ start: 'recording_error:camera_disconnected' });
  });

  it('holds up no stop where the camera is lost before its first frame is on the disk', async () => {
    await rig.start();
    await rig.assign(LEFT, SESSION);
    await rig.assign(RIGHT);
    rig.pipelines.habit = (pipeline, command) => {
      const isSilent = command.type === 'startRecording' && pipeline.options.deviceId === RIGHT;
      if (!isSilent) healthy(pipeline, command);
    };
    send('start', 'start_recording');
    send('stop', 'stop_recording', { device_id: LEFT });
    expect(await answers()).toEqual({});
    rig.pipelines.of(RIGHT).emit({ type: 'recordingFailed', run: 1, error: GONE, isCameraLost: true });
    rig.pipelines.of(RIGHT).emit({ type: 'lost', run: 1, error: GONE, portReleased: true });
    expect(await answers()).toEqual({ stop: 'recording_stopped' });
  });

  it('holds up everything else', async () => {
    await rightIsLost();
    send('start', 'start_recording');
    send('settings', 'get_settings', { device_id: LEFT });
    expect(await answers()).toEqual({});
    await rig.clock.advance(11_000);
    expect(await answers()).toEqual({ start: 'recording_error:camera_disconnected', settings: 'settings' });
  });

  it('is answered when a later start replaces its take', async () => {
    await rightIsLost();
    send('first', 'start_recording', { trial_number: 1 });
    send('stop', 'stop_recording', { device_id: LEFT });
    send('second', 'start_recording', { trial_number: 2 });
    expect(await answers()).toEqual({ first: 'recording_error:camera_disconnected', stop: 'recording_stopped' });
    rig.pipelines.of(RIGHT).giveFirstFrame();
    expect(await answers()).toMatchObject({ second: 'recording_started' });
    const trials = rig.heard.named('recording_started').map(({ data }) => [data.device_id, data.trial_number]);
    expect(trials).toEqual([
      [LEFT, 1],
      [LEFT, 2],
      [RIGHT, 2],
    ]);
  });

  it('shares its answer with a later start where its take has begun meanwhile', async () => {
    await rightIsLost();
    send('first', 'start_recording', { trial_number: 1 });
    send('stop', 'stop_recording', { device_id: LEFT });
    await settled();
    // It is back, and the disk has not taken the first frame yet.
    rig.pipelines.habit = healthyBut('startRecording');
    rig.pipelines.of(RIGHT).giveFirstFrame();
    send('second', 'start_recording', { device_id: RIGHT, trial_number: 2 });
    expect(await answers()).toEqual({ stop: 'recording_stopped' });
    rig.pipelines.habit = healthy;
    begin(RIGHT);
    expect(await answers()).toMatchObject({ first: 'recording_started', second: 'recording_started' });
    expect(
      rig.heard
        .named('recording_started')
        .slice(1)
        .map(({ data }) => data.trial_number),
    ).toEqual([1, 1]);
  });

  it('gives a later one too the whole time for its first frame when the camera was lost once more', async () => {
    await rightIsLost();
    send('first', 'start_recording', { trial_number: 1 });
    send('stop', 'stop_recording', { device_id: LEFT });
    await settled();
    rig.pipelines.habit = healthyBut('startRecording');
    rig.pipelines.of(RIGHT).giveFirstFrame();
    send('second', 'start_recording', { device_id: RIGHT, trial_number: 2 });
    await rig.clock.advance(8_000);
    rig.pipelines.habit = healthyBut('open', 'startRecording');
    const right = rig.pipelines.of(RIGHT);
    right.emit({ type: 'recordingFailed', run: right.run, error: GONE, isCameraLost: true });
    right.emit({ type: 'lost', run: right.run, error: GONE, portReleased: true });
    await rig.clock.advance(2_000);
    right.giveFirstFrame();
    await rig.clock.advance(2_000);
    begin(RIGHT);
    expect(await answers()).toMatchObject({ first: 'recording_started', second: 'recording_started' });
  });

  it('is called off together with a later one when the disk does not answer', async () => {
    await rightIsLost();
    send('first', 'start_recording', { trial_number: 1 });
    send('stop', 'stop_recording', { device_id: LEFT });
    await settled();
    rig.pipelines.habit = healthyBut('startRecording');
    rig.pipelines.of(RIGHT).giveFirstFrame();
    send('second', 'start_recording', { device_id: RIGHT, trial_number: 2 });
    await rig.clock.advance(11_000);
    expect(await answers()).toMatchObject({ first: 'recording_error:io_error', second: 'recording_error:io_error' });
  });
});

describe('a start of a camera whose next frame is far', () => {
  const slowRight: PipelineHabit = (pipeline, command) => {
    const isSlow = command.type === 'startRecording' && pipeline.options.deviceId === RIGHT;
    if (!isSlow) healthy(pipeline, command);
  };

  beforeEach(async () => {
    await rig.start();
    await rig.assign(LEFT, SESSION);
    await rig.assign(RIGHT);
    rig.pipelines.habit = slowRight;
  });

  it.each([
    ['stop_recording', {}, 'recording_stopped'],
    ['stop_recording', { device_id: RIGHT }, 'recording_stopped'],
    ['stop_session', {}, 'command_ack'],
  ])('waits 200 ms for it where %s %p is behind, and is answered as called off', async (name, fields, stopped) => {
    send('start', 'start_recording', { trial_number: 4 });
    send('stop', name, fields);
    await rig.clock.advance(199);
    expect(await answers()).toEqual({});
    await rig.clock.advance(1);
    expect(await answers()).toEqual({ start: 'recording_error:start_cancelled', stop: stopped });
    const ended = rig.heard.named('recording_stopped').filter(({ data }) => data.device_id === RIGHT);
    expect(ended.map(({ data }) => [data.trial_number, data.frames])).toEqual([[4, 0]]);
  });

  it('holds up no stop that comes later', async () => {
    send('start', 'start_recording', { device_id: RIGHT });
    await rig.clock.advance(5_000);
    expect(await answers()).toEqual({});
    send('stop', 'stop_recording');
    expect(await answers()).toEqual({ start: 'recording_error:start_cancelled', stop: 'recording_stopped' });
    send('next', 'start_recording', { device_id: RIGHT });
    await settled();
    begin(RIGHT);
    expect(await answers()).toMatchObject({ next: 'recording_started' });
  });

  it('holds up no stop of another camera, and is answered with its take', async () => {
    send('start', 'start_recording');
    send('stop', 'stop_recording', { device_id: LEFT });
    await rig.clock.advance(200);
    expect(await answers()).toEqual({ stop: 'recording_stopped' });
    begin(RIGHT);
    expect(await answers()).toMatchObject({ start: 'recording_started' });
  });

  it('has its 200 ms from its instant on', async () => {
    const startNs = rig.clock.monotonicNs() + 1_000_000_000n;
    send('start', 'start_recording', { device_id: RIGHT, start_mono_ns: String(startNs) });
    await rig.clock.advance(1_050);
    send('stop', 'stop_recording');
    await rig.clock.advance(149);
    expect(await answers()).toEqual({});
    await rig.clock.advance(1);
    expect(await answers()).toEqual({ start: 'recording_error:start_cancelled', stop: 'recording_stopped' });
  });

  it('has them from the end of the last take on', async () => {
    send('first', 'start_recording', { device_id: RIGHT });
    await settled();
    begin(RIGHT);
    rig.pipelines.of(RIGHT).emit({ type: 'recordingEnding', run: 1 });
    send('start', 'start_recording', { device_id: RIGHT });
    send('stop', 'stop_recording', { device_id: RIGHT });
    await rig.clock.advance(1_000);
    expect(Object.keys(await answers())).toEqual(['first']);
    rig.pipelines.of(RIGHT).finishRecording('disk_full');
    await rig.clock.advance(199);
    send('again', 'stop_recording', { device_id: RIGHT });
    expect(Object.keys(await answers())).toEqual(['first']);
    await rig.clock.advance(1);
    expect(await answers()).toMatchObject({ start: 'recording_error:start_cancelled', stop: 'recording_stopped' });
  });

  it('is not called off by the end of a take before it that never began', async () => {
    send('first', 'start_recording');
    send('stop', 'stop_recording', { device_id: LEFT });
    await rig.clock.advance(200);
    rig.pipelines.of(RIGHT).emit({ type: 'recordingEnding', run: 1 });
    send('second', 'start_recording', { device_id: RIGHT });
    expect(await answers()).toEqual({ first: 'recording_error:camera_disconnected', stop: 'recording_stopped' });
    rig.pipelines.of(RIGHT).emit({ type: 'recordingStopped', run: 1, summary: summaryOf(0) });
    expect(Object.keys(await answers())).toEqual(['first', 'stop']);
    begin(RIGHT);
    expect(await answers()).toMatchObject({ second: 'recording_started' });
  });
});

it('a full house of commands is answered at the shutdown, each once and within the budget', async () => {
  await rig.start();
  rig.pipelines.habit = silent;
  for (const device of [LEFT, RIGHT]) send(`assign ${device}`, 'assign_device', { device_id: device, ...SESSION });
  for (let number = 0; number < 60; number += 1) {
    send(`stop ${number}`, 'stop_recording', { device_id: LEFT });
    send(`start ${number}`, 'start_recording', { device_id: number % 2 === 0 ? LEFT : RIGHT });
    send(`snapshot ${number}`, 'take_snapshot', number % 3 === 0 ? {} : { device_id: RIGHT });
    send(`set ${number}`, 'set_fps', { device_id: RIGHT, fps: 10 });
  }
  await settled();
  send('quit', 'quit');
  await rig.clock.advance(2_000);
  expect((await answers())['quit']).toBe('shutdown_complete');
});
