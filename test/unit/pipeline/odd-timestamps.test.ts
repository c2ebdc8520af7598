import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { systemClock } from '../../../src/core/clock.js';
import { fromNow } from '../../../src/core/deadline.js';
import { FileDiskSpace } from '../../../src/core/disk-space.js';
import { realFileSystem } from '../../../src/core/file-system.js';
import type { FrameTimes } from '../../../src/core/frame.js';
import type { PipelineOptions } from '../../../src/pipeline/camera-pipeline.js';
import { LocalPipeline } from '../../../src/pipeline/local-pipeline.js';
import type { PipelineEvent, PipelineFigures, RecordingSummary } from '../../../src/pipeline/pipeline-messages.js';
import { FileRecordingSession } from '../../../src/recording/file-recording-session.js';
import { SnapshotFiles } from '../../../src/recording/snapshot-file.js';
import { FakeCameraSource } from '../../harness/fake-camera-source.js';
import { ManualClock, settled } from '../../harness/manual-clock.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { OPTIONS, ORDER, REQUEST } from './pipeline-rig.js';

const START_NS = 1_000_000_000_000n;
const PERIOD_NS = 33_333_333n;
const PERIOD_MS = 33.333333;
const LATENCY_NS = 40_000_000n;
const HOUR_NS = 3_600_000_000_000n;

type Times = Pick<FrameTimes, 'sensorTimestampNs' | 'arrivedMonotonicNs' | 'frameDurationUs'>;

