import { describe, expect, it } from '@jest/globals';
import { OVERDUE_RESERVE_MS, SHUTDOWN_CAMERAS_MS } from '../../../../src/core/closing-budget.js';
import { fromNow } from '../../../../src/core/deadline.js';
import { ERROR_ADVICE, errorWithAdvice } from '../../../../src/core/errors.js';
import { healthy, healthyBut, silent, summaryOf } from '../../../harness/fake-pipeline.js';
import { cameraRig, isAnswered, ORDER, recordingRig } from './camera-rig.js';

const ERROR = errorWithAdvice('disk_full', 'No space.', { path: '/data' }).toData();

describe('startRecording', () => {
  it('orders a take with the label of the camera, and answers when its first frame is written', async () => {
    const { camera, pipeline, pipelines } = cameraRig(healthyBut('startRecording'));
    await camera.open('a1');
    const answer = camera.startRecording(ORDER, 'r1');
    expect(await isAnswered(answer)).toBe(false);
    const order = { ...ORDER, deviceId: 'picam:0', cameraLabel: 'IMX296_picam:0' };
    expect(pipeline.told('startRecording')).toEqual([{ type: 'startRecording', run: 1, order }]);
    pipelines.habit = healthy;
    pipeline.beginRecording(order);
    expect(await answer).toMatchObject({
      status: 'recording_started',
      data: { trial_number: 3, trial_label: 'left', take: 1, video_path: '/data/session_1/trial3_take1.avi' },
    });
  });

  it.each([
    [{ displayName: 'Left eye', stableId: '/base/soc/i2c0/imx296@1a' }, 'Left eye_/base/so'],
    [{ displayName: '', stableId: 'picam:0' }, 'IMX296_picam:0'],
  ])('labels %p as %p', async (wish, cameraLabel) => {
    const { camera, pipeline } = cameraRig(healthy, wish);
    await camera.open('a1');
    await camera.startRecording(ORDER, 'r1');
    expect(pipeline.told('startRecording')[0]?.order.cameraLabel).toBe(cameraLabel);
  });

  it('begins nothing after its camera is about to be released, though that waits for its turn', async () => {
    const { camera, pipeline, clock } = cameraRig(healthyBut('open'));
    void camera.open('a1');
    pipeline.giveFirstFrame();
    pipeline.lose();
    const answer = camera.startRecording(ORDER, 'r1');
    camera.abortWaits('no_device');
    expect(await answer).toMatchObject({ status: 'recording_error', data: { code: 'no_device' } });
    await clock.advance(1_000);
    pipeline.giveFirstFrame();
    expect([camera.status().state, pipeline.told('startRecording')]).toEqual(['streaming', []]);
  });

  it('calls a camera of unknown model a camera', async () => {
    const { camera, pipeline } = cameraRig(silent);
    const opening = camera.open('a1');
    pipeline.giveFirstFrame({ index: 0, cameraId: '', model: '', width: 640, height: 480 });
    await opening;
    void camera.startRecording(ORDER, 'r1');
    expect(pipeline.told('startRecording')[0]?.order.cameraLabel).toBe('Camera_picam:0');
  });

  it('answers with the present take where one is being recorded', async () => {
    const { camera, pipeline } = await recordingRig();
    expect(await camera.startRecording({ ...ORDER, trialNumber: 9 }, 'r2')).toMatchObject({
      status: 'recording_started',
      data: { trial_number: 3 },
    });
    expect(pipeline.told('startRecording')).toHaveLength(1);
  });

  it('fails with what the recording says, and logs it with its context', async () => {
    const { camera, pipeline, logs, reported } = cameraRig(healthyBut('startRecording'));
    await camera.open('a1');
    const answer = camera.startRecording(ORDER, 'r1');
    pipeline.emit({ type: 'recordingFailed', run: 1, error: ERROR, isCameraLost: false });
    expect(await answer).toEqual({
      status: 'recording_error',
      data: { device_id: 'picam:0', code: 'disk_full', error: ERROR.message },
    });
    expect(reported).toEqual([]);
    expect(logs.lines.at(-1)?.context).toEqual({ device: 'picam:0', code: 'disk_full', path: '/data' });
  });

  it('is called off when the disk takes no frame in ten seconds and ten frame times', async () => {
    const { camera, pipeline, clock, reported } = cameraRig(healthyBut('startRecording'));
    await camera.open('a1');
    const answer = camera.startRecording(ORDER, 'r1');
    await clock.advance(10_333);
    expect(await isAnswered(answer)).toBe(false);
    await clock.advance(1);
    expect(await answer).toMatchObject({ status: 'recording_error', data: { code: 'io_error' } });
    expect(pipeline.told('stopRecording')).toEqual([
      { type: 'stopRecording', run: 1, reason: 'io_error', stopNs: null },
    ]);
    expect(reported).toEqual([
      { report: expect.objectContaining({ status: 'recording_stopped' }), replyTo: undefined },
    ]);
    expect(camera.isRecording).toBe(false);
    expect(clock.timers).toBe(0);
  });

  it('is ended at once by an unassignment', async () => {
    const { camera } = cameraRig(healthyBut('startRecording'));
    await camera.open('a1');
    const answer = camera.startRecording(ORDER, 'r1');
    camera.abortWaits('no_device');
    expect(await answer).toMatchObject({ status: 'recording_error', data: { code: 'no_device' } });
  });

  it('fails where the camera gives no frames', async () => {
    const { camera } = cameraRig(healthy);
    expect(await camera.startRecording(ORDER, 'r1')).toMatchObject({ data: { code: 'no_device' } });
  });
});

