import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MessagePort } from 'node:worker_threads';
import type { PreviewAnswer, PreviewState, PreviewWant } from '../../../../src/core/preview-words.js';
import { FrameDesk, type Picture } from '../../../../src/monitor/server/frame-desk.js';
import { PreviewDesk } from '../../../../src/pipeline/preview/preview-desk.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { ManualClock, settled } from '../../../harness/manual-clock.js';

const LIMIT_MS = 400;
const KIB = 1024;

/** The camera's end of the ports, played by the test. */
class Camera {
  readonly ports: MessagePort[] = [];
  readonly wants: (number | null)[] = [];

  connect(port: MessagePort): void {
    this.ports.push(port);
    port.on('message', ({ buffer }: PreviewWant) => this.wants.push(buffer?.byteLength ?? null));
    port.unref();
  }

  async say(answer: PreviewAnswer): Promise<void> {
    this.ports.at(-1)?.postMessage(answer, answer.type === 'frame' ? [answer.buffer] : []);
    await settled();
  }

  async tell(state: PreviewState): Promise<void> {
    await this.say({ type: 'state', state });
  }

  /** `size`: of the buffer. The picture is shorter; each of its bytes is its number. */
  async show(frameNumber: number, arrivedMonotonicNs: bigint, size = 64 * KIB): Promise<void> {
    const buffer = new ArrayBuffer(size);
    new Uint8Array(buffer).fill(frameNumber % 256);
    const times = { sensorTimestampNs: 0n, arrivedMonotonicNs };
    await this.say({ type: 'frame', buffer, byteLength: 1_000, frameNumber, ...times, width: 64, height: 48 });
  }
}

let clock: ManualClock;
let camera: Camera;
let desk: FrameDesk;

beforeEach(() => {
  clock = new ManualClock();
  camera = new Camera();
  desk = new FrameDesk((_, port) => {
    camera.connect(port);
  }, clock);
});

afterEach(async () => {
  desk.close();
  for (const port of camera.ports) port.close();
  await settled();
  expect(clock.timers).toBe(0);
});

type Seen = Picture & { readonly kind: 'picture' };

/** A viewer that waits: `answer` is null until it is answered. */
function viewer(after = 0): { answer: Picture | null; readonly picture: () => Seen } {
  const waiting: { answer: Picture | null; readonly picture: () => Seen } = {
    answer: null,
    picture: () => {
      if (waiting.answer?.kind !== 'picture') throw new Error(`No picture: ${JSON.stringify(waiting.answer)}`);
      return waiting.answer;
    },
  };
  void desk.fetch('picam:0', after, LIMIT_MS).then((picture) => {
    waiting.answer = picture;
  });
  return waiting;
}

/** A viewer that got the picture of this number, live. */
async function shown(frameNumber: number, size?: number): Promise<Seen> {
  const one = viewer(frameNumber - 1);
  await settled();
  if (camera.wants.length === 0) await camera.tell('live');
  await camera.show(frameNumber, clock.monotonicNs(), size);
  return one.picture();
}

const nothing = (why: Exclude<PreviewState, 'live'>): Picture => ({ kind: 'nothing', why });

