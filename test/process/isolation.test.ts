import { access, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { fromNow } from '../../src/core/deadline.js';
import type { CameraPipeline } from '../../src/pipeline/camera-pipeline.js';
import { workerThreads } from '../../src/pipeline/thread/worker-threads.js';
import { infoPathOf } from '../../src/recording/takes/take-paths.js';
import { inProcessHost } from '../harness/in-process-host.js';
import { FAILING_THREADS, failThread, isRunning, PipelineUser, threadedPipelines } from '../harness/pipelines.js';
import { assertRecoveredInfo } from '../harness/recovered-info.js';
import { pathsOf } from '../harness/recordings.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { verifyRecording } from '../harness/verify-recording.js';
import { expectWholeRecording } from '../harness/whole-recording.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

it('takes no limit for overdue that only its host kept it from noticing', async () => {
  const host = await inProcessHost({ folder: folder.path, config: { camera: { width: 320, height: 240 } } });
  await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
  await host.expect('recording_started', { command: 'start_recording', session_dir: folder.path });
  const id = host.send({ command: 'unassign_device', device_id: 'picam:0' });
  setImmediate(() => {
    blockThisThread(2_000);
  });
  const { data } = await host.log.wait('device_unassigned', (status) => status.in_reply_to === id);
  expect(data.port_released).toBe(true);
  expect(host.log.named('recording_stopped')[0]?.data).toMatchObject({ reason: 'command', dropped: 0 });
  await host.end();
});

/** What a host must not do, and does. */
function blockThisThread(forMs: number): void {
  const end = performance.now() + forMs;
  while (performance.now() < end);
}

const seconds = (howMany: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, howMany * 1_000));

it('loses no frame while the thread of the host is blocked', async () => {
  const camera = { width: 640, height: 480, fps: 60 };
  const host = await inProcessHost({ folder: folder.path, config: { camera } });
  await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
  await host.expect('recording_started', { command: 'start_recording', session_dir: folder.path });
  for (let blocks = 0; blocks < 2; blocks += 1) {
    await seconds(0.5);
    blockThisThread(2_000);
  }
  await seconds(0.5);
  const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
  await host.end();
  expect(data).toMatchObject({ dropped: 0, source_gaps: 0, reason: 'command' });
  expect(data.frames).toBeGreaterThan(60 * 5);
  expect(host.log.named('device_error')).toEqual([]);
  await expectWholeRecording(data, camera);
});

const CLOSED = 'A recording left open by a dead thread was closed.';

/** As a stop leaves it: an old index, no reserved space, nobody's. */
async function expectClosed(videoPath: string, bytes?: number): Promise<void> {
  const video = await readFile(videoPath);
  expect(video.length).toBe(bytes ?? video.length);
  const riffBytes = 8 + video.readUInt32LE(4);
  expect(riffBytes).toBe(video.length);
  expect(video.includes('idx1')).toBe(true);
  expect(video.subarray(4040, 4056).every((byte) => byte === 0)).toBe(true);
}

