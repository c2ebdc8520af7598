import { afterEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { fromNow } from '../../../../src/core/deadline.js';
import { CsiCamerasError } from '../../../../src/core/errors.js';
import type { PipelineOptions } from '../../../../src/pipeline/camera-pipeline.js';
import type { Frame } from '../../../../src/core/frame.js';
import { TakeBounds } from '../../../../src/pipeline/recorder/take-bounds.js';
import { makeFrame } from '../../../harness/fake-camera-source.js';
import { settled } from '../../../harness/manual-clock.js';
import { PipelineRig, REQUEST } from '../pipeline-rig.js';

/** When a take begins and ends: frames are held against the instants of their trial. */

const GONE = new CsiCamerasError('camera_disconnected', 'The camera stopped answering.');
const BROKEN = new CsiCamerasError('io_error', 'The disk failed.');
/** Now, on the clock of a rig that was just made. */
const T0 = 1_000_000_000_000n;
const MS = 1_000_000n;
const BUFFER: PipelineOptions['buffer'] = { maxFrames: 4_096, maxBytes: 10_000_000, whenFull: 'dropOldest' };

interface CameraFrame {
  readonly stampNs: bigint;
  readonly arrivedNs: bigint;
  /** Lost in the camera. */
  readonly isLost: boolean;
}

interface CameraPlan {
  readonly periodNs: bigint;
  readonly phaseNs: bigint;
  readonly latenciesMs: readonly number[];
  readonly lost: ReadonlySet<number>;
}

const plan = (lost: fc.Arbitrary<readonly number[]>): fc.Arbitrary<CameraPlan> =>
  fc
    .record({
      periodUs: fc.integer({ min: 4_000, max: 120_000 }),
      phaseNs: fc.integer({ min: 1, max: 999_999 }),
      latenciesMs: fc.array(fc.integer({ min: 0, max: 260 }), { minLength: 1, maxLength: 20 }),
      lost,
    })
    .map(({ periodUs, phaseNs, latenciesMs, lost: numbers }) => ({
      periodNs: BigInt(periodUs) * 1_000n,
      phaseNs: BigInt(phaseNs),
      latenciesMs,
      lost: new Set(numbers),
    }));

const anyPlan = plan(fc.constant([]));
/** Single frames and bursts are lost; never the first ones, by which a stream is known. */
const anyPlanWithGaps = plan(fc.uniqueArray(fc.integer({ min: 3, max: 120 }), { maxLength: 40 }));

/** The frames of a camera for so long, in the order of their arrival. */
function framesOf({ periodNs, phaseNs, latenciesMs, lost }: CameraPlan, untilNs: bigint): CameraFrame[] {
  const frames: CameraFrame[] = [];
  let lastArrivedNs = 0n;
  for (let index = 0; ; index += 1) {
    const stampNs = T0 + phaseNs + BigInt(index) * periodNs;
    const latencyMs = latenciesMs[index % latenciesMs.length] ?? 0;
    // Whole milliseconds, because the manual clock is turned by them. The pipe keeps the order.
    const arrivesNs = (stampNs / MS + 1n + BigInt(latencyMs)) * MS;
    const arrivedNs = arrivesNs > lastArrivedNs ? arrivesNs : lastArrivedNs;
    lastArrivedNs = arrivedNs;
    if (arrivedNs > untilNs) return frames;
    frames.push({ stampNs, arrivedNs, isLost: lost.has(index) });
  }
}

/** Opens a stream and then lets the frames come, each at its time. `orders`: what happens between them, by time. */
async function play(
  rig: PipelineRig,
  frames: readonly CameraFrame[],
  orders: readonly { readonly atNs: bigint; readonly what: () => void }[],
  periodNs: bigint,
): Promise<void> {
  rig.send({ type: 'open', run: 1, request: REQUEST });
  await settled();
  rig.stream.giveFormat();
  const came = frames.filter(({ isLost }) => !isLost);
  const steps = [
    ...came.map(({ stampNs, arrivedNs }) => ({
      atNs: arrivedNs,
      what: () => {
        const times = { sensorTimestampNs: stampNs, arrivedMonotonicNs: arrivedNs };
        rig.stream.giveFrame({ ...times, frameDurationUs: Number(periodNs / 1_000n) });
      },
    })),
    ...orders,
  ].sort((a, b) => Number(a.atNs - b.atNs));
  for (const { atNs, what } of steps) {
    await until(rig, atNs);
    what();
  }
  await settled();
}

async function until(rig: PipelineRig, atNs: bigint): Promise<void> {
  const ms = Number((atNs - rig.clock.monotonicNs()) / MS);
  if (ms > 0) await rig.clock.advance(ms);
}

async function end(rig: PipelineRig): Promise<void> {
  const closing = rig.pipeline.end(fromNow(rig.clock, 2_000));
  await rig.clock.advance(2_000);
  await closing;
  expect(rig.clock.timers).toBe(0);
  expect(rig.source.ledger.held).toBe(0);
}

/** When the start is sent, how far ahead its instant lies, and how long after the start it is stopped, ms. */
interface Trial {
  readonly sentMs: number;
  readonly aheadMs: number;
  readonly stopMs: number;
}

const anyTrial: fc.Arbitrary<Trial> = fc.record({
  sentMs: fc.integer({ min: 300, max: 700 }),
  aheadMs: fc.integer({ min: -50, max: 400 }),
  stopMs: fc.integer({ min: 0, max: 1_200 }),
});

/** A camera is started and stopped by instants while its frames come. */
async function playTrial(camera: CameraPlan, { sentMs, aheadMs, stopMs }: Trial) {
  const sentNs = T0 + BigInt(sentMs) * MS;
  const startNs = sentNs + BigInt(aheadMs) * MS;
  const stopNs = sentNs + BigInt(stopMs) * MS;
  const frames = framesOf(camera, stopNs + 600n * MS);
  const rig = new PipelineRig({ buffer: BUFFER });
  await play(
    rig,
    frames,
    [
      { atNs: sentNs, what: () => void rig.startRecording(1, { startNs }) },
      { atNs: stopNs, what: () => rig.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs }) },
    ],
    camera.periodNs,
  );
  return { rig, frames, sentNs, startNs, stopNs };
}

