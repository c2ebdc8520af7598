import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { fromNow } from '../../src/core/deadline.js';
import type { PreviewAnswer } from '../../src/core/preview-words.js';
import { withResolve } from '../../src/core/within.js';
import type { PreviewFrame, PreviewListener } from '../../src/module/preview/preview-listening.js';
import type { CameraPipeline } from '../../src/pipeline/camera-pipeline.js';
import { inProcessHost, type InProcessHost } from '../harness/in-process-host.js';
import { BOTH_PIPELINES, FAILING_THREADS, failThread, PipelineUser, threadedPipelines } from '../harness/pipelines.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { verifyRecording } from '../harness/verify-recording.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

const BLOCK_MS = 5_000;
const CAMERA = { width: 640, height: 480, fps: 60 };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

/** A listener that keeps what it saw; the JPEG is copied, because its memory is used again. */
class Onlooker {
  readonly frames: PreviewFrame[] = [];
  #hears = withResolve<void>();

  readonly listener: PreviewListener = (frame) => {
    this.frames.push({ ...frame, jpeg: frame.jpeg.slice() });
    this.#hears.resolve();
    this.#hears = withResolve<void>();
  };

  async hasSeen(matches: (frame: PreviewFrame) => boolean): Promise<PreviewFrame> {
    for (;;) {
      const found = this.frames.find((frame) => matches(frame));
      if (found !== undefined) return found;
      await this.#hears.promise;
    }
  }
}

