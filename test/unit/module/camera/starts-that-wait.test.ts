import { describe, expect, it } from '@jest/globals';
import { UNASSIGN_MS } from '../../../../src/core/closing-budget.js';
import { fromNow } from '../../../../src/core/deadline.js';
import { errorWithAdvice } from '../../../../src/core/errors.js';
import { healthy, healthyBut, summaryOf } from '../../../harness/fake-pipeline.js';
import { cameraRig, isAnswered, ORDER, recordingRig, type CameraRig } from './camera-rig.js';

/** A start that comes before the camera can begin: its answer is about its own take, or it says why there is none. */

const SECOND = { ...ORDER, trialNumber: 4 };
/** Just over what an operation may take at 30 frames a second, ms. */
const OVERDUE_MS = 10_334;

describe('a start while the last take is being finished', () => {
  /** A take that was stopped; the disk has not finished it when the stop is answered. */
  async function slowStop(): Promise<CameraRig> {
    const rig = await recordingRig();
    rig.pipelines.habit = healthyBut('stopRecording');
    const stopped = rig.camera.stopRecording('s1');
    await rig.clock.advance(OVERDUE_MS);
    expect(await stopped).toMatchObject({ status: 'recording_error', data: { code: 'io_error' } });
    return rig;
  }

  it('waits for its end and begins a new take', async () => {
    const { camera, pipeline, reported } = await slowStop();
    const answer = camera.startRecording(SECOND, 'r2');
    expect(await isAnswered(answer)).toBe(false);
    expect(camera.status()).toMatchObject({ pending_trial_number: 4, recording: { trial_number: 3 } });
    pipeline.finishRecording('command');
    expect(await answer).toMatchObject({ status: 'recording_started', data: { trial_number: 4 } });
    expect(reported).toEqual([
      { report: expect.objectContaining({ status: 'recording_stopped' }), replyTo: undefined },
    ]);
    expect(camera.status()).toMatchObject({ pending_trial_number: null, recording: { trial_number: 4 } });
  });

  it('is not answered by what is still said of the old take', async () => {
    const { camera, pipeline, clock, pipelines, names } = cameraRig(healthyBut('startRecording', 'stopRecording'));
    await camera.open('a1');
    const first = camera.startRecording(ORDER, 'r1');
    await clock.advance(OVERDUE_MS);
    expect(await first).toMatchObject({ status: 'recording_error' });
    const second = camera.startRecording(SECOND, 'r2');
    // The disk comes back: the first frame of the old take was written after all.
    pipeline.beginRecording({ ...ORDER, deviceId: 'picam:0', cameraLabel: '' });
    expect(await isAnswered(second)).toBe(false);
    pipelines.habit = healthy;
    const error = errorWithAdvice('io_error', 'Too late.').toData();
    pipeline.emit({ type: 'recordingStopped', run: 1, summary: summaryOf(1, { error, reason: 'io_error' }) });
    expect(await second).toMatchObject({ status: 'recording_started', data: { trial_number: 4 } });
    expect(names()).toEqual(['recording_started', 'recording_error', 'recording_stopped']);
  });

  it('is refused where the disk never finishes it', async () => {
    const { camera, pipeline, names } = await slowStop();
    const answer = camera.startRecording(SECOND, 'r2');
    const error = errorWithAdvice('io_error', 'The disk has done nothing for 10 s.').toData();
    pipeline.emit({ type: 'recordingStopped', run: 1, summary: summaryOf(1, { error, isGivenUp: true }) });
    expect(await answer).toMatchObject({
      status: 'recording_error',
      data: { code: 'io_error', error: expect.stringContaining('has not finished the last one') },
    });
    expect(names()).toEqual(['recording_error', 'recording_stopped']);
    expect(pipeline.told('startRecording')).toHaveLength(1);
  });

  it('is called off with its own limit, and nothing begins afterwards', async () => {
    const { camera, pipeline, clock } = await slowStop();
    const answer = camera.startRecording(SECOND, 'r2');
    await clock.advance(OVERDUE_MS);
    expect(await answer).toMatchObject({
      status: 'recording_error',
      data: { code: 'io_error', error: expect.stringContaining('was not finished on the disk in time') },
    });
    pipeline.finishRecording('command');
    expect(camera.isToRecord).toBe(false);
    expect(pipeline.told('startRecording')).toHaveLength(1);
  });

  it('waits likewise where the take ends by itself', async () => {
    const { camera, pipeline, names } = await recordingRig();
    pipeline.emit({ type: 'recordingEnding', run: 1 });
    const answer = camera.startRecording(SECOND, 'r2');
    expect(await isAnswered(answer)).toBe(false);
    pipeline.finishRecording('disk_full');
    expect(await answer).toMatchObject({ status: 'recording_started', data: { trial_number: 4 } });
    expect(names()).toEqual(['recording_stopped']);
  });

  it('is answered when the camera is closed meanwhile', async () => {
    const { camera, clock } = await slowStop();
    const answer = camera.startRecording(SECOND, 'r2');
    await camera.close('command', fromNow(clock, UNASSIGN_MS), 'u1');
    expect(await answer).toMatchObject({ status: 'recording_error', data: { code: 'no_device' } });
  });
});

