import { describe, expect, it } from '@jest/globals';
import { UNASSIGN_MS } from '../../../../src/core/closing-budget.js';
import { fromNow } from '../../../../src/core/deadline.js';
import { errorWithAdvice } from '../../../../src/core/errors.js';
import { healthy, healthyBut } from '../../../harness/fake-pipeline.js';
import { cameraRig, isAnswered, ORDER, recordingRig } from './camera-rig.js';

/** Commands and events that cross each other on the way. */

const GONE = errorWithAdvice('camera_disconnected', 'Gone.').toData();

describe('a take whose end came before the loss of its camera', () => {
  it('can be called off in between', async () => {
    const { camera, pipeline, clock } = await recordingRig({ resumesAfterReconnect: true });
    pipeline.finishRecording('device_error');
    expect(camera.isToRecord).toBe(true);
    expect(camera.status().pending_trial_number).toBe(3);
    await camera.stopRecording('x1');
    pipeline.emit({ type: 'lost', run: 1, error: GONE, portReleased: true });
    await clock.advance(500);
    expect(pipeline.told('startRecording')).toHaveLength(1);
  });

  it('offers nothing to call off where takes are not resumed', async () => {
    const { camera, pipeline } = await recordingRig({ resumesAfterReconnect: false });
    pipeline.finishRecording('device_error');
    expect(camera.isToRecord).toBe(false);
    expect(camera.status().pending_trial_number).toBeNull();
  });
});

describe('the port of a lost camera', () => {
  it('is not called free where its process was left, though the close crossed the loss', async () => {
    const { camera, pipeline, clock } = cameraRig(healthyBut('close'));
    await camera.open('a1');
    const closed = camera.close('command', fromNow(clock, UNASSIGN_MS), 'u1');
    pipeline.emit({ type: 'lost', run: 1, error: GONE, portReleased: false });
    expect(await closed).toMatchObject({ status: 'device_unassigned', data: { port_released: false } });
  });

  it('is not called free by an unassignment after the loss', async () => {
    const { camera, pipeline, clock } = cameraRig(healthy);
    await camera.open('a1');
    pipeline.emit({ type: 'lost', run: 1, error: GONE, portReleased: false });
    const answer = await camera.close('command', fromNow(clock, UNASSIGN_MS), 'u1');
    expect(answer).toMatchObject({ status: 'device_unassigned', data: { port_released: false } });
  });
});

it('answers a start for a camera that is lost again and again', async () => {
  const { camera, pipeline, pipelines, clock } = cameraRig(healthy);
  await camera.open('a1');
  pipelines.habit = healthyBut('startRecording');
  const answer = camera.startRecording(ORDER, 'r1');
  for (let passedMs = 0; passedMs < 21_000; passedMs += 500) {
    pipeline.emit({ type: 'recordingFailed', run: pipeline.run, error: GONE, isCameraLost: true });
    pipeline.lose();
    await clock.advance(500);
  }
  expect(await isAnswered(answer)).toBe(true);
});

it('answers a start whose stop waits behind it when the camera is lost after the stop arrived', async () => {
  const { camera, pipeline, pipelines } = cameraRig(healthy);
  await camera.open('a1');
  pipelines.habit = healthyBut('startRecording');
  const answer = camera.startRecording(ORDER, 'r1');
  camera.releaseStart(); // a stop arrives
  pipeline.emit({ type: 'recordingFailed', run: 1, error: GONE, isCameraLost: true });
  pipeline.lose();
  expect(await isAnswered(answer)).toBe(true);
});