describe('a take', () => {
  it('holds exactly the frames from its start up to its stop that come within 200 ms of that', async () => {
    const property = fc.asyncProperty(anyPlan, anyTrial, async (camera, trial) => {
      const { rig, frames, sentNs, startNs, stopNs } = await playTrial(camera, trial);
      await settled();
      const expected = frames.flatMap(({ stampNs, arrivedNs }, index) => {
        const isWithin = stampNs >= startNs && stampNs < stopNs;
        // A frame of the very millisecond of an order is played before it.
        const comes = arrivedNs > sentNs && arrivedNs <= stopNs + 200n * MS;
        return isWithin && comes ? [index + 1] : [];
      });
      const { summary } = rig.last('recordingStopped');
      expect(rig.session.recording.numbers).toEqual(expected);
      expect(summary).toMatchObject({ frames: expected.length, reason: 'command', error: null });
      expect(summary.counts).toMatchObject({
        delivered: expected.length,
        recorded: expected.length,
        missingAtSource: 0,
      });
      const first = frames[(expected[0] ?? 0) - 1];
      expect(rig.all('recordingStarted').map(({ firstFrameNs }) => firstFrameNs)).toEqual(
        first === undefined ? [] : [first.stampNs],
      );
      await end(rig);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('has the frame at its start instant, and not the one at its stop instant', () => {
    const at = (ms: number): Frame => makeFrame(1, { times: { sensorTimestampNs: T0 + BigInt(ms) * MS } });
    const bounds = new TakeBounds(T0 + 10n * MS, 30);
    expect([9, 10, 19].map((ms) => bounds.place(at(ms)))).toEqual(['before', 'within', 'within']);
    expect(bounds.isOpen).toBe(true);
    expect(bounds.endAt(T0 + 20n * MS)).toBe(true);
    expect([19, 20, 21].map((ms) => bounds.place(at(ms)))).toEqual(['within', 'after', 'after']);
  });

  it('ends at its first stop instant, whatever a later stop says', () => {
    const bounds = new TakeBounds(T0, 30);
    const at = (ms: number): Frame => makeFrame(1, { times: { sensorTimestampNs: T0 + BigInt(ms) * MS } });
    expect([bounds.place(at(1)), bounds.endAt(T0 + 20n * MS), bounds.endAt(T0 + 40n * MS)]).toEqual([
      'within',
      true,
      true,
    ]);
    expect([19, 20, 39].map((ms) => bounds.place(at(ms)))).toEqual(['within', 'after', 'after']);
  });

  it('of a slow camera begins without a stamp in time only after a second and four of its frame times', () => {
    const lagging = (ms: number): Frame =>
      makeFrame(1, { times: { sensorTimestampNs: T0 - MS, arrivedMonotonicNs: T0 + BigInt(ms) * MS } });
    const bounds = new TakeBounds(T0, 2);
    expect([1_000, 2_999, 3_000].map((ms) => bounds.place(lagging(ms)))).toEqual(['before', 'before', 'within']);
  });

  it('misses the frames that its camera lost between its first frame and its stop, and no others', async () => {
    const property = fc.asyncProperty(anyPlanWithGaps, anyTrial, async (camera, trial) => {
      const { rig, frames, sentNs, startNs, stopNs } = await playTrial(camera, trial);
      const inTime = frames.filter(({ arrivedNs, isLost }) => !isLost && arrivedNs <= stopNs + 200n * MS);
      const firstNs = inTime.find(({ stampNs, arrivedNs }) => arrivedNs > sentNs && stampNs >= startNs)?.stampNs;
      // What was lost behind the last frame that came is known to nobody yet.
      const lastNs = inTime.at(-1)?.stampNs ?? 0n;
      const isMissed = ({ isLost, stampNs }: CameraFrame): boolean =>
        isLost && firstNs !== undefined && stampNs > firstNs && stampNs < stopNs && stampNs < lastNs;
      const missing = frames.filter((frame) => isMissed(frame)).length;
      const { counts } = rig.last('recordingStopped').summary;
      expect(counts.missingAtSource).toBe(missing);
      expect(counts.delivered).toBe(counts.recorded);
      const dropped = rig.all('drop').filter(({ drop }) => drop.reason === 'source_gap' && drop.trial !== null);
      expect(dropped.reduce((sum, { drop }) => sum + (drop.count ?? 1), 0)).toBe(missing);
      await end(rig);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('begins with that of another camera, within one frame time of the slower one', async () => {
    const property = fc.asyncProperty(
      anyPlan,
      anyPlan,
      fc.integer({ min: 0, max: 400 }),
      async (one, other, aheadMs) => {
        const sentNs = T0 + 500n * MS;
        const startNs = sentNs + BigInt(aheadMs) * MS;
        const firsts: { readonly stampNs: bigint; readonly toldNs: bigint }[] = [];
        for (const camera of [one, other]) {
          const frames = framesOf(camera, startNs + 900n * MS);
          const rig = new PipelineRig({ buffer: BUFFER });
          const order = { atNs: sentNs, what: () => void rig.startRecording(1, { startNs }) };
          await play(rig, frames, [order], camera.periodNs);
          const stampNs = frames[(rig.session.recording.numbers[0] ?? 0) - 1]?.stampNs ?? 0n;
          firsts.push({ stampNs, toldNs: rig.last('recordingStarted').firstFrameNs - startNs });
          await end(rig);
        }
        const [a, b] = firsts;
        if (a === undefined || b === undefined) throw new Error('Two cameras were played.');
        expect(a.toldNs - b.toldNs).toBe(a.stampNs - b.stampNs);
        const apartNs = a.stampNs > b.stampNs ? a.stampNs - b.stampNs : b.stampNs - a.stampNs;
        expect(apartNs <= (one.periodNs > other.periodNs ? one.periodNs : other.periodNs)).toBe(true);
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });
});

/** Stamps that say little or nothing of the time. `n`: the frame's number from 0. */
const STAMPS: readonly [string, (n: number, arrivedNs: bigint) => bigint][] = [
  ['are missing', () => 0n],
  ['are of another clock', (n) => 5_000_000_000_000_000n + BigInt(n) * 33_333_333n],
  ['are of another clock that counts in microseconds', (n) => 7_000_000_000n + BigInt(n) * 33_333n],
  ['are of a clock that stands still', () => T0],
  ['run backwards', (n) => T0 - BigInt(n) * 33_333_333n],
  ['lag more and more', (n) => T0 + BigInt(n) * 3_333_333n],
  ['swap', (n, arrivedNs) => arrivedNs - 20n * MS + (n % 2 === 0 ? 40n * MS : 0n)],
  ['jump ahead', (n, arrivedNs) => arrivedNs - 20n * MS + (n === 90 ? 3_600_000n * MS : 0n)],
];

describe('a take of a camera whose timestamps', () => {
  it.each(STAMPS)('%s begins soon after its instant all the same, and not before', async (_which, stampOf) => {
    for (const aheadMs of [0, 700]) {
      const rig = new PipelineRig({ buffer: BUFFER });
      rig.send({ type: 'open', run: 1, request: REQUEST });
      await settled();
      rig.stream.giveFormat();
      const arrivals: bigint[] = [];
      const give = async (frames: number): Promise<void> => {
        for (let sent = 0; sent < frames; sent += 1) {
          await rig.clock.advance(33);
          const arrivedMonotonicNs = rig.clock.monotonicNs();
          const sensorTimestampNs = stampOf(arrivals.length, arrivedMonotonicNs);
          arrivals.push(arrivedMonotonicNs);
          rig.stream.giveFrame({ sensorTimestampNs, arrivedMonotonicNs });
        }
        await settled();
      };
      await give(100);
      const startNs = rig.clock.monotonicNs() + BigInt(aheadMs) * MS;
      await rig.startRecording(1, { startNs });
      await give(100);
      const arrivedNs = arrivals[(rig.session.recording.numbers[0] ?? 0) - 1] ?? 0n;
      expect(arrivedNs).toBeGreaterThanOrEqual(startNs);
      // A second and four frame times, and the step to the next frame.
      expect(arrivedNs).toBeLessThanOrEqual(startNs + 1_200n * MS);
      await end(rig);
    }
  });
});

describe('a take that waits for its instant', () => {
  let rig: PipelineRig;

  /** A stream whose take begins in half a second. */
  async function waiting(options: Partial<PipelineOptions> = {}): Promise<void> {
    rig = new PipelineRig(options);
    await rig.openStream();
    await rig.startRecording(1, { startNs: T0 + 500n * MS });
    await rig.frames(5);
  }

  afterEach(async () => {
    await end(rig);
  });

  it('counts no frame, no skip, no gap and no disorder before it, and its trial has no drop', async () => {
    await waiting({ recordFps: 10, reportGateSkips: true });
    const give = (stampMs: number): void => {
      const sensorTimestampNs = T0 + BigInt(stampMs) * MS;
      rig.stream.giveFrame({
        sensorTimestampNs,
        arrivedMonotonicNs: T0 + BigInt(stampMs + 5) * MS,
        frameDurationUs: 10_000,
      });
    };
    for (const stampMs of [250, 260, 250, 400, 410, 490]) give(stampMs); // a repeated stamp, and two gaps
    rig.stream.listener.onCorrupt(500);
    give(500);
    await settled();
    await rig.stopRecording();
    expect(rig.last('recordingStarted').firstFrameNs).toBe(T0 + 500n * MS);
    expect(rig.last('recordingStopped').summary.counts).toEqual({
      delivered: 1,
      recorded: 1,
      dropped: 0,
      skipped: 0,
      missingAtSource: 0,
      disordered: 0,
    });
    expect(rig.all('drop').length).toBeGreaterThan(1);
    expect(new Set(rig.all('drop').map(({ drop }) => drop.trial))).toEqual(new Set([null]));
    expect(rig.all('warning')).toEqual([]);
  });

  it('ends at once, with nothing, by a stop before it', async () => {
    await waiting();
    rig.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: T0 + 200n * MS });
    await settled();
    expect(rig.last('recordingStopped').summary).toMatchObject({ paths: null, frames: 0, reason: 'command' });
    await rig.frames(60);
    expect(rig.session.recording.numbers).toEqual([]);
    expect(rig.said).not.toContain('recordingStarted');
  });

  it('fails with its camera, as one that never began', async () => {
    await waiting();
    rig.stream.lose(GONE);
    await settled();
    expect(rig.said.slice(-2)).toEqual(['recordingFailed', 'lost']);
    expect(rig.last('recordingFailed').isCameraLost).toBe(true);
  });

  it('begins nothing where the camera is closed first', async () => {
    await waiting();
    await rig.closeRun();
    expect(rig.last('recordingStopped').summary).toMatchObject({ paths: null, frames: 0, reason: 'shutdown' });
  });
});

describe('a stop', () => {
  let rig: PipelineRig;

  /** A take of one frame that was stopped; the frames before the stop are still on their way. */
  async function stopping(): Promise<void> {
    rig = new PipelineRig();
    await rig.openStream();
    await rig.startRecording();
    await rig.frames(1);
    await rig.clock.advance(100);
    rig.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: rig.clock.monotonicNs() });
    await settled();
    expect(rig.all('recordingStopped')).toEqual([]);
  }

  afterEach(async () => {
    await end(rig);
  });

  it('waits 200 ms for a camera that gives no more frames, and no longer', async () => {
    await stopping();
    await rig.clock.advance(199);
    expect(rig.all('recordingStopped')).toEqual([]);
    await rig.clock.advance(1);
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 1, reason: 'command' });
  });

  it('counts what waited to be read while a blocked loop made its timer late', async () => {
    await stopping();
    rig.clock.after(200, () => {
      rig.stream.giveFrames(1);
    });
    await rig.clock.stall(900);
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 2, reason: 'command' });
  });

  it('keeps its reason where the camera is lost meanwhile', async () => {
    await stopping();
    rig.stream.lose(GONE);
    await settled();
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 1, reason: 'command', error: null });
    expect(rig.said.at(-1)).toBe('lost');
  });

  it('keeps its reason where the camera is closed meanwhile, and the frames on their way count', async () => {
    await stopping();
    rig.stream.onClose = () => {
      rig.stream.giveFrames(1);
    };
    await rig.closeRun();
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 2, reason: 'command' });
  });

  it('keeps its reason where the disk fails meanwhile', async () => {
    await stopping();
    rig.session.disk.appendFailure = { error: BROKEN };
    rig.stream.giveFrames(1);
    await rig.clock.advance(50);
    await rig.clock.advance(200);
    const { summary } = rig.last('recordingStopped');
    expect(summary).toMatchObject({ frames: 1, reason: 'command', error: { code: 'io_error' } });
    expect(rig.said).not.toContain('recordingEnding');
  });

  it('keeps its reason, its instant and its 200 ms where a second one comes', async () => {
    await stopping();
    await rig.clock.advance(150);
    rig.send({ type: 'stopRecording', run: 1, reason: 'io_error', stopNs: rig.clock.monotonicNs() });
    await rig.clock.advance(49);
    expect(rig.all('recordingStopped')).toEqual([]);
    await rig.clock.advance(1);
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 1, reason: 'command' });
  });

  it('ends at once where a second one without an instant comes', async () => {
    await stopping();
    rig.send({ type: 'stopRecording', run: 1, reason: 'io_error', stopNs: null });
    await settled();
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 1, reason: 'command' });
  });

  it('leaves the next take to fail as one that never began, where the camera is lost', async () => {
    await stopping();
    await rig.clock.advance(200);
    await rig.startRecording(1, { trialNumber: 8 });
    rig.stream.lose(GONE);
    await settled();
    expect(rig.said.slice(-2)).toEqual(['recordingFailed', 'lost']);
  });

  it('that a frame ended ends no later take with what is left of its 200 ms', async () => {
    await stopping();
    await rig.frames(10);
    expect(rig.last('recordingStopped').summary).toMatchObject({ reason: 'command' });
    await rig.startRecording(1, { trialNumber: 8 });
    await rig.frames(1);
    await rig.clock.advance(300);
    await rig.frames(1);
    expect(rig.all('recordingStopped')).toHaveLength(1);
    await rig.stopRecording();
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 2, reason: 'command' });
  });

  it('lets the next take begin, which is not ended by what is left of it', async () => {
    await stopping();
    await rig.clock.advance(200);
    await rig.startRecording(1, { trialNumber: 8 });
    await rig.clock.advance(1_000);
    await rig.frames(10);
    await rig.stopRecording();
    expect(rig.last('recordingStopped').summary).toMatchObject({ frames: 10, reason: 'command' });
  });
});
