import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fromNow } from '../../../../src/core/deadline.js';
import { CsiCamerasError } from '../../../../src/core/errors.js';
import { Frame } from '../../../../src/core/frame.js';
import type { FrameTimes } from '../../../../src/core/frame.js';
import { jpegFrames } from '../../../harness/jpeg-frames.js';
import { settled } from '../../../harness/manual-clock.js';
import { PreviewReader } from '../../../harness/preview-reader.js';
import { PipelineRig, REQUEST } from '../pipeline-rig.js';

const GONE = new CsiCamerasError('camera_disconnected', 'The camera stopped answering.');

let rig: PipelineRig;
let reader: PreviewReader;

const connect = (): PreviewReader =>
  new PreviewReader((port) => {
    rig.pipeline.connectPreview(port);
  });

beforeEach(async () => {
  rig = new PipelineRig({ previewEnabled: true });
  reader = connect();
  await rig.openStream();
});

afterEach(async () => {
  const closing = rig.pipeline.end(fromNow(rig.clock, 2_000));
  await rig.clock.advance(5_000);
  await closing;
  expect(reader.isClosed).toBe(true);
  expect(rig.clock.timers).toBe(0);
  expect(rig.source.ledger.held).toBe(0);
});

/** Wants a picture before each of so many frames. Returns the numbers of the frames that came. */
async function watch(frames: number, fps?: number): Promise<number[]> {
  const before = reader.pictures.length;
  for (let frame = 0; frame < frames; frame += 1) {
    await reader.want();
    await rig.frames(1, fps);
  }
  return reader.pictures.slice(before).map(({ frameNumber }) => frameNumber);
}

/** Hands a frame of several pieces to the pipeline. */
function give({ bytes, byteLength, times }: Pick<Frame, 'bytes' | 'byteLength' | 'times'>): void {
  rig.stream.listener.onFrame(new Frame(bytes, byteLength, times, []));
}