describe('a thread that dies', () => {
  let user: PipelineUser;
  let neighbour: PipelineUser;

  beforeEach(() => {
    user = new PipelineUser(threadedPipelines(FAILING_THREADS), folder.path);
    neighbour = new PipelineUser(threadedPipelines(), folder.path, 'picam:1');
  });

  afterEach(async () => {
    await Promise.all([
      user.pipeline.end(fromNow(systemClock, 3_000)),
      neighbour.pipeline.end(fromNow(systemClock, 3_000)),
    ]);
  });

  it.each([
    ['throw', 'a mistake in the thread'],
    ['exit', 'exit code 3'],
    ['memory', 'memory limit'],
    ['leak', 'memory limit'],
  ] as const)('of "%s" is a lost camera, with a true recording and no process left', async (fault, why) => {
    await user.open();
    await user.record(60);
    const { pid } = user;
    user.snapshot(1);
    await user.heard('snapshotTaken');
    user.misbehave(fault);
    const { error, portReleased } = await user.heard('lost');

    expect(error).toMatchObject({ code: 'capture_failed', message: expect.stringContaining(why) });
    expect(portReleased).toBe(true);
    expect(isRunning(pid)).toBe(false);
    expect(user.said.filter((type) => type !== 'drop')).toEqual([
      'firstFrame',
      'recordingStarted',
      'snapshotTaken',
      'recordingStopped',
      'lost',
    ]);
    const { summary } = await user.heard('recordingStopped');
    const { frames, counts, paths } = summary;
    expect(summary).toMatchObject({ reason: 'device_error', error: { code: 'capture_failed' } });
    expect(counts.delivered).toBe(frames + counts.dropped + counts.skipped);
    expect(counts.recorded).toBe(frames);
    if (paths === null) throw new Error('Nothing was recorded.');
    await expectClosed(paths.videoPath ?? '', summary.bytes);
    await verifyRecording({ ...paths, frames, counts, width: 320, height: 240 });
    expect(summary.infoPath).toBe(infoPathOf(paths.videoPath ?? ''));
    const { csi_cameras: facts } = await assertRecoveredInfo(pathsOf(paths));
    expect(facts.clock.boot).toMatch(/^[0-9a-f]{16}$/);
    expect(user.all('drop').reduce((sum, { drop }) => sum + (drop.count ?? 1), 0)).toBe(counts.dropped);

    await user.open(2);
    await user.record(60, 2);
    user.stopRecording(2);
    await user.heard('recordingStopped', ({ run }) => run === 2);
  });

  it('is not noticed by the camera beside it', async () => {
    await Promise.all([user.open(), neighbour.open()]);
    await Promise.all([user.record(10), neighbour.record(10)]);
    user.misbehave('memory');
    await user.heard('lost');
    const framesThen = neighbour.all('figures').at(-1)?.figures.recording?.counts.recorded ?? 0;
    await neighbour.hasRecorded(framesThen + 60);
    neighbour.stopRecording();
    const { summary } = await neighbour.heard('recordingStopped');
    const { frames, counts, paths } = summary;
    expect(summary).toMatchObject({ reason: 'command', error: null, counts: { dropped: 0, missingAtSource: 0 } });
    expect(neighbour.said).toEqual(['firstFrame', 'recordingStarted', 'recordingStopped']);
    if (paths === null) throw new Error('Nothing was recorded.');
    await verifyRecording({ ...paths, frames, counts, width: 320, height: 240 });
  });

  it('or hangs does not keep anybody from closing in time', async () => {
    await user.open();
    await user.record(10);
    const { pid } = user;
    user.misbehave('hang');
    const began = performance.now();
    await user.pipeline.end(fromNow(systemClock, 1_000));
    // Without the limit it would take the 15 s after which a silent thread is taken for dead.
    expect(performance.now() - began).toBeLessThan(10_000);
    await user.heard('closed');
    expect(user.said.filter((type) => type !== 'drop').slice(-2)).toEqual(['recordingStopped', 'closed']);
    expect(user.all('recordingStopped')[0]?.summary.reason).toBe('shutdown');
    expect(isRunning(pid)).toBe(false);
    await user.heard('log', ({ message }) => message === CLOSED);
    const { paths = null, frames = 0 } = user.all('recordingStopped')[0]?.summary ?? {};
    if (paths === null) throw new Error('Nothing was recorded.');
    await expectClosed(paths.videoPath ?? '');
    await verifyRecording({ ...paths, frames, width: 320, height: 240 });
  });
});

it('is a lost camera and nothing else when a thread has not even the memory to start', async () => {
  const user = new PipelineUser(threadedPipelines(workerThreads({ maxOldGenerationSizeMb: 2 })), folder.path);
  user.send({ type: 'open', run: 1, request: { camera: { index: 0 }, settings: {} as never } });
  const { error } = await user.heard('lost');
  expect(error.message).toContain('memory');
  await user.pipeline.end(fromNow(systemClock, 1_000));
});

it('starts a camera again after its thread died, as after any loss, and the host hears of it', async () => {
  let pipeline: CameraPipeline | undefined;
  const failing = threadedPipelines(FAILING_THREADS);
  const host = await inProcessHost({
    folder: folder.path,
    config: { camera: { width: 320, height: 240, fps: 60 } },
    dependencies: {
      pipelineFactory: (options, onEvent) => {
        pipeline = failing(options, onEvent);
        return pipeline;
      },
    },
  });
  await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
  const { data } = await host.expect('recording_started', { command: 'start_recording', session_dir: folder.path });
  if (pipeline === undefined) throw new Error('No pipeline was made.');
  failThread(pipeline, 'throw');
  await host.log.wait('device_ready', (status) => status.data.reconnected === true);
  expect(host.log.names().filter((name) => /^(recording|device)_/.test(name))).toEqual([
    'device_ack',
    'device_ready',
    'recording_started',
    'recording_error',
    'recording_stopped',
    'device_error',
    'device_ready',
  ]);
  expect(host.log.named('recording_stopped')[0]?.data).toMatchObject({ reason: 'device_error', take: 1 });
  await expect(access(data.video_path)).resolves.toBeUndefined();
  await host.end();
});