describe('a start while the camera gives no frames', () => {
  it('begins with the first frame of a camera that opens', async () => {
    const { camera, pipeline, pipelines } = cameraRig(healthyBut('open'));
    const opened = camera.open('a1');
    const answer = camera.startRecording(ORDER, 'r1');
    expect(await isAnswered(answer)).toBe(false);
    pipelines.habit = healthy;
    pipeline.giveFirstFrame();
    expect(await opened).toMatchObject({ status: 'device_ready' });
    expect(await answer).toMatchObject({ status: 'recording_started', data: { trial_number: 3 } });
    expect(pipeline.told('startRecording')[0]?.order.cameraLabel).toBe('IMX296_picam:0');
  });

  it('begins with the first frame of a camera that is being reconnected, whether takes are resumed or not', async () => {
    const { camera, pipeline, clock } = cameraRig(healthy, { resumesAfterReconnect: false });
    await camera.open('a1');
    pipeline.lose();
    const answer = camera.startRecording(ORDER, 'r1');
    expect(await isAnswered(answer)).toBe(false);
    await clock.advance(500);
    expect(await answer).toMatchObject({ status: 'recording_started', data: { trial_number: 3 } });
  });

  it('takes the place of the take that would have been resumed', async () => {
    const { camera, pipeline, clock } = await recordingRig({ resumesAfterReconnect: true });
    pipeline.lose();
    expect(camera.isRecording).toBe(false);
    const answer = camera.startRecording(SECOND, 'r2');
    await clock.advance(500);
    expect(await answer).toMatchObject({ status: 'recording_started', data: { trial_number: 4 } });
    expect(pipeline.told('startRecording').map(({ order }) => order.trialNumber)).toEqual([3, 4]);
  });

  it('is answered in time, remembered all the same, and told when it begins', async () => {
    const { camera, pipeline, pipelines, clock, reported } = cameraRig(healthy, { delayMs: () => 60_000 });
    await camera.open('a1');
    pipeline.lose();
    const answer = camera.startRecording(ORDER, 'r1');
    await clock.advance(OVERDUE_MS);
    expect(await answer).toMatchObject({
      status: 'recording_error',
      data: { code: 'camera_disconnected', error: expect.stringContaining('starts by itself') },
    });
    expect(camera.isToRecord).toBe(true);
    expect(camera.status()).toMatchObject({ state: 'waiting', pending_trial_number: 3, recording: null });
    pipelines.habit = healthy;
    await clock.advance(60_000);
    expect(reported.at(-1)).toMatchObject({
      report: { status: 'recording_started', data: { trial_number: 3 } },
      replyTo: undefined,
    });
  });

  it('has its whole limit for the disk once the frames come', async () => {
    const { camera, pipeline, pipelines, clock } = cameraRig(healthy, { delayMs: () => 9_000 });
    await camera.open('a1');
    pipeline.lose();
    const answer = camera.startRecording(ORDER, 'r1');
    pipelines.habit = healthyBut('startRecording');
    await clock.advance(18_000);
    expect(await isAnswered(answer)).toBe(false);
    const [order] = pipeline.told('startRecording');
    if (order === undefined) throw new Error('It was not ordered.');
    pipeline.beginRecording(order.order);
    expect(await answer).toMatchObject({ status: 'recording_started' });
  });

  it('is cancelled by a stop', async () => {
    const { camera, pipeline, clock } = cameraRig(healthy, { delayMs: () => 60_000 });
    await camera.open('a1');
    pipeline.lose();
    const answer = camera.startRecording(ORDER, 'r1');
    camera.releaseStart();
    expect(await answer).toMatchObject({ status: 'recording_error', data: { code: 'camera_disconnected' } });
    expect(await camera.stopRecording('s1')).toMatchObject({ status: 'recording_stopped', data: { frames: 0 } });
    await clock.advance(60_000);
    expect(camera.status().state).toBe('streaming');
    expect(pipeline.told('startRecording')).toHaveLength(0);
  });

  it('fails with the camera that could not be opened', async () => {
    const { camera, pipeline } = cameraRig(healthyBut('open'));
    const opened = camera.open('a1');
    const answer = camera.startRecording(ORDER, 'r1');
    pipeline.lose('camera_in_use');
    expect(await opened).toMatchObject({ status: 'device_error' });
    expect(await answer).toMatchObject({ status: 'recording_error', data: { code: 'camera_in_use' } });
  });

  it('that waited for its first frame when the camera was lost begins when it is back', async () => {
    const { camera, pipeline, pipelines, clock, names } = cameraRig(healthyBut('startRecording'));
    await camera.open('a1');
    const answer = camera.startRecording(ORDER, 'r1');
    const error = errorWithAdvice('camera_disconnected', 'Gone.').toData();
    pipeline.emit({ type: 'recordingFailed', run: 1, error, isCameraLost: true });
    pipeline.lose();
    expect(await isAnswered(answer)).toBe(false);
    pipelines.habit = healthy;
    await clock.advance(500);
    expect(await answer).toMatchObject({ status: 'recording_started', data: { trial_number: 3 } });
    expect(names()).toEqual(['device_error', 'device_ready']);
  });
});