describe('pictures for viewers', () => {
  it('are the part of the buffer that is picture, with number and time', async () => {
    const arrivedMonotonicNs = clock.monotonicNs();
    const picture = await shown(7);
    expect(picture).toMatchObject({ frameNumber: 7, arrivedMonotonicNs });
    expect([picture.bytes.length, picture.bytes[0], picture.bytes[999]]).toEqual([1_000, 7, 7]);
  });

  it('are wanted once, after the first state, however many wait, and shared by all', async () => {
    const viewers = [viewer(), viewer(), viewer()];
    await settled();
    expect([camera.ports.length, camera.wants]).toEqual([1, []]);
    await camera.tell('live');
    expect(camera.wants).toEqual([null]);
    await camera.show(1, clock.monotonicNs());
    expect(new Set(viewers.map((one) => one.picture().bytes.buffer)).size).toBe(1);
    expect(camera.wants).toEqual([null]);
  });

  it('are not wanted while nobody looks', async () => {
    await shown(1);
    await clock.advance(10_000);
    await camera.tell('off');
    await camera.tell('live');
    expect(camera.wants).toEqual([null]);
    expect(camera.ports).toHaveLength(1);
  });

  it('go round in two buffers, given back when all viewers released them', async () => {
    for (let number = 1; number <= 5; number += 1) {
      const picture = await shown(number);
      picture.release();
      picture.release();
      await clock.advance(500);
    }
    expect(camera.wants).toEqual([null, null, 64 * KIB, 64 * KIB, 64 * KIB]);
  });

  it('keep their bytes while one viewer has not released them', async () => {
    const slow = await shown(1);
    for (const number of [2, 3, 4]) {
      (await shown(number)).release();
      await clock.advance(500);
    }
    expect([slow.bytes.length, slow.bytes[0]]).toEqual([1_000, 1]);
    slow.release();
    expect(camera.wants).toEqual([null, null, null, 64 * KIB]);
  });

  it('come no more while slow viewers hold 8 MiB, and again when they let go; what is known is still given', async () => {
    const slow = [await shown(1, 4_100 * KIB), await shown(2, 4_100 * KIB), await shown(3, 4_100 * KIB)];
    expect(camera.wants).toHaveLength(3);
    const honest = viewer();
    const knowing = viewer(3);
    await clock.advance(LIMIT_MS);
    expect(honest.answer).toMatchObject({ kind: 'picture', frameNumber: 3 });
    expect(knowing.answer).toEqual(nothing('none'));
    expect(camera.wants).toHaveLength(3);
    const patient = viewer(3);
    slow[0]?.release();
    await settled();
    expect(camera.wants).toHaveLength(4);
    await camera.show(4, clock.monotonicNs());
    expect(patient.picture().frameNumber).toBe(4);
  });

  it('are given at once to a viewer who comes a moment later, and anew to one who comes later still', async () => {
    await shown(1);
    await clock.advance(200);
    const second = viewer();
    await settled();
    expect(second.picture().frameNumber).toBe(1);
    await clock.advance(1);
    const third = viewer();
    await settled();
    expect(third.answer).toBeNull();
    expect(camera.wants).toHaveLength(2);
  });

  it('that came while nobody waited are given when the limit is over, to those who do not have them', async () => {
    const late = viewer();
    await settled();
    await camera.tell('live');
    await clock.advance(LIMIT_MS);
    expect(late.answer).toEqual(nothing('none'));
    await camera.show(1, clock.monotonicNs());
    await clock.advance(50_000);
    const [newcomer, knowing] = [viewer(), viewer(1)];
    await clock.advance(LIMIT_MS - 1);
    expect(newcomer.answer).toBeNull();
    await clock.advance(1);
    expect(newcomer.picture().frameNumber).toBe(1);
    expect(knowing.answer).toEqual(nothing('none'));
  });

  it('go on with small numbers when the camera was opened again', async () => {
    await shown(1_000);
    const same = viewer(1_000);
    await settled();
    await camera.tell('lost');
    await camera.tell('live');
    await camera.show(1, clock.monotonicNs());
    expect(same.picture().frameNumber).toBe(1);
  });

  it.each(['off', 'paused', 'lost', 'none'] as const)(
    'are told to be %s when the limit is over, not an old one',
    async (why) => {
      await shown(1);
      await camera.tell(why);
      const one = viewer();
      await clock.advance(LIMIT_MS - 1);
      expect(one.answer).toBeNull();
      await clock.advance(1);
      expect(one.answer).toEqual(nothing(why));
    },
  );

  it('come within the limit when the camera is back within it', async () => {
    const one = viewer();
    await settled();
    await camera.tell('off');
    await clock.advance(100);
    await camera.tell('live');
    await camera.show(3, clock.monotonicNs());
    expect(one.picture().frameNumber).toBe(3);
  });

  it('of a camera that nobody assigned are none', async () => {
    const one = viewer();
    await clock.advance(LIMIT_MS);
    expect(one.answer).toEqual(nothing('none'));
  });
});

