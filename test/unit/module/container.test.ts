import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/core/clock.js';
import { realFileSystem, type FileSystem } from '../../../src/core/file-system.js';
import {
  CAMERA_SOURCE,
  CLOCK,
  createCsiCamerasModule,
  LOG_SINK,
  PIPELINE_FACTORY,
  RECORDING_SESSION,
  registerDefaults,
} from '../../../src/module/container.js';
import { CsiCamerasModule } from '../../../src/module/csi-cameras-module.js';
import { container } from '../../../src/module/injection.js';
import { FakeCameraSource } from '../../harness/fake-camera-source.js';
import { FakePipelines, healthy } from '../../harness/fake-pipeline.js';
import { FakeRecordingSession } from '../../harness/fake-recording-session.js';
import { ManualClock, settled } from '../../harness/manual-clock.js';
import { MemoryLogSink } from '../../harness/memory-log-sink.js';
import { StatusLog } from '../../harness/mock-host.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let heard: StatusLog;

beforeEach(async () => {
  folder = await temporaryFolder();
  expectDamage(folder.path, 'the frames are no pictures', ['V9']);
  heard = new StatusLog();
});

afterEach(async () => {
  await folder.remove();
});

const start = (module: CsiCamerasModule): Promise<void> =>
  module.start({
    dataDir: folder.path,
    logDir: join(folder.path, 'logs'),
    stateDir: join(folder.path, 'state'),
    sendStatus: (message) => {
      heard.hear(message);
    },
  });

describe('createCsiCamerasModule', () => {
  it('makes modules of their own, and starts nothing', () => {
    const [one, other] = [createCsiCamerasModule(), createCsiCamerasModule()];
    expect(one).not.toBe(other);
    expect(one.status()).toMatchObject({ state: 'stopped', uptime_s: 0, session_dir: null, cameras: [] });
  });

  it('takes a source, a recording session, a clock and logs instead of its own', async () => {
    const cameraSource = new FakeCameraSource();
    const recordingSession = new FakeRecordingSession();
    const clock = new ManualClock();
    const logSink = new MemoryLogSink();
    const module = createCsiCamerasModule({ cameraSource, recordingSession, clock, logSink });
    await start(module);
    cameraSource.onOpen = (stream) => {
      stream.giveFormat();
      stream.giveFrame();
    };
    const ready = await module.command({ command: 'assign_device', device_id: 'picam:0' });
    expect(ready).toMatchObject({ status: 'device_ready', timestamp: '2026-01-06T14:30:52.123Z' });
    const starting = module.command({ command: 'start_recording', session_dir: '/data/session_1' });
    await settled();
    cameraSource.stream.giveFrames(3);
    await clock.advance(1_000);
    expect((await starting).status).toBe('recording_started');
    expect(recordingSession.recording.request).toMatchObject({ sessionDir: '/data/session_1', trialNumber: 1 });
    await module.stop();
    expect(cameraSource.stream.isClosed).toBe(true);
    expect(recordingSession.recording.isClosed).toBe(true);
    expect(logSink.commands.length).toBeGreaterThan(5);
    expect(cameraSource.ledger.held).toBe(0);
    expect(clock.timers).toBe(0);
  });

  it('takes a pipeline factory, which stands above source and session', async () => {
    const pipelines = new FakePipelines(healthy);
    const module = createCsiCamerasModule({ pipelineFactory: pipelines.factory, logSink: new MemoryLogSink() });
    await start(module);
    expect((await module.command({ command: 'assign_device', device_id: 'picam:0' })).status).toBe('device_ready');
    expect(pipelines.all).toHaveLength(1);
    await module.stop();
  });

  it('takes a file system for its recordings', async () => {
    const opened: string[] = [];
    const fileSystem: FileSystem = {
      ...realFileSystem,
      open: (path, ...rest) => {
        opened.push(String(path));
        return realFileSystem.open(path, ...rest);
      },
    };
    // Its frames are taken after the start, whenever that comes.
    const cameraSource = new FakeCameraSource(systemClock.monotonicNs() + 60_000_000_000n);
    cameraSource.onOpen = (stream) => {
      stream.giveFormat();
      stream.giveFrame();
    };
    const module = createCsiCamerasModule({ cameraSource, fileSystem, logSink: new MemoryLogSink() });
    await start(module);
    await module.command({ command: 'assign_device', device_id: 'picam:0' });
    const starting = module.command({ command: 'start_recording', session_dir: join(folder.path, 'session_1') });
    await settled();
    cameraSource.stream.giveFrames(2);
    expect((await starting).status).toBe('recording_started');
    await module.stop();
    expect(opened.filter((path) => path.endsWith('.avi'))).toHaveLength(1);
  });

  it('keeps its own logs in the directory that it is given', async () => {
    const module = createCsiCamerasModule();
    await start(module);
    await module.stop();
    await expect(access(join(folder.path, 'logs', 'csicameras.log'))).resolves.toBeUndefined();
    await expect(access(join(folder.path, 'logs', 'commands.jsonl'))).resolves.toBeUndefined();
  });
});

describe('registerDefaults', () => {
  it("serves a host's own container, where later registrations win", async () => {
    const own = container.createChildContainer();
    registerDefaults(own);
    const pipelines = new FakePipelines(healthy);
    own.register(PIPELINE_FACTORY, { useValue: pipelines.factory });
    own.register(LOG_SINK, { useValue: new MemoryLogSink() });
    const module = own.resolve(CsiCamerasModule);
    await start(module);
    await module.command({ command: 'assign_device', device_id: 'picam:0' });
    expect(pipelines.all).toHaveLength(1);
    await module.stop();
  });

  it('has one of each default in a container, and neither source nor recordings of its own', () => {
    const own = container.createChildContainer();
    registerDefaults(own);
    expect(own.resolve(LOG_SINK)).toBe(own.resolve(LOG_SINK));
    expect(own.resolve(CLOCK).wallMs()).toBeGreaterThan(0);
    // Those are made in each pipeline's thread, unless a host has its own.
    expect(own.isRegistered(CAMERA_SOURCE)).toBe(false);
    expect(own.isRegistered(RECORDING_SESSION)).toBe(false);
  });
});