describe('a reader of the preview', () => {
  it('gets the next frame that it wants, whole, with its number, times and size', async () => {
    await reader.want();
    const [frame] = jpegFrames(1, { large: true, inTwoPieces: true });
    if (frame === undefined) throw new Error('No frame was made.');
    expect(frame.bytes).toHaveLength(2);
    const times: FrameTimes = { ...frame.times, sensorTimestampNs: rig.stream.startNs + 1_000_000_000n };
    give({ bytes: frame.bytes, byteLength: frame.byteLength, times });
    await settled();
    const { buffer, ...facts } = reader.last;
    expect(facts).toEqual({
      type: 'frame',
      byteLength: frame.byteLength,
      frameNumber: 2,
      sensorTimestampNs: times.sensorTimestampNs,
      arrivedMonotonicNs: times.arrivedMonotonicNs,
      width: 1456,
      height: 1088,
    });
    expect(Buffer.from(buffer, 0, facts.byteLength).equals(Buffer.concat(frame.bytes))).toBe(true);
  });

  it('gets nothing that it did not want, and no frame is held for it', async () => {
    await rig.frames(30);
    expect(reader.pictures).toEqual([]);
    expect(rig.source.ledger.held).toBe(0);
    await reader.want();
    await rig.frames(30);
    expect(reader.pictures).toHaveLength(1);
  });

  it('gets one picture for several wants at once', async () => {
    await reader.want(new ArrayBuffer(150));
    await reader.want(new ArrayBuffer(250));
    await reader.want();
    await rig.frames(60);
    expect(reader.pictures.map(({ buffer }) => buffer.byteLength)).toEqual([150]);
  });

  it('gets its buffer back with the next frame, and a larger one where that does not fit', async () => {
    const timesAt = (s: number): Partial<FrameTimes> => ({
      sensorTimestampNs: rig.stream.startNs + BigInt(s) * 1_000_000_000n,
    });
    await reader.want(new ArrayBuffer(150));
    rig.stream.giveFrame(timesAt(1), 120);
    await settled();
    expect([reader.last.buffer.byteLength, reader.last.byteLength]).toEqual([150, 120]);
    await reader.want(reader.last.buffer);
    rig.stream.giveFrame(timesAt(2), 150);
    await settled();
    expect([reader.last.buffer.byteLength, reader.last.byteLength]).toEqual([150, 150]);
    await reader.want(reader.last.buffer);
    rig.stream.giveFrame(timesAt(3), 151);
    await settled();
    expect(reader.last.byteLength).toBe(151);
    expect(reader.last.buffer.byteLength).toBeGreaterThan(151);
    expect(Buffer.from(reader.last.buffer).readUInt32LE()).toBe(4);
  });

  it('gets pictures at the rate of the preview, and no burst after it looked away', async () => {
    expect(await watch(60)).toHaveLength(10);
    await rig.clock.advance(500);
    expect(rig.last('figures').figures.previewFps).toBeCloseTo(5, 1);
    await rig.frames(300);
    const numbers = await watch(60);
    expect(numbers).toHaveLength(10);
    expect(numbers.map((number) => number - (numbers[0] ?? 0))).toEqual([0, 6, 12, 18, 24, 30, 36, 42, 48, 54]);
  });

  it('gets the very next frame where it has not looked for a while', async () => {
    await watch(60);
    await rig.frames(100);
    const numbers = await watch(1);
    expect(numbers).toEqual([rig.stream.delivered]);
  });

  it('gets every frame of a camera that is slower than the preview', async () => {
    expect(await watch(10, 2)).toHaveLength(10);
  });

  it('keeps nobody alive', () => {
    expect(process.getActiveResourcesInfo()).not.toContain('MessagePort');
  });

  it('says what is no want, and is not answered', async () => {
    for (const word of [null, 'want', 7, {}, { type: 'wants' }, [{ type: 'want' }], undefined]) await reader.say(word);
    await rig.frames(10);
    expect(reader.pictures).toEqual([]);
    await reader.say({ type: 'want', buffer: 'none' });
    await rig.frames(10);
    expect(reader.pictures).toHaveLength(1);
    await reader.say({ type: 'want', buffer: new SharedArrayBuffer(4_096) });
    await rig.frames(10);
    expect(reader.pictures).toHaveLength(2);
  });

  it('has company: each gets the frame that both wait for, and one that leaves takes nothing along', async () => {
    const other = connect();
    await Promise.all([reader.want(), other.want()]);
    await rig.frames(10);
    expect(other.last.frameNumber).toBe(reader.last.frameNumber);
    await Promise.all([reader.want(), other.want()]);
    await other.close();
    await rig.frames(10);
    expect([reader.pictures.length, other.pictures.length]).toEqual([2, 1]);
    await rig.clock.advance(500);
    expect(rig.last('figures').figures.previewFps).toBeCloseTo(3, 6); // a frame counts once, whoever gets it
  });

  it('costs the recording nothing when its frame cannot be copied, and is let go', async () => {
    await rig.startRecording();
    await reader.want();
    const bytes = [Buffer.alloc(10), Buffer.alloc(200_000)]; // longer than they say: no room in the copy
    give({ bytes, byteLength: 10, times: { sensorTimestampNs: 0n, arrivedMonotonicNs: 1n, wallClockUs: 1n } });
    await rig.frames(1);
    await rig.stopRecording();
    expect(rig.last('recordingStopped').summary.counts).toMatchObject({ delivered: 2, recorded: 2 });
    expect(rig.all('log').map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'A preview frame could not be copied. Its reader is disconnected.'],
    ]);
    expect(reader.isClosed).toBe(true);
  });

  it('is told why no picture comes, at the beginning and after each change', async () => {
    rig.send({ type: 'setPreview', enabled: false });
    rig.send({ type: 'setPreview', enabled: false });
    rig.send({ type: 'setLoadLevel', level: 'previewPaused' });
    rig.send({ type: 'setPreview', enabled: true });
    rig.send({ type: 'setLoadLevel', level: 'normal' });
    rig.stream.lose(GONE);
    await settled();
    await rig.openStream(2);
    await rig.closeRun(2);
    await settled();
    expect(reader.states).toEqual(['none', 'live', 'off', 'paused', 'live', 'lost', 'live', 'none']);
    const late = connect();
    await settled();
    expect(late.states).toEqual(['none']);
  });

  it('keeps its want while the preview is off, and then gets the next frame', async () => {
    rig.send({ type: 'setPreview', enabled: false });
    await reader.want();
    await rig.frames(60);
    expect(reader.pictures).toEqual([]);
    rig.send({ type: 'setPreview', enabled: true });
    await rig.frames(1);
    expect(reader.last.frameNumber).toBe(rig.stream.delivered);
  });

  it('keeps its want across the runs of the camera, and the preview stays as it was set', async () => {
    expect(await watch(60)).toHaveLength(10);
    await rig.closeRun();
    await rig.openStream(2);
    // The new run's time begins anew; what was due in the old one counts no more.
    expect((await watch(30)).length).toBeGreaterThanOrEqual(5);
    rig.send({ type: 'setPreview', enabled: false });
    await reader.want();
    await rig.closeRun(2);
    await rig.openStream(3);
    const before = reader.pictures.length;
    await rig.frames(10);
    expect(reader.pictures).toHaveLength(before);
    rig.send({ type: 'setPreview', enabled: true });
    await rig.closeRun(3);
    await rig.openStream(4);
    expect(reader.pictures).toHaveLength(before + 1);
    expect(reader.last.frameNumber).toBe(1);
  });

  it('gets no more pictures of a camera that is being closed', async () => {
    await watch(1);
    rig.stream.closing = new Promise(() => undefined);
    await reader.want();
    await rig.closeRun(1, 1_000);
    rig.stream.giveFrames(20);
    await rig.clock.advance(1_000);
    expect(reader.pictures).toHaveLength(1);
    expect(reader.states).toEqual(['none', 'live', 'none']);
  });

  it('is closed at once by a pipeline that has ended', async () => {
    await Promise.all([rig.pipeline.end(fromNow(rig.clock, 2_000)), rig.clock.advance(2_000)]);
    const late = connect();
    await settled();
    expect([late.isClosed, late.states]).toEqual([true, []]);
  });
});

it('closes ports before its first run too', async () => {
  const unused = new PipelineRig();
  const early = new PreviewReader((port) => {
    unused.pipeline.connectPreview(port);
  });
  await early.want();
  await unused.pipeline.end(fromNow(unused.clock, 100));
  await settled();
  expect([early.isClosed, early.states]).toEqual([true, ['off']]);
  unused.send({ type: 'open', run: 1, request: REQUEST });
  expect(unused.last('lost').error.code).toBe('shutting_down');
});
