import { markAsUntransferable, MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PreviewAnswer, PreviewState, PreviewWant } from '../../../../src/core/preview-words.js';
import type { PreviewFrame } from '../../../../src/module/preview/preview-listening.js';
import { Previews } from '../../../../src/module/preview/previews.js';
import type { PipelineOptions } from '../../../../src/pipeline/camera-pipeline.js';
import { withResolve } from '../../../../src/core/within.js';
import { settled } from '../../../harness/manual-clock.js';
import { PreviewReader } from '../../../harness/preview-reader.js';
import { moduleRig, type ModuleRig } from '../module-rig.js';

const RECONNECT_MS = 250;

let rig: ModuleRig;

beforeEach(() => {
  rig = moduleRig();
});

afterEach(async () => {
  await rig.end();
});

/** The camera's end of a listener's port: the test is the camera. */
class CameraEnd {
  readonly wants: PreviewWant[] = [];
  isClosed = false;
  #number = 0;

  constructor(private readonly port: MessagePort) {
    port.on('message', (want: PreviewWant) => {
      this.wants.push(want);
    });
    port.once('close', () => {
      this.isClosed = true;
    });
    port.unref();
    this.tell('live');
  }

  tell(state: PreviewState): void {
    const answer: PreviewAnswer = { type: 'state', state };
    this.port.postMessage(answer, []);
  }