interface Outcome {
  readonly summary: RecordingSummary;
  readonly figures: PipelineFigures;
  readonly warnings: readonly string[];
  /** `sensor_timestamp_ns` of each row of the timing file. */
  readonly rows: readonly string[];
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let trial = 0;

beforeEach(async () => {
  folder = await temporaryFolder();
  expectDamage(folder.path, 'the frames are no pictures, and their times are nonsense', ['V9', 'V12', 'V17', 'V23']);
});

afterEach(async () => {
  await folder.remove();
});

/** Records all the frames on a real disk. */
async function record(frames: readonly Times[], options: Partial<PipelineOptions> = {}): Promise<Outcome> {
  const source = new FakeCameraSource();
  const clock = new ManualClock();
  const events: PipelineEvent[] = [];
  let stopped = (_summary: RecordingSummary): void => undefined;
  const summary = new Promise<RecordingSummary>((resolve) => {
    stopped = resolve;
  });
  const buffer = { maxFrames: 4_096, maxBytes: 100_000_000, whenFull: 'dropOldest' } as const;
  const pipeline = new LocalPipeline({
    source,
    recordings: new FileRecordingSession({ fileSystem: realFileSystem, clock: systemClock, sync: 'never' }),
    disk: new FileDiskSpace(realFileSystem),
    snapshotWriter: new SnapshotFiles(realFileSystem, systemClock),
    clock,
    options: { ...OPTIONS, buffer, previewEnabled: true, ...options },
    onEvent: (event) => {
      events.push(event);
      if (event.type === 'recordingStopped') stopped(event.summary);
    },
  });
  trial += 1;
  pipeline.send({ type: 'open', run: 1, request: REQUEST });
  await settled();
  source.stream.giveFormat();
  const [first, ...rest] = frames;
  source.stream.giveFrame(first);
  pipeline.send({ type: 'startRecording', run: 1, order: { ...ORDER, sessionDir: folder.path, trialNumber: trial } });
  for (const times of rest) source.stream.giveFrame(times);
  await clock.advance(500);
  pipeline.send({ type: 'stopRecording', run: 1, reason: 'command', stopNs: null });
  const outcome = await summary;
  await pipeline.end(fromNow(clock, 2_000));
  const figures = events.findLast((event) => event.type === 'figures')?.figures;
  if (figures === undefined) throw new Error('There were no figures.');
  const text = await readFile(outcome.paths?.timingPath ?? '', 'utf8');
  const rows = text.trimEnd().split('\n').slice(1);
  return {
    summary: outcome,
    figures,
    warnings: events.flatMap((event) => (event.type === 'warning' ? [event.code] : [])),
    rows: rows.map((row) => row.split(',')[7] ?? ''),
  };
}

interface Wish {
  readonly sensorNs: bigint;
  /** From the frame before, in real time. */
  readonly afterNs?: bigint;
}

/** Frames with these timestamps that arrive at an even rate, unless they say otherwise. */
function arriving(wishes: readonly (bigint | Wish)[], isStated = true): Times[] {
  let arrivedMonotonicNs = START_NS + LATENCY_NS - PERIOD_NS;
  return wishes.map((wish) => {
    const { sensorNs, afterNs = PERIOD_NS } = typeof wish === 'bigint' ? { sensorNs: wish } : wish;
    arrivedMonotonicNs += afterNs;
    return { sensorTimestampNs: sensorNs, arrivedMonotonicNs, ...(isStated ? { frameDurationUs: 33_333 } : {}) };
  });
}

/** Timestamps of frames `from` to `to`, both inclusive. */
function even(from: number, to: number): bigint[] {
  return Array.from({ length: to - from + 1 }, (_, index) => START_NS + BigInt(from + index) * PERIOD_NS);
}

function swapped(stamps: readonly bigint[]): bigint[] {
  return stamps.map((stamp, index) => stamps[index % 2 === 0 ? index + 1 : index - 1] ?? stamp);
}

const OUTAGE: Wish = { sensorNs: START_NS + 190n * PERIOD_NS, afterNs: 91n * PERIOD_NS };
const later = (stamps: readonly bigint[], byNs: bigint): bigint[] => stamps.map((stamp) => stamp + byNs);
const standing = (count: number, at: number): bigint[] =>
  even(at, at + count - 1).map(() => START_NS + BigInt(at) * PERIOD_NS);

const CASES = [
  { name: 'are in order', stamps: even(0, 299), disordered: 0, missing: 0, lasts: 299 },
  {
    name: 'leave out 3 s that really passed',
    stamps: [...even(0, 99), OUTAGE, ...even(191, 299)],
    disordered: 0,
    missing: 90,
    lasts: 299,
  },
  {
    name: 'are swapped in pairs',
    stamps: [...even(0, 99), ...swapped(even(100, 299))],
    disordered: 100,
    missing: 0,
    lasts: 299,
  },
  { name: 'are swapped in all pairs', stamps: swapped(even(0, 299)), disordered: 150, missing: 0, lasts: 299 },
  {
    name: 'are swapped, and leave out 3 s that really passed',
    stamps: [...swapped(even(0, 99)), OUTAGE, ...swapped(even(191, 290))],
    disordered: 100,
    missing: 90,
    lasts: 290,
  },
  {
    name: 'stand still',
    stamps: [...even(0, 99), ...standing(100, 100), ...even(200, 299)],
    disordered: 99,
    missing: 0,
    lasts: 299,
  },
  {
    name: 'stand still and go on from there',
    stamps: [...even(0, 99), ...standing(100, 100), ...even(101, 200)],
    disordered: 99,
    missing: 0,
    lasts: 299,
  },
  {
    name: 'stand still to the end',
    stamps: [...even(0, 99), ...standing(200, 100)],
    disordered: 199,
    missing: 0,
    lasts: 299,
  },
  {
    name: 'run backwards',
    stamps: [...even(0, 99), ...even(0, 99).toReversed(), ...even(200, 299)],
    disordered: 100,
    missing: 0,
    lasts: 299,
  },
  {
    name: 'jump once by two hours and return',
    stamps: [...even(0, 99), START_NS + 2n * HOUR_NS, ...even(101, 299)],
    disordered: 1,
    missing: 0,
    lasts: 299,
  },
  {
    name: 'jump once by half a second and return',
    stamps: [...even(0, 99), START_NS + 115n * PERIOD_NS, ...even(101, 299)],
    disordered: 1,
    missing: 0,
    lasts: 299,
  },
  {
    name: 'jump once to 2^63 and return',
    stamps: [...even(0, 99), 2n ** 63n, ...even(101, 299)],
    disordered: 1,
    missing: 0,
    lasts: 299,
  },
  { name: 'begin with a wild one', stamps: [2n ** 63n, ...even(1, 299)], disordered: 1, missing: 0, lasts: 299 },
  {
    name: 'jump back once and return',
    stamps: [...even(0, 99), 5n, ...even(101, 299)],
    disordered: 1,
    missing: 0,
    lasts: 299,
  },
  {
    name: 'go on two hours later',
    stamps: [...even(0, 99), ...later(even(100, 299), 2n * HOUR_NS)],
    disordered: 1,
    missing: 0,
    lasts: 299,
  },
  {
    name: 'go on ten minutes earlier',
    stamps: [...even(0, 99), ...later(even(100, 299), -HOUR_NS / 6n)],
    disordered: 1,
    missing: 0,
    lasts: 299,
  },
  {
    name: 'go on two hours later and leave out 3 s that really passed after that',
    stamps: [...later(even(0, 49), -2n * HOUR_NS), ...even(50, 99), OUTAGE, ...even(191, 299)],
    disordered: 1,
    missing: 90,
    lasts: 299,
  },
  {
    name: 'are missing for a second',
    stamps: [...even(0, 99), ...even(100, 129).map(() => 0n), ...even(130, 299)],
    disordered: 0,
    missing: 0,
    lasts: 299,
  },
  {
    name: 'arrive in a burst after a stall, with a gap behind it',
    stamps: [
      ...even(0, 99),
      { sensorNs: START_NS + 100n * PERIOD_NS, afterNs: 91n * PERIOD_NS },
      ...even(101, 111).map((sensorNs) => ({ sensorNs, afterNs: 0n })),
      { sensorNs: START_NS + 191n * PERIOD_NS, afterNs: 0n },
      ...even(192, 299),
    ],
    disordered: 0,
    missing: 79,
    lasts: 299,
  },
  {
    name: 'come faster than they were taken, with a gap',
    stamps: [...even(0, 99), ...even(105, 299)].map((sensorNs) => ({ sensorNs, afterNs: 1_000_000n })),
    disordered: 0,
    missing: 5,
    lasts: 299,
  },
] as const;

describe.each([
  ['with stated durations', true],
  ['without', false],
])('timestamps, %s', (_how, isStated) => {
  it.each(CASES)('that $name', async ({ stamps, disordered, missing, lasts }) => {
    const { summary, figures, warnings, rows } = await record(arriving(stamps, isStated));
    const frames = stamps.length - 1; // the first one came before the recording
    expect(summary.frames).toBe(frames);
    expect(rows).toEqual(stamps.slice(1).map((wish) => String(typeof wish === 'bigint' ? wish : wish.sensorNs)));
    // The first frame of a stream may be the wild one, and it is not the recording's.
    const { counts } = summary;
    expect(counts).toMatchObject({ delivered: frames, recorded: frames, dropped: 0 });
    expect(counts.missingAtSource).toBe(missing);
    expect(counts.disordered).toBe(disordered);
    expect(warnings).toEqual(disordered === 0 ? [] : ['timestamps_disordered']);
    const wholeMs = lasts * PERIOD_MS;
    expect(Math.abs(summary.durationS * 1000 - wholeMs)).toBeLessThan(4 * PERIOD_MS);
    expect(Math.abs(figures.captureFps - 30)).toBeLessThan(1);
    expect(figures.jitterMs).toBeLessThan(10);
    expect(figures.latencyMs.median).toBeGreaterThanOrEqual(0);
  });

  it.each(CASES)('that $name pass a gate at its rate', async ({ stamps, lasts }) => {
    const { summary } = await record(arriving(stamps, isStated), { recordFps: 10 });
    const { counts } = summary;
    expect(counts.skipped + counts.recorded).toBe(stamps.length - 1);
    expect(Math.abs(counts.recorded - (lasts * 10) / 30)).toBeLessThan(lasts - stamps.length > 2 ? 34 : 6);
  });
});

describe('a stream with faults here and there', () => {
  const fault = fc.record({
    kind: fc.constantFrom('lost', 'swapped', 'wild', 'early', 'repeated', 'none'),
    /** Frames in order before it. */
    calm: fc.integer({ min: 4, max: 12 }),
    lost: fc.integer({ min: 1, max: 60 }),
  });

  it('misses exactly the frames that were lost, however late the frames arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fault, { minLength: 1, maxLength: 12 }),
        fc.array(fc.bigInt({ min: 0n, max: 300_000_000n }), { minLength: 7, maxLength: 7 }),
        async (faults, delays) => {
          const wishes: { takenNs: bigint; sensorNs: bigint }[] = [];
          let at = 0;
          let lost = 0;
          let disordered = 0;
          const take = (stampOf = at): void => {
            const ns = (number: number): bigint => START_NS + BigInt(number) * PERIOD_NS;
            wishes.push({ takenNs: ns(at), sensorNs: ns(stampOf) });
            at += 1;
          };
          for (const { kind, calm, lost: count } of [...faults, { kind: 'calm', calm: 4, lost: 0 }]) {
            for (let frame = 0; frame < calm; frame += 1) take();
            if (kind === 'lost') at += count;
            if (kind === 'lost') lost += count;
            if (kind === 'swapped') take(at + 1);
            if (kind === 'swapped') take(at - 1);
            if (kind === 'wild') take(at + 216_000);
            if (kind === 'early') take(at - 4);
            if (kind === 'repeated') take(at - 1);
            if (kind === 'none') wishes.push({ takenNs: START_NS + BigInt(at++) * PERIOD_NS, sensorNs: 0n });
            if (!['lost', 'none', 'calm'].includes(kind)) disordered += 1;
          }
          let arrivedMonotonicNs = 0n;
          const frames = wishes.map(({ takenNs, sensorNs }, index): Times => {
            const arrivesNs = takenNs + LATENCY_NS + (delays[index % delays.length] ?? 0n);
            if (arrivesNs > arrivedMonotonicNs) arrivedMonotonicNs = arrivesNs;
            return { sensorTimestampNs: sensorNs, arrivedMonotonicNs, frameDurationUs: 33_333 };
          });
          const { counts } = (await record(frames)).summary;
          expect(counts).toMatchObject({ missingAtSource: lost, disordered });
        },
      ),
    );
  });
});