describe('a port that closes', () => {
  it('leaves nobody waiting, and is replaced for who looks next, after a pause', async () => {
    await shown(1);
    await clock.advance(1_000);
    const one = viewer(1);
    await settled();
    camera.ports[0]?.close();
    await settled();
    expect(one.answer).toEqual(nothing('lost'));
    const hasty = viewer(1);
    await clock.advance(LIMIT_MS);
    expect(hasty.answer).toEqual(nothing('lost'));
    expect(camera.ports).toHaveLength(1);
    const next = viewer(1);
    await settled();
    await camera.tell('live');
    await camera.show(1, clock.monotonicNs());
    expect(camera.ports).toHaveLength(2);
    await clock.advance(LIMIT_MS);
    expect(next.answer).not.toBeNull();
  });

  it('takes its pictures with it: none is shown as one of the camera that comes next', async () => {
    await shown(5);
    camera.ports[0]?.close();
    await settled();
    await clock.advance(250);
    const one = viewer();
    await settled();
    await camera.tell('live');
    await clock.advance(LIMIT_MS);
    expect([camera.ports.length, one.answer]).toEqual([2, nothing('none')]);
  });

  it('is that of a camera which is not assigned any more, and who waits is told', async () => {
    const closed: number[] = [];
    const look = async (): Promise<Picture | null> => {
      const waiting = viewer();
      await settled();
      return waiting.answer;
    };
    // The snapshot still has the camera, and its port waits for an assignment that never comes.
    expect(await look()).toBeNull();
    camera.ports[0]?.once('close', () => closed.push(0));
    desk.keep(new Set(['picam:0']));
    await settled();
    expect(closed).toEqual([]);
    const waiting = viewer();
    desk.keep(new Set(['another']));
    await settled();
    expect([closed, waiting.answer]).toEqual([[0], nothing('lost')]);
    await clock.advance(1_000);
    expect(await look()).toBeNull();
    expect(camera.ports).toHaveLength(2);
    desk.keep(new Set());
  });

  it('takes its last picture with it: the next camera of that name is another one', async () => {
    const picture = await shown(5);
    picture.release();
    camera.ports[0]?.close();
    await settled();
    const next = viewer();
    await settled();
    expect(next.answer).toBeNull();
    await clock.advance(LIMIT_MS);
    expect(next.answer).toEqual(nothing('lost'));
  });

  it('lets a viewer keep what it was given', async () => {
    const picture = await shown(5);
    camera.ports[0]?.close();
    await settled();
    expect(picture.bytes[0]).toBe(5);
    picture.release();
  });

  it('of ours tells the camera', async () => {
    await shown(1);
    let isClosed = false;
    camera.ports[0]?.once('close', () => {
      isClosed = true;
    });
    const one = viewer(1);
    desk.close();
    await settled();
    expect([isClosed, one.answer]).toEqual([true, nothing('lost')]);
  });
});

describe('the preview of a camera', () => {
  it('has its pictures looked at', async () => {
    const preview = new PreviewDesk({ deviceId: 'picam:0', fps: 0, isEnabled: true, log: () => undefined });
    preview.beginStream({ width: 64, height: 48 });
    const looked = new FrameDesk((deviceId, port) => {
      expect(deviceId).toBe('picam:0');
      preview.connect(port);
    }, clock);
    for (const [index, frame] of jpegFrames(3).entries()) {
      const answer = looked.fetch('picam:0', index, LIMIT_MS);
      await settled();
      preview.offer(frame, index + 1, index * 1_000);
      const picture = await answer;
      if (picture.kind !== 'picture') throw new Error(picture.why);
      expect(picture.frameNumber).toBe(index + 1);
      expect(Buffer.concat(frame.bytes).equals(picture.bytes)).toBe(true);
      picture.release();
      await clock.advance(1_000);
    }
    looked.close();
    preview.end();
  });
});