describe('stopRecording', () => {
  it('answers with what the take came to', async () => {
    const { camera, pipeline, reported, clock } = await recordingRig();
    const answer = await camera.stopRecording('s1');
    expect(answer).toMatchObject({
      status: 'recording_stopped',
      data: { trial_number: 3, take: 1, frames: 1, reason: 'command' },
    });
    expect(pipeline.told('stopRecording')).toHaveLength(1);
    expect(reported).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('has each figure of the take under its own name, with as many digits as it has meaning', async () => {
    const { camera, pipeline, pipelines } = await recordingRig();
    pipelines.habit = healthyBut('stopRecording');
    const answer = camera.stopRecording('s1');
    const counts = { delivered: 21, recorded: 10, dropped: 4, skipped: 7, missingAtSource: 3, disordered: 5 };
    const summary = summaryOf(10, { counts, bytes: 2_000, durationS: 1 / 3 });
    pipeline.emit({ type: 'recordingStopped', run: 1, summary });
    expect((await answer).data).toMatchObject({
      frames: 10,
      delivered: 21,
      dropped: 4,
      skipped: 7,
      source_gaps: 3,
      timestamps_disordered: 5,
      bytes: 2_000,
      duration_s: 0.333,
    });
  });

  it.each([
    [undefined, 'The index of /data/take1.avi is full.'],
    ['fileSize' as const, '/data/take1.avi has the largest size that the file system or the process allows.'],
  ])('tells why a recording goes on in another take (%p)', async (endedBy, why) => {
    const { pipeline, reported } = await recordingRig();
    const paths = { take: 1, videoPath: '/data/take1.avi', timingPath: '/data/take1_timing.csv' };
    const ended = { paths, frames: 10, durationS: 1, bytes: 1_000, ...(endedBy === undefined ? {} : { endedBy }) };
    const next = { take: 2, videoPath: '/data/take2.avi', timingPath: '/data/take2_timing.csv' };
    pipeline.emit({ type: 'recordingContinued', run: 1, ended, paths: next });
    const message = `${why} The recording continues in take 2, /data/take2.avi.`;
    expect(reported).toMatchObject([{ report: { data: { code: 'recording_continues', message } } }]);
  });

  it('tells of a recording that goes on in another take, and at its end of all of them', async () => {
    const { camera, pipeline, pipelines, reported, logs } = await recordingRig();
    pipelines.habit = healthyBut('stopRecording');
    const [first, second] = [1, 2].map((take) => ({
      paths: { take, videoPath: `/data/take${take}.avi`, timingPath: `/data/take${take}_timing.csv` },
      frames: take * 10,
      durationS: take,
      bytes: take * 1_000,
    }));
    if (first === undefined || second === undefined) throw new Error('Two were made.');
    pipeline.emit({ type: 'recordingContinued', run: 1, ended: first, paths: second.paths });
    expect(reported.splice(0)).toMatchObject([
      { report: { status: 'warning', data: { code: 'recording_continues' } } },
    ]);
    expect(logs.lines.at(-1)?.context).toMatchObject({ path: '/data/take1.avi', next: '/data/take2.avi', frames: 10 });
    expect(camera.status().recording).toMatchObject({ take: 2, video_path: '/data/take2.avi' });
    const answer = camera.stopRecording('s1');
    const summary = summaryOf(30, { paths: first.paths, parts: [first, second] });
    pipeline.emit({ type: 'recordingStopped', run: 1, summary });
    const parts = [1, 2].map((take) => ({
      take,
      video_path: `/data/take${take}.avi`,
      timing_path: `/data/take${take}_timing.csv`,
      frames: take * 10,
    }));
    expect(await answer).toMatchObject({ data: { frames: 30, take: 1, video_path: '/data/take1.avi', parts } });
  });

  it('names the metadata file where there is one, of each part too', async () => {
    const { camera, pipeline } = cameraRig(healthyBut('startRecording', 'stopRecording'));
    await camera.open('a1');
    const starting = camera.startRecording(ORDER, 'r1');
    const paths = [1, 2].map((take) => ({
      take,
      videoPath: `/data/${take}.avi`,
      timingPath: `/data/${take}_timing.csv`,
      metadataPath: `/data/${take}_metadata.csv`,
    }));
    const [first, second] = paths;
    if (first === undefined || second === undefined) throw new Error('Two were made.');
    pipeline.emit({ type: 'recordingStarted', run: 1, paths: first, firstFrameNs: 1n });
    expect(await starting).toMatchObject({ data: { metadata_path: '/data/1_metadata.csv' } });
    const stopping = camera.stopRecording('s1');
    const moved = { ...second, metadataPath: null };
    const parts = [first, moved].map((found) => ({ paths: found, frames: 5, durationS: 1, bytes: 9 }));
    pipeline.emit({ type: 'recordingStopped', run: 1, summary: summaryOf(10, { paths: first, parts }) });
    expect(await stopping).toMatchObject({
      data: {
        metadata_path: '/data/1_metadata.csv',
        parts: [{ metadata_path: '/data/1_metadata.csv' }, { metadata_path: null }],
      },
    });
  });

  it('names no metadata file where there is none', async () => {
    const { camera } = await recordingRig();
    expect(await camera.startRecording(ORDER, 'r2')).not.toHaveProperty('data.metadata_path');
    expect(await camera.stopRecording('s1')).not.toHaveProperty('data.metadata_path');
  });

  it('answers with zeros where nothing is recorded', async () => {
    const { camera, pipeline } = cameraRig(healthy);
    await camera.open('a1');
    expect(await camera.stopRecording('s1')).toMatchObject({
      status: 'recording_stopped',
      data: { device_id: 'picam:0', trial_number: null, video_path: null, frames: 0 },
    });
    expect(pipeline.told('stopRecording')).toEqual([]);
  });

  it('reports what went wrong with the take before its final answer, and not as that answer', async () => {
    const { camera, pipeline, pipelines, reported, logs } = await recordingRig();
    pipelines.habit = healthyBut('stopRecording');
    const answer = camera.stopRecording('s1');
    pipeline.emit({ type: 'recordingStopped', run: 1, summary: summaryOf(4, { reason: 'disk_full', error: ERROR }) });
    expect(await answer).toMatchObject({ status: 'recording_stopped', data: { frames: 4, reason: 'disk_full' } });
    expect(reported).toEqual([{ report: expect.objectContaining({ status: 'recording_error' }), replyTo: undefined }]);
    expect(logs.lines.at(-1)).toMatchObject({ level: 'error', context: { code: 'disk_full', path: '/data' } });
  });

  it('closes the books of a take in the log: what the camera delivered, and what became of it', async () => {
    const { camera, pipeline, pipelines, logs } = await recordingRig();
    pipelines.habit = healthyBut('stopRecording');
    const answer = camera.stopRecording('s1');
    const summary = summaryOf(4, {});
    pipeline.emit({ type: 'recordingStopped', run: 1, summary });
    await answer;
    expect(logs.lines.find(({ message }) => message === 'Recording stopped.')).toMatchObject({
      level: 'info',
      context: { device: 'picam:0', reason: summary.reason, ...summary.counts },
    });
  });

  it('does not wait for ever for a disk that hangs', async () => {
    const { camera, pipelines, clock } = await recordingRig();
    pipelines.habit = silent;
    const answer = camera.stopRecording('s1');
    await clock.advance(10_334);
    const error = expect.stringContaining(ERROR_ADVICE.io_error);
    expect(await answer).toMatchObject({ status: 'recording_error', data: { code: 'io_error', error } });
    expect(clock.timers).toBe(0);
  });

  it('is answered by the close of a camera whose disk hangs', async () => {
    const { camera, pipelines, clock } = await recordingRig();
    pipelines.habit = silent;
    const stop = camera.stopRecording('s1');
    const close = camera.close('shutdown', fromNow(clock, SHUTDOWN_CAMERAS_MS), 'q1');
    await clock.advance(SHUTDOWN_CAMERAS_MS - OVERDUE_RESERVE_MS);
    expect(await stop).toMatchObject({ status: 'recording_error', data: { code: 'io_error' } });
    expect(await close).toMatchObject({ status: 'device_unassigned', data: { port_released: false } });
    expect(clock.timers).toBe(0);
  });
});

describe('a recording that ends by itself', () => {
  it('is reported without a command as its cause', async () => {
    const { pipeline, reported } = await recordingRig();
    pipeline.emit({ type: 'recordingStopped', run: 1, summary: summaryOf(4, { reason: 'disk_full', error: ERROR }) });
    expect(reported).toEqual([
      { report: expect.objectContaining({ status: 'recording_error' }), replyTo: undefined },
      { report: expect.objectContaining({ status: 'recording_stopped' }), replyTo: undefined },
    ]);
  });
});

describe('takeSnapshot', () => {
  it('answers with the path', async () => {
    const { camera, pipeline } = cameraRig(healthy);
    await camera.open('a1');
    expect(await camera.takeSnapshot('/data/session_1', 't1')).toEqual({
      status: 'snapshot_taken',
      data: { device_id: 'picam:0', path: '/data/session_1/snapshot_1.jpg', bytes: 1_000 },
    });
    expect(pipeline.told('takeSnapshot')[0]).toMatchObject({ cameraLabel: 'IMX296_picam:0', run: 1 });
  });

  it('fails with what the pipeline says', async () => {
    const { camera, pipeline } = cameraRig(healthyBut('takeSnapshot'));
    await camera.open('a1');
    const answer = camera.takeSnapshot('/data', 't1');
    pipeline.emit({ type: 'snapshotFailed', run: 1, request: 1, error: ERROR });
    expect(await answer).toEqual({
      status: 'command_nack',
      data: { success: false, code: 'disk_full', error: ERROR.message },
    });
  });

  it('fails at once where the camera gives no frames', async () => {
    const { camera, pipeline } = cameraRig(healthy);
    expect(await camera.takeSnapshot('/data', 't1')).toMatchObject({ data: { code: 'camera_disconnected' } });
    expect(pipeline.sent).toEqual([]);
  });

  it('is not answered by an older snapshot that comes late', async () => {
    const { camera, pipeline, clock } = cameraRig(healthyBut('takeSnapshot'));
    await camera.open('a1');
    const first = camera.takeSnapshot('/data', 't1');
    await clock.advance(10_334);
    expect(await first).toMatchObject({ status: 'command_nack', data: { code: 'io_error' } });
    const second = camera.takeSnapshot('/data', 't2');
    pipeline.emit({ type: 'snapshotTaken', run: 1, request: 1, path: '/data/old.jpg', bytes: 1 });
    pipeline.emit({ type: 'snapshotFailed', run: 1, request: 1, error: ERROR });
    expect(await isAnswered(second)).toBe(false);
    pipeline.emit({ type: 'snapshotTaken', run: 1, request: 2, path: '/data/new.jpg', bytes: 1 });
    expect(await second).toMatchObject({ data: { path: '/data/new.jpg' } });
  });

  it('is ended at once by a shutdown', async () => {
    const { camera } = cameraRig(healthyBut('takeSnapshot'));
    await camera.open('a1');
    const answer = camera.takeSnapshot('/data', 't1');
    camera.abortWaits('shutting_down');
    expect(await answer).toMatchObject({ status: 'command_nack', data: { code: 'shutting_down' } });
  });
});

describe('the end of a recording', () => {
  it('tells the least and the most that the frames told of the camera', async () => {
    const { camera, pipeline, pipelines } = await recordingRig();
    pipelines.habit = silent;
    const stopped = camera.stopRecording('s1');
    const given = {
      exposureTimeUs: [4_996.4, 5_003.6],
      gain: [1, 2.123_456],
      colourTemperatureK: [4_512.3, 4_512.3],
      lensPositionDioptres: [2.000_4, 2.000_6],
      lux: null,
    } as const;
    pipeline.emit({ type: 'recordingStopped', run: 1, summary: summaryOf(5, { given }) });
    expect((await stopped).data).toMatchObject({
      given: {
        exposure_time_us: [4_996, 5_004],
        gain: [1, 2.123],
        colour_temperature_k: [4_512, 4_512],
        lens_position_dioptres: [2, 2.001],
        lux: null,
      },
    });
  });
});
