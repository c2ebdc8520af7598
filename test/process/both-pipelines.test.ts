import { access } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { fromNow } from '../../src/core/deadline.js';
import { infoPathOf } from '../../src/recording/takes/take-paths.js';
import { cameraControl, type CameraControl } from '../harness/camera-control.js';
import { inspectAll } from '../harness/inspect-all.js';
import { BOTH_PIPELINES, isRunning, PipelineUser } from '../harness/pipelines.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { verifyRecording } from '../harness/verify-recording.js';

const PICTURE = { width: 320, height: 240 };

describe.each(BOTH_PIPELINES)('a pipeline %s', (_where, factory) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let control: CameraControl;
  let user: PipelineUser;

  beforeEach(async () => {
    folder = await temporaryFolder();
    control = await cameraControl(folder.path);
    Object.assign(process.env, control.env);
    user = new PipelineUser(factory, folder.path);
  });

  afterEach(async () => {
    await user.pipeline.end(fromNow(systemClock, 3_000));
    for (const name of Object.keys(control.env)) Reflect.deleteProperty(process.env, name);
    await folder.remove();
  });

  it('answers every command, in order, and its recording is whole', async () => {
    await user.open();
    await user.record(30);
    user.snapshot(7);
    const { path } = await user.heard('snapshotTaken');
    user.stopRecording();
    const { summary } = await user.heard('recordingStopped');
    const { pid } = user;
    user.closeRun(2_000);
    await user.heard('closed');

    expect(user.said).toEqual(['firstFrame', 'recordingStarted', 'snapshotTaken', 'recordingStopped', 'closed']);
    expect(user.all('closed')).toEqual([{ type: 'closed', run: 1, portReleased: true }]);
    expect(summary).toMatchObject({ reason: 'command', error: null, counts: { dropped: 0, missingAtSource: 0 } });
    const { frames, counts, paths } = summary;
    if (paths === null) throw new Error('Nothing was recorded.');
    await verifyRecording({ ...paths, ...PICTURE, frames, counts });
    expect(summary.infoPath).toBe(infoPathOf(paths.videoPath ?? ''));
    const [verified] = await inspectAll([folder.path]);
    expect(verified).toMatchObject({ verdict: 'proven', files: { infoPath: summary.infoPath } });
    await expect(access(path)).resolves.toBeUndefined();
    expect(isRunning(pid)).toBe(false);
  });

  it('says that the camera was lost after its recording was ended, and opens again', async () => {
    await user.open();
    await user.record(20);
    await control.misbehave('exit-after=5');
    const { error } = await user.heard('lost');
    expect(user.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped', 'lost']);
    expect(error.code).toBe('capture_failed');
    const { summary } = await user.heard('recordingStopped');
    expect(summary).toMatchObject({ reason: 'device_error', error: null, counts: { dropped: 0 } });
    await control.misbehave('');
    await user.open(2);
    await user.record(5, 2);
  });

  it('answers start, snapshot and close of a camera that is not open; a stop of nothing needs no answer', async () => {
    user.startRecording();
    user.stopRecording();
    user.snapshot(3);
    user.closeRun(500);
    await user.heard('closed');
    expect(user.said).toEqual(['recordingFailed', 'snapshotFailed', 'closed']);
    await user.open();
    await user.open(1);
    user.send({ type: 'open', run: 2, request: { camera: { index: 1 }, settings: {} as never } });
    expect((await user.heard('lost')).error.code).toBe('camera_in_use');
    user.startRecording(9);
    expect((await user.heard('recordingFailed', ({ run }) => run === 9)).error.code).toBe('camera_disconnected');
  });

  it('ends a recording when it is closed, twice is once, and then opens nothing', async () => {
    await user.open();
    await user.record(10);
    const { pid } = user;
    await Promise.all([user.pipeline.end(fromNow(systemClock, 2_000)), user.pipeline.end(fromNow(systemClock, 2_000))]);
    expect(user.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped', 'closed']);
    expect(user.all('recordingStopped')[0]?.summary.reason).toBe('shutdown');
    expect(isRunning(pid)).toBe(false);
    user.send({ type: 'open', run: 2, request: { camera: { index: 0 }, settings: {} as never } });
    expect((await user.heard('lost')).error.code).toBe('shutting_down');
  });

  it('closes a camera that hangs within the limit, by force', async () => {
    await user.open();
    await user.record(10);
    await control.misbehave('hang-after=0');
    const { pid } = user;
    user.closeRun(800);
    const { portReleased } = await user.heard('closed');
    // Without the limit it would end two seconds later, by the frame timeout, and be lost first.
    expect(user.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped', 'closed']);
    expect(portReleased).toBe(true);
    expect(isRunning(pid)).toBe(false);
    expect(user.all('recordingStopped')[0]?.summary).toMatchObject({ reason: 'command', counts: { dropped: 0 } });
  });
});