function expectJpeg(jpeg: Uint8Array): void {
  expect([...jpeg.subarray(0, 2), ...jpeg.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
}

async function record(host: InProcessHost): Promise<void> {
  await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
  await host.expect('recording_started', { command: 'start_recording', session_dir: folder.path });
}

describe('a preview listener', () => {
  it('costs no frame when it never settles, and when it blocks its thread for five seconds', async () => {
    const host = await inProcessHost({ folder: folder.path, config: { camera: CAMERA } });
    let unsettled = 0;
    host.module.preview('picam:0', () => {
      unsettled += 1;
      return new Promise(() => undefined);
    });
    const blocked = withResolve<void>();
    let blocks = 0;
    host.module.preview('picam:0', () => {
      blocks += 1;
      if (blocks > 1) return;
      const endMs = performance.now() + BLOCK_MS;
      while (performance.now() < endMs);
      blocked.resolve();
    });
    await record(host);
    await blocked.promise;
    await waitForFrames(host, (CAMERA.fps * BLOCK_MS) / 1_000);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    await host.end();

    expect(data).toMatchObject({ dropped: 0, source_gaps: 0, reason: 'command' });
    expect(unsettled).toBe(1);
    expect(blocks).toBeGreaterThan(1);
    expect(host.log.named('device_error')).toEqual([]);
    await expectWholeRecording(data, CAMERA);
    const log = await readFile(join(host.logDir, 'csicameras.log'), 'utf8');
    expect(log.match(/A preview listener takes long/g)).toHaveLength(2); // once each
  });

  it('sees the stream at its rate, while a recording loses nothing, and not while the preview is off', async () => {
    const host = await inProcessHost({ folder: folder.path, config: { camera: CAMERA } });
    const onlooker = new Onlooker();
    host.module.preview('picam:0', onlooker.listener);
    await record(host);
    const { frameNumber: first } = await onlooker.hasSeen(() => true);
    const { jpeg, deviceId, width, height } = await onlooker.hasSeen(({ frameNumber }) => frameNumber > first + 120);
    expectJpeg(jpeg);
    expect({ deviceId, width, height }).toEqual({ deviceId: 'picam:0', width: 640, height: 480 });
    expect(onlooker.frames.length).toBeGreaterThan(7);
    expect(onlooker.frames.length).toBeLessThan(15);
    const ages = onlooker.frames.map((frame) => frame.arrivedMonotonicNs - frame.sensorTimestampNs);
    expect(ages.every((age) => age > 0n && age < 2_000_000_000n)).toBe(true);
    const { data: report } = await host.expect('status_report', { command: 'get_status' });
    expect(report.cameras[0]?.preview_fps).toBeGreaterThan(3);

    await host.expect('preview_toggled', { command: 'toggle_preview', enabled: false });
    const recorded = async (): Promise<number> => {
      const { data: now } = await host.expect('status_report', { command: 'get_status' });
      return now.cameras[0]?.recording?.frames ?? 0;
    };
    await waitForFrames(host, (await recorded()) + 30); // a picture may have been on its way
    const seen = onlooker.frames.length;
    await waitForFrames(host, (await recorded()) + 60);
    expect(onlooker.frames).toHaveLength(seen);
    await host.expect('preview_toggled', { command: 'toggle_preview', enabled: true });
    await onlooker.hasSeen((frame) => onlooker.frames.indexOf(frame) >= seen);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    await host.end();
    expect(data).toMatchObject({ dropped: 0, source_gaps: 0, reason: 'command' });
    await expectWholeRecording(data, CAMERA);
  });

  it('goes on after its camera was unassigned and assigned again, and after the thread died', async () => {
    const pipelines: CameraPipeline[] = [];
    const failing = threadedPipelines(FAILING_THREADS);
    const host = await inProcessHost({
      folder: folder.path,
      config: { camera: { ...CAMERA, width: 320, height: 240 } },
      dependencies: {
        pipelineFactory: (options, onEvent) => {
          const pipeline = failing(options, onEvent);
          pipelines.push(pipeline);
          return pipeline;
        },
      },
    });
    const onlooker = new Onlooker();
    host.module.preview('picam:0', onlooker.listener);
    /** The next picture comes of a stream that began after this. */
    const seesAnew = async (): Promise<void> => {
      const sinceNs = systemClock.monotonicNs();
      await onlooker.hasSeen(({ sensorTimestampNs }) => sensorTimestampNs > sinceNs);
    };
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    await seesAnew();
    await host.expect('device_unassigned', { command: 'unassign_device', device_id: 'picam:0' });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
    await seesAnew();
    const [, pipeline] = pipelines;
    if (pipeline === undefined) throw new Error('No second pipeline was made.');
    failThread(pipeline, 'throw');
    await host.log.wait('device_ready', (status) => status.data.reconnected === true);
    await seesAnew();
    await host.end();
  });
});

/** A reader in a thread of its own that looks at one picture for so long. */
const BLOCKED_READER = `
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', ({ port, blockMs }) => {
    port.on('message', (answer) => {
      if (answer.type === 'frame') {
        parentPort.postMessage('blocks');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
        parentPort.postMessage('done');
      }
      port.postMessage({ type: 'want' });
    });
  });`;

describe.each(BOTH_PIPELINES)('a reader of the preview of a pipeline %s', (_where, factory) => {
  let user: PipelineUser;

  beforeEach(() => {
    user = new PipelineUser(factory, folder.path);
    user.send({ type: 'setPreview', enabled: true });
  });

  afterEach(async () => {
    await user.pipeline.end(fromNow(systemClock, 3_000));
  });

  it('gets whole JPEGs in the buffer that it gives back, and hears of the end by its port', async () => {
    const { port1, port2 } = new MessageChannel();
    const sizes = new Set<number>();
    let states = '';
    const seen = withResolve<void>();
    let pictures = 0;
    port1.on('message', (answer: PreviewAnswer) => {
      if (answer.type === 'state') {
        states += `${answer.state} `;
        if (states === 'none ') port1.postMessage({ type: 'want' });
        return;
      }
      expectJpeg(new Uint8Array(answer.buffer, 0, answer.byteLength));
      sizes.add(answer.buffer.byteLength);
      pictures += 1;
      if (pictures === 5) seen.resolve();
      port1.postMessage({ type: 'want', buffer: answer.buffer }, [answer.buffer]);
    });
    user.pipeline.connectPreview(port2);
    await user.open();
    await seen.promise;
    const closed = once(port1, 'close');
    await user.pipeline.end(fromNow(systemClock, 3_000));
    await closed;
    expect(sizes.size).toBe(1);
    expect(states.startsWith('none live ')).toBe(true);
  });

  it('costs the recording no frame while it blocks its own thread for five seconds', async () => {
    const worker = new Worker(BLOCKED_READER, { eval: true });
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ port: port1, blockMs: BLOCK_MS }, [port1]);
    await user.open();
    user.startRecording();
    await user.heard('recordingStarted');
    user.pipeline.connectPreview(port2);
    await once(worker, 'message');
    await once(worker, 'message');
    await user.hasRecorded((60 * BLOCK_MS) / 1_000);
    await worker.terminate();
    await user.hasRecorded((60 * BLOCK_MS) / 1_000 + 30);
    user.stopRecording();
    const { summary } = await user.heard('recordingStopped');
    expect(summary).toMatchObject({ reason: 'command', counts: { dropped: 0, missingAtSource: 0 } });
    const { frames, counts, paths } = summary;
    if (paths === null) throw new Error('Nothing was recorded.');
    await verifyRecording({ ...paths, width: 320, height: 240, frames, counts });
  });
});
