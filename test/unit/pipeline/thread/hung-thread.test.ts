import { expect, it } from '@jest/globals';
import { UNASSIGN_MS } from '../../../../src/core/closing-budget.js';
import { fromNow } from '../../../../src/core/deadline.js';
import type { CameraDependencies } from '../../../../src/module/camera/camera-description.js';
import { Camera } from '../../../../src/module/camera/camera.js';
import type { PipelineEvent, ThreadEvent, ThreadWord } from '../../../../src/pipeline/pipeline-messages.js';
import { ThreadedPipeline } from '../../../../src/pipeline/thread/threaded-pipeline.js';
import type { PipelineThread, ThreadListener } from '../../../../src/pipeline/thread/worker-threads.js';
import { FAKE_FORMAT } from '../../../harness/fake-camera-source.js';
import { FakeDesk } from '../../../harness/fake-desk.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { ManualClock } from '../../../harness/manual-clock.js';
import { MemoryLogSink } from '../../../harness/memory-log-sink.js';
import { ASKED, SETTINGS, ORDER as TAKE } from '../../module/camera/camera-rig.js';
import { OPTIONS, ORDER, REQUEST } from '../pipeline-rig.js';

class FakeThread implements PipelineThread {
  readonly words: ThreadWord[] = [];
  constructor(readonly listener: ThreadListener) {}
  post(word: ThreadWord): void {
    this.words.push(structuredClone(word));
  }
  kill(): void {}
  say(...events: ThreadEvent[]): void {
    for (const event of events) this.listener.onEvent(event);
  }
}

const PATHS = { take: 1, videoPath: '/nowhere/a.avi', timingPath: '/nowhere/a_timing.csv' };

it('says that a camera is lost though the disk of its recording never answers', async () => {
  const clock = new ManualClock();
  const disk = new FaultyFileSystem();
  const events: PipelineEvent[] = [];
  let thread: FakeThread | undefined;
  const pipeline = new ThreadedPipeline({
    options: OPTIONS,
    startThread: (_options, listener) => (thread = new FakeThread(listener)),
    clock,
    fileSystem: disk.fileSystem,
    onEvent: (event) => {
      events.push(event);
    },
  });
  disk.inject({ operation: 'open', effect: { kind: 'stall', until: new Promise(() => undefined) } });
  pipeline.send({ type: 'open', run: 1, request: REQUEST });
  pipeline.send({ type: 'startRecording', run: 1, order: ORDER });
  thread?.say({ type: 'firstFrame', run: 1, format: FAKE_FORMAT, fps: 60 });
  thread?.say({ type: 'takeFiles', videoPath: PATHS.videoPath, isOpen: true });
  thread?.say({ type: 'recordingStarted', run: 1, paths: PATHS, firstFrameNs: 1n });
  thread?.listener.onEnded(new Error('out of memory'));
  await clock.advance(60_000);
  expect(events.map(({ type }) => type).filter((type) => type !== 'log')).toEqual([
    'firstFrame',
    'recordingStarted',
    'recordingStopped',
    'lost',
  ]);
});

it('tells the end of a recording whose thread hangs when its camera is unassigned', async () => {
  const clock = new ManualClock();
  const disk = new FaultyFileSystem();
  const reported: string[] = [];
  let thread: FakeThread | undefined;
  const dependencies: CameraDependencies = {
    clock,
    logs: new MemoryLogSink(),
    pipelines: (options, onEvent) =>
      new ThreadedPipeline({
        options,
        startThread: (_options, listener) => (thread = new FakeThread(listener)),
        clock,
        fileSystem: disk.fileSystem,
        onEvent,
      }),
    report: ({ status }) => {
      reported.push(status);
    },
  };
  const camera = new Camera(SETTINGS, dependencies, new FakeDesk(ASKED));
  const opened = camera.open('a1');
  thread?.say({ type: 'firstFrame', run: 1, format: FAKE_FORMAT, fps: 60 });
  await opened;
  const started = camera.startRecording(TAKE, 'r1');
  thread?.say({ type: 'recordingStarted', run: 1, paths: PATHS, firstFrameNs: 1n });
  expect(await started).toMatchObject({ status: 'recording_started' });
  // From here on the thread says nothing.
  const closed = camera.close('command', fromNow(clock, UNASSIGN_MS), 'u1');
  await clock.advance(800);
  expect(await closed).toMatchObject({ status: 'device_unassigned', data: { port_released: false } });
  await clock.advance(10_000);
  // Its files are really looked for.
  while (!reported.includes('recording_stopped')) await new Promise(setImmediate);
  expect(reported).toEqual(['recording_error', 'recording_stopped']);
});
