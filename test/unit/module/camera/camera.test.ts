import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { SHUTDOWN_CAMERAS_MS, UNASSIGN_MS } from '../../../../src/core/closing-budget.js';
import { fromNow } from '../../../../src/core/deadline.js';
import { errorWithAdvice } from '../../../../src/core/errors.js';
import { NOTHING_GIVEN } from '../../../../src/core/given-settings.js';
import { STATUSES, type Report } from '../../../../src/protocol/statuses.js';
import { FAKE_FORMAT } from '../../../harness/fake-camera-source.js';
import { healthy, healthyBut, NO_FIGURES, silent, summaryOf } from '../../../harness/fake-pipeline.js';
import { settled } from '../../../harness/manual-clock.js';
import { cameraRig, isAnswered, ORDER, recordingRig, type CameraRig } from './camera-rig.js';

const ERROR = errorWithAdvice('disk_full', 'No space.', { path: '/data' }).toData();

describe('open', () => {
  it('starts nothing before it is called', () => {
    const { pipeline, camera, clock } = cameraRig(healthy);
    expect(pipeline.sent).toEqual([]);
    expect(camera.status().state).toBe('closed');
    expect(clock.timers).toBe(0);
  });

  it('waits for the first frame', async () => {
    const { camera, pipeline } = cameraRig(silent);
    const answer = camera.open('a1');
    expect(await isAnswered(answer)).toBe(false);
    expect(camera.status().state).toBe('opening');
    pipeline.giveFirstFrame();
    expect(await answer).toMatchObject({ status: 'device_ready', data: { device_id: 'picam:0', model: 'imx296' } });
  });

  it.each([
    [30.00030000299987, 30],
    [119.6012, 119.6],
    [0.004999999, 0.005],
  ])('tells a rate of %p with as many digits as it has meaning', async (fps, told) => {
    const { camera, pipeline } = cameraRig(silent);
    const answer = camera.open('a1');
    pipeline.giveFirstFrame(FAKE_FORMAT, fps);
    expect((await answer).data).toMatchObject({ fps: told });
    expect(camera.status().given?.fps).toBe(told);
  });

  it('fails with what the pipeline says', async () => {
    const { camera, pipeline, reported, logs } = cameraRig(silent);
    const answer = camera.open('a1');
    pipeline.lose('camera_in_use');
    expect(await answer).toMatchObject({ status: 'device_error', data: { code: 'camera_in_use', recoverable: true } });
    expect(reported).toEqual([]);
    expect(camera.status()).toMatchObject({ state: 'closed', error: { code: 'camera_in_use' } });
    expect(logs.lines).toContainEqual(
      expect.objectContaining({ level: 'error', context: expect.objectContaining({ code: 'camera_in_use' }) }),
    );
  });

  it('answers at once where the camera streams already', async () => {
    const { camera, pipeline } = cameraRig(healthy);
    await camera.open('a1');
    expect((await camera.open('a2')).status).toBe('device_ready');
    expect(pipeline.told('open')).toHaveLength(1);
  });

  it('can be tried again after it failed', async () => {
    const { camera, pipeline } = cameraRig(silent);
    const first = camera.open('a1');
    pipeline.lose('camera_in_use');
    await first;
    const second = camera.open('a2');
    pipeline.giveFirstFrame();
    expect((await second).status).toBe('device_ready');
    expect(pipeline.told('open').map(({ run }) => run)).toEqual([1, 2]);
    expect(camera.status().error).toBeNull();
  });

  it.each(['shutting_down', 'no_device'] as const)('is ended at once by %s', async (code) => {
    const { camera, pipeline } = cameraRig(silent);
    const answer = camera.open('a1');
    camera.abortWaits(code);
    expect(await answer).toMatchObject({ status: 'device_error', data: { code, recoverable: true } });
    pipeline.giveFirstFrame();
    expect(camera.status().state).toBe('streaming');
  });
});