  /** Answers a want with a picture of these bytes, in a buffer that is larger than the picture. */
  async give(bytes = [1, 2, 3]): Promise<void> {
    this.#number += 1;
    const buffer = new ArrayBuffer(16);
    new Uint8Array(buffer).set(bytes);
    const times = { sensorTimestampNs: 7n, arrivedMonotonicNs: 9n };
    const picture = { buffer, byteLength: bytes.length, frameNumber: this.#number, width: 64, height: 48, ...times };
    this.port.postMessage({ type: 'frame', ...picture } satisfies PreviewAnswer, [buffer]);
    await settled();
  }

  close(): void {
    this.port.close();
  }
}

/** The camera's end of the port that reached the pipeline last. */
async function cameraEnd(deviceId = 'picam:0'): Promise<CameraEnd> {
  const port = rig.pipelines.of(deviceId).ports.at(-1);
  if (port === undefined) throw new Error('No port reached the camera.');
  const end = new CameraEnd(port);
  await settled();
  return end;
}

const warnings = (): string[] => rig.logs.lines.flatMap(({ level, message }) => (level === 'warn' ? [message] : []));

describe('a preview listener', () => {
  const frames: PreviewFrame[] = [];
  const seen: number[][] = [];
  const look = (frame: PreviewFrame): void => {
    frames.push(frame);
    seen.push([...frame.jpeg]);
  };

  beforeEach(async () => {
    frames.length = 0;
    seen.length = 0;
    await rig.start();
  });

  it('gets a picture with its facts, and its memory goes back with the next want', async () => {
    await rig.assign();
    rig.module.preview('picam:0', look);
    const camera = await cameraEnd();
    expect(camera.wants).toEqual([{ type: 'want' }]);
    await camera.give([9, 8, 7]);
    expect(seen).toEqual([[9, 8, 7]]);
    expect(frames).toMatchObject([
      { deviceId: 'picam:0', frameNumber: 1, sensorTimestampNs: 7n, arrivedMonotonicNs: 9n, width: 64, height: 48 },
    ]);
    expect(camera.wants[1]?.buffer?.byteLength).toBe(16);
    expect(frames[0]?.jpeg.byteLength).toBe(0);
    camera.tell('paused');
    camera.tell('live');
    await settled();
    expect(camera.wants).toHaveLength(2);
    await rig.clock.advance(60_000);
    expect(warnings()).toEqual([]);
  });

  it('is called again only when its promise has settled', async () => {
    await rig.assign();
    const { promise, resolve } = withResolve<void>();
    rig.module.preview('picam:0', (frame) => {
      look(frame);
      return promise;
    });
    const camera = await cameraEnd();
    await camera.give();
    expect(camera.wants).toHaveLength(1);
    expect(frames[0]?.jpeg.byteLength).toBe(3);
    resolve();
    await settled();
    expect(camera.wants).toHaveLength(2);
  });

  it('may pass the memory on to another thread', async () => {
    await rig.assign();
    const { port1, port2 } = new MessageChannel();
    rig.module.preview('picam:0', ({ jpeg }) => {
      port1.postMessage(jpeg, [jpeg.buffer as ArrayBuffer]);
    });
    const camera = await cameraEnd();
    await camera.give([5]);
    expect(camera.wants).toEqual([{ type: 'want' }, { type: 'want' }]);
    expect(receiveMessageOnPort(port2)?.message).toEqual(Uint8Array.of(5));
    port1.close();
  });

  it('may forbid that its memory goes back', async () => {
    await rig.assign();
    rig.module.preview('picam:0', ({ jpeg }) => {
      markAsUntransferable(jpeg.buffer);
    });
    const camera = await cameraEnd();
    await camera.give();
    await camera.give();
    expect(camera.wants).toHaveLength(3);
  });

  it('that throws, or whose promise rejects, is logged once and called again', async () => {
    await rig.assign();
    let calls = 0;
    rig.module.preview('picam:0', () => {
      calls += 1;
      if (calls % 2 === 1) throw new Error('thrown');
      return Promise.reject(new Error('rejected'));
    });
    const camera = await cameraEnd();
    for (let picture = 0; picture < 4; picture += 1) await camera.give();
    expect(calls).toBe(4);
    expect(camera.wants).toHaveLength(5);
    expect(warnings()).toEqual(['A preview listener failed. It is called again with later pictures.']);
  });

  it('that never settles is logged once, and wants no more', async () => {
    await rig.assign();
    rig.module.preview('picam:0', () => new Promise(() => undefined));
    const camera = await cameraEnd();
    await camera.give();
    await rig.clock.advance(60_000);
    expect(camera.wants).toHaveLength(1);
    expect(warnings()).toEqual([
      'A preview listener takes long. It gets no further picture until it is ready; recording goes on.',
    ]);
  });

  it('that takes long again and again is logged once, and gets a picture whenever it is ready', async () => {
    await rig.assign();
    rig.module.preview('picam:0', () => rig.clock.sleep(3_000));
    const camera = await cameraEnd();
    for (let picture = 0; picture < 3; picture += 1) {
      await camera.give();
      await rig.clock.advance(3_000);
    }
    expect(camera.wants).toHaveLength(4);
    expect(warnings()).toHaveLength(1);
  });

  it('keeps no process alive', async () => {
    await rig.assign();
    rig.module.preview('picam:0', look);
    rig.module.preview('picam:1', look);
    await cameraEnd();
    expect(process.getActiveResourcesInfo()).not.toContain('MessagePort');
  });

  it('waits for its camera to be assigned, and for no other one', async () => {
    rig.module.preview('picam:1', look);
    await rig.assign('picam:0');
    expect(rig.pipelines.of('picam:0').ports).toHaveLength(0);
    await rig.assign('picam:1');
    const camera = await cameraEnd('picam:1');
    await camera.give();
    expect(frames).toMatchObject([{ deviceId: 'picam:1' }]);
  });

  it('goes on when its camera is unassigned and assigned again', async () => {
    await rig.assign();
    rig.module.preview('picam:0', look);
    const first = await cameraEnd();
    await first.give();
    await rig.ask('unassign_device', { device_id: 'picam:0' });
    await settled();
    expect(first.isClosed).toBe(true);
    await rig.clock.advance(RECONNECT_MS);
    await rig.assign();
    const second = await cameraEnd();
    expect(second).not.toBe(first);
    expect(second.wants).toEqual([{ type: 'want' }]);
    await second.give([4]);
    expect(seen).toEqual([[1, 2, 3], [4]]);
  });

  it('connects again when the thread of its camera dies, while it still looks at a picture', async () => {
    await rig.assign();
    const { promise, resolve } = withResolve<void>();
    rig.module.preview('picam:0', (frame) => {
      look(frame);
      return promise;
    });
    const first = await cameraEnd();
    await first.give();
    first.close();
    await rig.clock.advance(RECONNECT_MS);
    const second = await cameraEnd();
    expect(second.wants).toEqual([]);
    resolve();
    await settled();
    expect(second.wants[0]?.buffer?.byteLength).toBe(16);
    await second.give([4]);
    expect(seen).toEqual([[1, 2, 3], [4]]);
  });

  it('does not spin where a pipeline closes every port', async () => {
    await rig.assign();
    const { ports } = rig.pipelines.of('picam:0');
    rig.module.preview('picam:0', look);
    for (let step = 0; step < 10; step += 1) {
      ports.at(-1)?.close();
      await rig.clock.advance(100);
    }
    expect(ports.length).toBeLessThanOrEqual(1 + 1_000 / RECONNECT_MS);
    expect(ports.length).toBeGreaterThan(2);
  });

  it('ends with the function that it got', async () => {
    await rig.assign();
    const end = rig.module.preview('picam:0', look);
    rig.module.preview('picam:0', look);
    const [one, two] = rig.pipelines.of('picam:0').ports.map((port) => new CameraEnd(port));
    await settled();
    end();
    end();
    await one?.give();
    await two?.give();
    expect([one?.isClosed, two?.isClosed, frames.length]).toEqual([true, false, 1]);
  });

  it('ends before it was ever connected', async () => {
    const end = rig.module.preview('picam:0', look);
    end();
    await settled();
    await rig.assign();
    expect(rig.pipelines.of('picam:0').ports).toHaveLength(0);
  });

  it('ends with the module, and while that stops there is no new one', async () => {
    await rig.assign();
    rig.module.preview('picam:0', () => new Promise(() => undefined));
    rig.module.preview('picam:7', look);
    const camera = await cameraEnd();
    await camera.give();
    const stopped = rig.module.stop();
    rig.module.preview('picam:0', look);
    await stopped;
    rig.expectTidy();
    await rig.start();
    await rig.assign();
    expect(rig.pipelines.of('picam:0').ports).toHaveLength(0);
  });

  it.each([
    [undefined, look],
    [0, look],
    ['picam:0', undefined],
    ['picam:0', {}],
  ])('is refused as %p, %p', (deviceId, listener) => {
    expect(() => rig.module.preview(deviceId as never, listener as never)).toThrow(TypeError);
  });
});

it('closes the port of a reader whose camera never came', async () => {
  const previews = new Previews(rig.clock, rig.logs);
  const reader = new PreviewReader((port) => {
    previews.connect('picam:0', port);
  });
  previews.end();
  await settled();
  expect(reader.isClosed).toBe(true);
});

it('brings a reader to the present camera, also when an earlier one of that id ends late', async () => {
  const previews = new Previews(rig.clock, rig.logs);
  const reached: number[] = [];
  let made = 0;
  const factory = previews.seeing(() => {
    const number = (made += 1);
    return {
      send: () => undefined,
      connectPreview: (port) => {
        reached.push(number);
        port.close();
      },
      end: () => Promise.resolve(),
    };
  });
  const options = { deviceId: 'picam:0' } as PipelineOptions;
  const earlier = factory(options, () => undefined);
  factory(options, () => undefined);
  await earlier.end(0n);
  previews.connect('picam:0', new MessageChannel().port1);
  expect(reached).toEqual([2]);
  previews.end();
});

it('listens from the start on where it was there before', async () => {
  const frames: PreviewFrame[] = [];
  rig.module.preview('picam:0', (frame) => {
    frames.push(frame);
  });
  await rig.start();
  await rig.assign();
  const camera = await cameraEnd();
  await camera.give();
  expect(frames).toHaveLength(1);
});
