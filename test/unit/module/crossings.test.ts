import { beforeEach, expect, it } from '@jest/globals';
import { errorWithAdvice } from '../../../src/core/errors.js';
import { healthy, healthyBut, silent, summaryOf } from '../../harness/fake-pipeline.js';
import { settled } from '../../harness/manual-clock.js';
import { moduleRig, type ModuleRig } from './module-rig.js';

/** Commands that cross what happens meanwhile, or stand behind each other in the queue. */

const GONE = errorWithAdvice('camera_disconnected', 'Gone.').toData();
const SESSION = { session_dir: '/data/session_1' };
let rig: ModuleRig;

beforeEach(() => {
  rig = moduleRig();
});

/** As many of these wait as may. */
async function fillLanes(): Promise<void> {
  for (let command = 0; command < 256; command += 1) void rig.ask('get_settings');
  await settled();
}

it('begins no take after stop_session, though the loss was told only afterwards', async () => {
  await rig.start({ recording: { resumeAfterReconnect: true } });
  await rig.assign('picam:0', SESSION);
  await rig.ask('start_recording');
  const pipeline = rig.pipelines.last;
  pipeline.finishRecording('device_error');
  expect(await rig.ask('stop_session')).toMatchObject({ status: 'command_ack' });
  pipeline.emit({ type: 'lost', run: 1, error: GONE, portReleased: true });
  await rig.clock.advance(60_000);
  expect(pipeline.told('startRecording')).toHaveLength(1);
  await rig.end();
});

it('tells the end of a take once, where its host stops it in that very moment', async () => {
  const heard: unknown[] = [];
  let stop: Promise<unknown> | undefined;
  await rig.start({}, (message) => {
    const frames = 'frames' in message.data ? message.data.frames : undefined;
    heard.push([message.status, message.in_reply_to, frames]);
    if (message.status === 'recording_error') stop = rig.ask('stop_recording', { command_id: 's1' });
  });
  await rig.assign('picam:0', SESSION);
  await rig.ask('start_recording', { command_id: 'r1' });
  heard.length = 0;
  const error = errorWithAdvice('disk_full', 'Full.').toData();
  rig.pipelines.last.emit({ type: 'recordingStopped', run: 1, summary: summaryOf(5, { reason: 'disk_full', error }) });
  await settled();
  await stop;
  expect(heard).toEqual([
    ['recording_error', undefined, undefined],
    ['recording_stopped', undefined, 5],
    ['recording_stopped', 's1', 0],
  ]);
  await rig.end();
});

it('ends no wait by a stop that it refuses', async () => {
  await rig.start();
  await rig.assign('picam:0', SESSION);
  rig.pipelines.habit = silent;
  rig.pipelines.last.lose();
  let answer: unknown;
  void rig.ask('start_recording').then((message) => {
    answer = message;
  });
  await settled();
  await fillLanes();
  expect(await rig.ask('stop_recording')).toMatchObject({ status: 'command_nack', data: { code: 'queue_full' } });
  await settled();
  expect(answer).toBeUndefined();
  await rig.end();
});

it('leaves an assignment alone whose end it refuses', async () => {
  rig = moduleRig(silent);
  await rig.start();
  const assigned = rig.assign('picam:0', SESSION);
  await settled();
  await fillLanes();
  expect(await rig.ask('unassign_device')).toMatchObject({ status: 'command_nack', data: { code: 'queue_full' } });
  rig.pipelines.last.giveFirstFrame();
  expect(await assigned).toMatchObject({ status: 'device_ready' });
  await rig.end();
});

it('holds no unassignment up behind a start that waits for the disk', async () => {
  await rig.start();
  await rig.assign('picam:0', SESSION);
  rig.pipelines.habit = healthyBut('startRecording');
  const hold = rig.ask('get_settings');
  const start = rig.ask('start_recording');
  const unassigned = rig.ask('unassign_device');
  await hold;
  expect(await start).toMatchObject({ status: 'recording_error', data: { code: 'no_device' } });
  expect(await unassigned).toMatchObject({ status: 'device_unassigned' });
  await rig.end();
});

it('counts no trial for a start that no camera can carry out', async () => {
  await rig.start({ reconnect: { maxAttempts: 1 } });
  await rig.assign('picam:0', SESSION);
  rig.pipelines.habit = silent;
  rig.pipelines.last.lose();
  await rig.clock.advance(60_000);
  rig.pipelines.last.lose();
  expect(rig.module.status().cameras[0]?.state).toBe('closed');
  expect(await rig.ask('start_recording')).toMatchObject({ status: 'recording_error', data: { code: 'no_device' } });
  rig.pipelines.habit = healthy;
  await rig.assign('picam:0');
  expect(await rig.ask('start_recording')).toMatchObject({ status: 'recording_started', data: { trial_number: 1 } });
  await rig.end();
});