describe('any sequence of timestamps', () => {
  const step = fc.record({
    kind: fc.constantFrom('next', 'next', 'next', 'same', 'back', 'ahead', 'wild', 'none', 'returns'),
    by: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    frames: fc.integer({ min: 1, max: 300 }),
    afterNs: fc.oneof(fc.constant(PERIOD_NS), fc.bigInt({ min: 0n, max: 5_000_000_000n })),
    durationUs: fc.constantFrom(33_333, 33_333, 33_333, 8_333, 0, 1, 1e15),
  });

  it('gives as many rows as frames, true counts, and a sane playing time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 60 }), async (steps) => {
        let sensorNs = START_NS;
        let arrivedMonotonicNs = START_NS + LATENCY_NS;
        let orderedNs = sensorNs;
        const frames = steps.map(({ kind, by, frames: count, afterNs, durationUs }): Times => {
          arrivedMonotonicNs += afterNs;
          if (kind === 'next') sensorNs += PERIOD_NS;
          if (kind === 'back') sensorNs -= BigInt(count) * PERIOD_NS;
          if (kind === 'ahead') sensorNs += BigInt(count) * PERIOD_NS;
          if (kind === 'wild') sensorNs = by;
          if (kind === 'returns') sensorNs = orderedNs;
          orderedNs += PERIOD_NS;
          sensorNs = BigInt.asUintN(64, sensorNs);
          return {
            sensorTimestampNs: kind === 'none' ? 0n : sensorNs,
            arrivedMonotonicNs,
            frameDurationUs: durationUs,
          };
        });
        const { summary, figures, rows } = await record(frames);
        const { counts, durationS } = summary;
        expect(summary.frames).toBe(frames.length - 1);
        expect(rows).toEqual(frames.slice(1).map(({ sensorTimestampNs }) => String(sensorTimestampNs)));
        expect(counts).toMatchObject({ delivered: frames.length - 1, recorded: frames.length - 1, dropped: 0 });
        expect(counts.disordered).toBeGreaterThanOrEqual(0);
        expect(counts.disordered).toBeLessThan(frames.length);
        // The camera cannot have lost more than what fits into the time that passed, and a second. Where no duration is
        // stated the estimate may be as short as a tenth of a millisecond.
        const spanMs = Number(arrivedMonotonicNs - (frames[0]?.arrivedMonotonicNs ?? 0n)) / 1e6;
        const isStated = steps.every(({ durationUs }) => durationUs === 33_333 || durationUs === 8_333);
        const shortestMs = isStated ? 8.333 : 0.1;
        expect(counts.missingAtSource).toBeGreaterThanOrEqual(0);
        expect(counts.missingAtSource).toBeLessThanOrEqual((spanMs + 1_000) / shortestMs);
        expect(Number.isFinite(durationS)).toBe(true);
        expect(durationS).toBeGreaterThanOrEqual(0);
        expect(summary.frames / durationS).toBeLessThanOrEqual(100_000);
        for (const figure of [figures.captureFps, figures.recordFps, figures.previewFps, figures.jitterMs]) {
          expect(Number.isFinite(figure)).toBe(true);
          expect(figure).toBeGreaterThanOrEqual(0);
        }
        expect(Number.isFinite(figures.latencyMs.max)).toBe(true);
      }),
    );
  });
});