describe('a lost camera', () => {
  it('is reported, reopened after growing delays, and reported again when a frame came', async () => {
    const { camera, pipeline, pipelines, clock, reported, logs } = cameraRig(healthy);
    await camera.open('a1');
    pipelines.habit = silent;
    pipeline.lose();
    expect(reported.map(({ report }) => report)).toEqual([
      { status: 'device_error', data: expect.objectContaining({ recoverable: true, retry_in_ms: 500 }) },
    ]);
    await clock.advance(499);
    expect(pipeline.told('open')).toHaveLength(1);
    await clock.advance(1);
    expect(pipeline.told('open')).toHaveLength(2);
    pipeline.lose('camera_not_found');
    await clock.advance(1000);
    pipeline.giveFirstFrame();
    expect(reported.slice(1).map(({ report }) => report)).toEqual([
      { status: 'device_error', data: expect.objectContaining({ code: 'camera_not_found', retry_in_ms: 1000 }) },
      {
        status: 'device_ready',
        data: expect.objectContaining({ reconnected: true, attempts: 2, downtime_ms: 1500 }),
      },
    ]);
    expect(logs.saying('Trying again.').map(({ context }) => context)).toEqual([
      { device: 'picam:0', attempt: 1, delayMs: 500 },
      { device: 'picam:0', attempt: 2, delayMs: 1000 },
    ]);
    expect(clock.timers).toBe(0);
  });

  it('has its recording reported as stopped first', async () => {
    const { pipeline, names } = await recordingRig();
    pipeline.lose();
    expect(names()).toEqual(['recording_stopped', 'device_error']);
  });

  it('is not reopened after it was closed', async () => {
    const { camera, pipeline, clock } = cameraRig(healthy);
    await camera.open('a1');
    pipeline.lose();
    expect((await camera.close('command', fromNow(clock, UNASSIGN_MS), 'u1')).status).toBe('device_unassigned');
    await clock.advance(60_000);
    expect(pipeline.told('open')).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  it('is not reopened after a host closed it in the very moment it heard of the loss', async () => {
    const rig = cameraRig(healthy);
    await rig.camera.open('a1');
    rig.onReport = ({ report }) => {
      if (report.status === 'device_error') void rig.camera.close('command', fromNow(rig.clock, UNASSIGN_MS), 'u1');
    };
    rig.pipeline.lose();
    await settled();
    expect(rig.camera.status().state).toBe('closed');
    expect(rig.clock.timers).toBe(0);
  });

  it('is reopened at once when the host assigns it again', async () => {
    const { camera, pipeline, clock } = cameraRig(healthy);
    await camera.open('a1');
    pipeline.lose();
    expect(await camera.open('a2')).toMatchObject({ status: 'device_ready', data: { reconnected: true, attempts: 1 } });
    expect(clock.timers).toBe(0);
  });

  it('goes on recording, into a new take, where that is configured', async () => {
    const { camera, pipeline, pipelines, clock, names } = await recordingRig({ resumesAfterReconnect: true });
    pipelines.habit = healthyBut('startRecording');
    pipeline.lose();
    expect(camera.isToRecord).toBe(true);
    await clock.advance(500);
    const orders = pipeline.told('startRecording');
    expect(orders.map(({ run }) => run)).toEqual([1, 2]);
    expect(orders[1]?.order).toEqual(orders[0]?.order);
    pipeline.beginRecording({ ...ORDER, deviceId: 'picam:0', cameraLabel: 'x' }, 2);
    expect(names()).toEqual(['recording_stopped', 'device_error', 'device_ready', 'recording_started']);
  });

  it('does not go on recording after the host said stop', async () => {
    const { camera, pipeline, clock } = await recordingRig({ resumesAfterReconnect: true });
    pipeline.lose();
    expect(await camera.stopRecording('s1')).toMatchObject({ data: { frames: 0, video_path: null } });
    expect(camera.isRecording).toBe(false);
    await clock.advance(500);
    expect(camera.status().state).toBe('streaming');
    expect(pipeline.told('startRecording')).toHaveLength(1);
  });

  it('heard of from an older run changes nothing', async () => {
    const { camera, pipeline, clock, reported } = cameraRig(healthy);
    await camera.open('a1');
    pipeline.lose();
    await clock.advance(500);
    const before = reported.length;
    const error = errorWithAdvice('frame_timeout', 'Late.').toData();
    pipeline.emit({ type: 'lost', run: 1, error, portReleased: true });
    pipeline.emit({ type: 'figures', run: 1, figures: { ...NO_FIGURES, framesDelivered: 99 } });
    expect(reported).toHaveLength(before);
    expect(camera.status()).toMatchObject({ state: 'streaming', error: null, frames: 0 });
  });

  it('keeps its error in sight while an older run says that frames come', async () => {
    const { camera, pipeline, pipelines, clock } = cameraRig(healthy);
    await camera.open('a1');
    pipelines.habit = silent;
    pipeline.lose();
    await clock.advance(500);
    pipeline.emit({
      type: 'firstFrame',
      run: 1,
      format: { index: 0, cameraId: '', model: '', width: 1, height: 1 },
      fps: 1,
    });
    expect(camera.status()).toMatchObject({ state: 'opening', attempts: 1, error: { code: 'camera_disconnected' } });
  });
});

describe('close', () => {
  it('ends the recording, the capture and the pipeline, and says what came of each', async () => {
    const { camera, pipeline, reported, clock } = await recordingRig();
    expect(await camera.close('command', fromNow(clock, UNASSIGN_MS), 'u1')).toEqual({
      status: 'device_unassigned',
      data: { device_id: 'picam:0', port_released: true },
    });
    expect(reported).toEqual([{ report: expect.objectContaining({ status: 'recording_stopped' }), replyTo: 'u1' }]);
    expect(pipeline.told('close')).toEqual([
      { type: 'close', run: 1, reason: 'command', untilNs: fromNow(clock, 750) },
    ]);
    expect(pipeline.ends).toEqual([fromNow(clock, UNASSIGN_MS)]);
    expect(clock.timers).toBe(0);
  });

  it('gives up a process that cannot be ended, in time for the host', async () => {
    const { camera, pipelines, clock } = cameraRig(healthy);
    await camera.open('a1');
    pipelines.habit = silent;
    const answer = camera.close('command', fromNow(clock, UNASSIGN_MS), 'u1');
    await clock.advance(799);
    expect(await isAnswered(answer)).toBe(false);
    await clock.advance(1);
    expect(await answer).toMatchObject({ data: { port_released: false } });
  });

  it('answers an assignment that waits for its first frame', async () => {
    const { camera, clock } = cameraRig(healthyBut('open'));
    const opening = camera.open('a1');
    const closing = camera.close('shutdown', fromNow(clock, SHUTDOWN_CAMERAS_MS), 'q1');
    expect(await opening).toMatchObject({ status: 'device_error', data: { code: 'shutting_down' } });
    expect(await closing).toMatchObject({ status: 'device_unassigned', data: { port_released: true } });
  });

  it('logs a pipeline that cannot be ended, and is answered all the same', async () => {
    const { camera, pipeline, logs, clock } = cameraRig(healthy);
    await camera.open('a1');
    pipeline.closing = Promise.reject(new Error('stuck'));
    expect((await camera.close('command', fromNow(clock, UNASSIGN_MS), 'u1')).status).toBe('device_unassigned');
    await settled();
    expect(logs.saying('The pipeline could not be ended.')).toMatchObject([{ context: { device: 'picam:0' } }]);
  });
});

describe('what the pipeline says besides', () => {
  it('goes into the logs, and warnings to the host as well', () => {
    const { pipeline, logs, reported } = cameraRig(silent);
    const drop = { reason: 'buffer_full', monoNs: 5n, frameNumber: 2, deviceId: 'picam:0', trial: null } as const;
    pipeline.emit({ type: 'drop', run: 0, drop });
    pipeline.emit({ type: 'log', level: 'debug', message: 'Hello.', context: { pid: 1 } });
    pipeline.emit({ type: 'warning', run: 0, code: 'stream_adjusted', message: 'Smaller.' });
    expect(logs.drops).toEqual([drop]);
    expect(logs.lines).toEqual([
      { level: 'debug', message: 'Hello.', context: { device: 'picam:0', pid: 1 } },
      { level: 'warn', message: 'Smaller.', context: { device: 'picam:0', code: 'stream_adjusted' } },
    ]);
    const data = { code: 'stream_adjusted', message: 'Smaller.', device_id: 'picam:0' };
    expect(reported).toEqual([{ report: { status: 'warning', data }, replyTo: undefined }]);
  });
});

describe('setPreview', () => {
  it('tells the pipeline and shows in the status', () => {
    const { camera, pipeline } = cameraRig(silent);
    expect(camera.status().preview_enabled).toBe(true);
    camera.setPreview(false);
    expect(pipeline.sent).toEqual([{ type: 'setPreview', enabled: false }]);
    expect(camera.status().preview_enabled).toBe(false);
  });
});

describe('status', () => {
  const counts = { delivered: 21, recorded: 20, dropped: 1, skipped: 0, missingAtSource: 2, disordered: 3 };
  const figures = {
    ...NO_FIGURES,
    captureFps: 49.9,
    framesDelivered: 30,
    bufferedFrames: 2,
    bufferFill: 0.1,
    drops: { ...NO_FIGURES.drops, buffer_full: 1 },
    latencyMs: { median: 8, max: 12 },
    recording: { counts, bytes: 20_000, durationS: 0.4, foundPaths: null, disk: null },
  };

  it('has figures with as many digits as they have meaning', async () => {
    const { camera, pipeline } = await recordingRig();
    const exact = {
      ...figures,
      captureFps: 29.98765,
      recordFps: 29.98765,
      previewFps: 0.123456,
      bufferFill: 0.123456,
      jitterMs: 1.23456,
      latencyMs: { median: 8.23456, max: 12.23456 },
      given: { ...NOTHING_GIVEN, exposureTimeUs: 4999.6, gain: 2.123456 },
      focus: { value: 411.5, kind: 'FocusFoM' as const },
      recording: { ...figures.recording, durationS: 0.123456 },
    };
    pipeline.emit({ type: 'figures', run: 1, figures: exact });
    expect(camera.status()).toMatchObject({
      capture_fps: 29.99,
      record_fps: 29.99,
      preview_fps: 0.123,
      buffer: { fill: 0.123 },
      jitter_ms: 1.2,
      latency_ms: { median: 8.2, max: 12.2 },
      given: { exposure_time_us: 5000, gain: 2.123 },
      focus: { value: 412, kind: 'FocusFoM' },
      recording: { duration_s: 0.123 },
    });
  });

  it('has the last figures of the stream and of the take', async () => {
    const { camera, pipeline } = await recordingRig();
    expect(camera.status().recording).toMatchObject({ trial_number: 3, take: 1, frames: 0 });
    pipeline.emit({ type: 'figures', run: 1, figures });
    expect(camera.status()).toEqual({
      device_id: 'picam:0',
      display_name: '',
      state: 'recording',
      model: 'imx296',
      requested: { width: 640, height: 480, fps: 50 },
      given: { width: 1456, height: 1088, fps: 30, mode: null, exposure_time_us: null, gain: null },
      sync: null,
      focus: null,
      capture_fps: 49.9,
      record_fps: 0,
      preview_fps: 0,
      preview_enabled: true,
      frames: 30,
      drops: { ...NO_FIGURES.drops, buffer_full: 1 },
      buffer: { frames: 2, bytes: 0, fill: 0.1 },
      jitter_ms: 0,
      latency_ms: { median: 8, max: 12 },
      error: null,
      attempts: 0,
      retry_in_ms: null,
      figures_age_ms: 0,
      pending_trial_number: null,
      recording: {
        trial_number: 3,
        trial_label: 'left',
        take: 1,
        video_path: '/data/session_1/trial3_take1.avi',
        timing_path: '/data/session_1/trial3_take1_timing.csv',
        frames: 20,
        delivered: 21,
        dropped: 1,
        skipped: 0,
        source_gaps: 2,
        bytes: 20_000,
        duration_s: 0.4,
      },
    });
  });

  it('says how old its figures are, and has none before the first ones come', async () => {
    const { camera, pipeline, clock } = await recordingRig();
    expect(camera.status().figures_age_ms).toBeNull();
    pipeline.emit({ type: 'figures', run: 1, figures });
    await clock.advance(3_400);
    expect(camera.status().figures_age_ms).toBe(3_400);
    pipeline.emit({ type: 'figures', run: 1, figures });
    expect(camera.status().figures_age_ms).toBe(0);
    pipeline.emit({ type: 'figures', run: 0, figures });
    await clock.advance(10);
    expect(camera.status().figures_age_ms).toBe(10);
  });

  it('counts down to the next attempt of a lost camera, and to none while it is being opened', async () => {
    const { camera, pipeline, pipelines, clock } = cameraRig(healthy);
    await camera.open('a1');
    expect(camera.status().retry_in_ms).toBeNull();
    pipelines.habit = silent;
    pipeline.lose();
    expect(camera.status()).toMatchObject({ state: 'waiting', retry_in_ms: 500 });
    await clock.advance(120.5);
    expect(camera.status().retry_in_ms).toBe(380);
    await clock.advance(379.5);
    expect(camera.status()).toMatchObject({ state: 'opening', retry_in_ms: null });
    pipeline.lose();
    expect(camera.status()).toMatchObject({ state: 'waiting', attempts: 2, retry_in_ms: 1_000 });
    await camera.close('command', fromNow(clock, UNASSIGN_MS), 'u1');
    expect(camera.status()).toMatchObject({ state: 'closed', attempts: 0, retry_in_ms: null });
  });

  it('tells how many attempts were made before the camera was given up', async () => {
    const { camera, pipeline, pipelines, clock } = cameraRig(healthy, { maxAttempts: 1 });
    await camera.open('a1');
    pipelines.habit = silent;
    pipeline.lose();
    await clock.advance(500);
    pipeline.lose();
    expect(camera.status()).toMatchObject({ state: 'closed', attempts: 1, retry_in_ms: null });
  });

  it.each([
    ['that it was found at', { take: 1, videoPath: '/trash/a.avi', timingPath: null }, '/trash/a.avi', null],
    [
      'that it was made at, where an older part was found elsewhere',
      { take: 0, videoPath: null, timingPath: null },
      '/data/session_1/trial3_take1.avi',
      '/data/session_1/trial3_take1_timing.csv',
    ],
  ])('tells the paths of a take %s', async (_which, foundPaths, video, timing) => {
    const { camera, pipeline } = await recordingRig();
    pipeline.emit({
      type: 'figures',
      run: 1,
      figures: { ...figures, recording: { ...figures.recording, foundPaths } },
    });
    expect(camera.status().recording).toMatchObject({ video_path: video, timing_path: timing, frames: 20 });
  });

  it('takes no figures of a take for those of the next', async () => {
    const { camera, pipeline } = await recordingRig();
    pipeline.emit({ type: 'figures', run: 1, figures });
    await camera.stopRecording('s1');
    await camera.startRecording({ ...ORDER, trialNumber: 4 }, 'r2');
    expect(camera.status()).toMatchObject({ frames: 30, recording: { trial_number: 4, frames: 0 } });
  });

  it('claims no rates for a camera that is lost, and shows the take that has no paths yet', async () => {
    const { camera, pipeline, pipelines, clock } = await recordingRig({ resumesAfterReconnect: true });
    pipeline.emit({ type: 'figures', run: 1, figures });
    pipelines.habit = healthyBut('startRecording');
    pipeline.lose();
    expect(camera.status()).toMatchObject({ state: 'waiting', capture_fps: 0, given: null, attempts: 1, frames: 30 });
    await clock.advance(500);
    expect(camera.status()).toMatchObject({ frames: 0, recording: { take: 0, video_path: null, frames: 0 } });
  });
});

/** What a host does to a camera, and what happens to it. */
const deeds: Record<string, (rig: CameraRig) => Promise<Report> | void> = {
  open: ({ camera }) => camera.open('x'),
  start: ({ camera }) => camera.startRecording(ORDER, 'x'),
  stop: ({ camera }) => camera.stopRecording('x'),
  snapshot: ({ camera }) => camera.takeSnapshot('/data', 'x'),
};
const accidents: Record<string, (rig: CameraRig) => void> = {
  lose: ({ pipeline }) => {
    pipeline.lose();
  },
  frame: ({ pipeline }) => {
    pipeline.giveFirstFrame();
  },
  recordingFails: ({ pipeline }) => {
    pipeline.emit({ type: 'recordingFailed', run: pipeline.run, error: ERROR, isCameraLost: false });
  },
  diskFull: ({ pipeline }) => {
    pipeline.emit({
      type: 'recordingStopped',
      run: pipeline.run,
      summary: summaryOf(2, { reason: 'disk_full', error: ERROR }),
    });
  },
};

describe('whatever happens', () => {
  it('every operation gets one answer, every status is valid, and nothing is left when the camera is closed', async () => {
    const step = fc.constantFrom(
      'open',
      'start',
      'stop',
      'snapshot',
      'lose',
      'frame',
      'recordingFails',
      'diskFull',
      'wait',
    );
    const habit = fc.constantFrom(healthy, silent, healthyBut('startRecording'), healthyBut('open', 'stopRecording'));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), habit, fc.boolean(), async (steps, chosen, resumes) => {
        const rig = cameraRig(chosen, { resumesAfterReconnect: resumes });
        const answers: Report[] = [];
        let due = 0;
        for (const name of steps) {
          accidents[name]?.(rig);
          const answer = deeds[name]?.(rig);
          if (answer !== undefined) {
            due += 1;
            void answer.then((report) => answers.push(report));
            // The queue runs one command after another: the next waits for this answer, as long as it takes.
            if (!(await isAnswered(answer))) rig.camera.abortWaits('no_device');
            if (!(await isAnswered(answer))) await rig.clock.advance(10_100);
          }
          if (name === 'wait') await rig.clock.advance(700);
        }
        const closing = rig.camera.close('command', fromNow(rig.clock, UNASSIGN_MS), 'u1');
        await rig.clock.advance(UNASSIGN_MS);
        answers.push(await closing);
        expect(answers).toHaveLength(due + 1);
        for (const report of [...answers, ...rig.reported.map((one) => one.report)]) {
          expect(v.safeParse(v.strictObject(STATUSES[report.status].entries), report.data).success).toBe(true);
        }
        expect(v.is(STATUSES.status_report.entries.cameras.item, rig.camera.status())).toBe(true);
        expect(rig.clock.timers).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
