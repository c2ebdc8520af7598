import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { offsetsOf, type Offset, type RecordedCamera } from '../../../../src/cli/record/offsets.js';
import { realFileSystem, type FileSystem } from '../../../../src/core/file-system.js';
import { TIMING_HEADER, rowPrefix, timingRow } from '../../../../src/recording/timing-csv.js';
import { runParameters } from '../../../properties/run-parameters.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

/** Of a machine that runs for a century: more digits than a double keeps. */
const START_NS = 3_141_592_653_589_793_238n;
const FRAME_NS = 33_333_333n;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let files = 0;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

/** A timing file as the recorder writes it. */
async function timingFile(sensorTimes: readonly bigint[], trialLabel = 'left, "wild", 5'): Promise<string> {
  files += 1;
  const path = join(folder.path, `${files}_timing.csv`);
  const prefix = rowPrefix({ trialNumber: 1, deviceId: 'picam:0', trialLabel });
  const rows = sensorTimes.map((sensorTimestampNs, index) =>
    timingRow(
      prefix,
      { sensorTimestampNs, arrivedMonotonicNs: sensorTimestampNs + 9_000_000n, wallClockUs: 1n },
      index + 1,
    ),
  );
  await writeFile(path, `${TIMING_HEADER}${rows.join('')}`);
  return path;
}

const regular = (count: number, afterNs = 0n, frameNs = FRAME_NS): bigint[] =>
  Array.from({ length: count }, (_, index) => START_NS + afterNs + BigInt(index) * frameNs);

function camera(index: number, ...timingPaths: readonly (string | null)[]): RecordedCamera {
  return { deviceId: `picam:${index}`, fps: 30, timingPaths };
}

const forEver = new AbortController().signal;

async function offset(
  first: readonly (string | null)[],
  other: readonly (string | null)[],
  signal = forEver,
  fileSystem: Pick<FileSystem, 'open'> = realFileSystem,
): Promise<Offset> {
  const [only] = await offsetsOf([camera(0, ...first), camera(1, ...other)], signal, fileSystem);
  if (only === undefined) throw new Error('There is no offset.');
  return only;
}

describe('the offset between two cameras', () => {
  it('is the median with quartiles, and the difference of the first frames, to the nanosecond', async () => {
    const first = await timingFile(regular(2000));
    const other = await timingFile(regular(1999, 3_214_159n));
    expect(await offset([first], [other])).toEqual({
      deviceId: 'picam:1',
      apart: {
        medianNs: 3_214_159,
        quartilesNs: [3_214_159, 3_214_159],
        extremesNs: [3_214_159, 3_214_159],
        resolutionNs: expect.closeTo(33_333_333 / 131_072, 3),
        pairs: 1999,
        comparedNs: undefined,
      },
      beginsAfterNs: 3_214_159,
    });
    // The other way round: it is earlier. All frames but the last have a partner.
    const back = await offset([other], [first]);
    expect(back).toMatchObject({ apart: { medianNs: -3_214_159, pairs: 1999 }, beginsAfterNs: -3_214_159 });
  });

  it('is that of each frame and its nearest, whatever the rates, jitter, drift and losses', async () => {
    const anyCamera = fc.record({
      afterNs: fc.bigInt({ min: 0n, max: 60_000_000n }),
      frameNs: fc.constantFrom(FRAME_NS, FRAME_NS + 9000n, 16_666_667n, 40_000_000n),
      frames: fc.array(fc.record({ jitterNs: fc.bigInt({ min: 0n, max: 900_000n }), isLost: fc.boolean() }), {
        minLength: 8,
        maxLength: 60,
      }),
    });
    await fc.assert(
      fc.asyncProperty(anyCamera, anyCamera, async (...cameras) => {
        const [first = [], other = []] = cameras.map(({ afterNs, frameNs, frames }) =>
          frames.flatMap(({ jitterNs, isLost }, index) =>
            isLost && index > 1 ? [] : [START_NS + afterNs + BigInt(index) * frameNs + jitterNs],
          ),
        );
        const { apart, beginsAfterNs } = await offset([await timingFile(first)], [await timingFile(other)]);
        expect(beginsAfterNs).toBe(Number((other[0] ?? 0n) - (first[0] ?? 0n)));
        const expected = byDefinition(first, other);
        if (typeof apart === 'string') {
          expect(expected).toEqual([]);
          return;
        }
        expect(apart.pairs).toBe(expected.length);
        expect(apart.extremesNs).toEqual([expected[0], expected.at(-1)]);
        const told = [apart.quartilesNs[0], apart.medianNs, apart.quartilesNs[1]];
        for (const [quarter, ns] of told.entries()) {
          const exact = expected[Math.ceil(((quarter + 1) / 4) * expected.length) - 1] ?? Number.NaN;
          expect(Math.abs(ns - exact)).toBeLessThanOrEqual(apart.resolutionNs / 2 + 1e-3);
        }
      }),
      runParameters(100),
    );
  });

  it('counts all takes of a camera that was lost and came back', async () => {
    const first = await timingFile(regular(900));
    const lost = await timingFile(regular(300, 1_000_000n));
    const back = await timingFile(regular(260, 600n * FRAME_NS - 7_000_000n));
    // The quartiles alone would hide that it came back with another offset.
    expect(await offset([first], [lost, back])).toMatchObject({
      apart: { pairs: 560, medianNs: 1_000_000, extremesNs: [-7_000_000, 1_000_000] },
    });
  });

  it('leaves out frames without a sensor time', async () => {
    const holes = regular(600, 1_000_000n).map((ns, index) => (index % 7 === 0 ? 0n : ns));
    const { apart, beginsAfterNs } = await offset([await timingFile(regular(600))], [await timingFile(holes)]);
    expect(apart).toMatchObject({ pairs: 600 - Math.ceil(600 / 7), medianNs: 1_000_000 });
    expect(beginsAfterNs).toBe(Number(FRAME_NS) + 1_000_000);
  });

  it('is known for one frame each, and for longer lines than the usual', async () => {
    const label = 'x'.repeat(256);
    const one = await offset([await timingFile(regular(1), label)], [await timingFile(regular(1, 5n), label)]);
    expect(one).toMatchObject({ apart: { pairs: 1, medianNs: 5, quartilesNs: [5, 5] }, beginsAfterNs: 5 });
    const many = await offset([await timingFile(regular(999), label)], [await timingFile(regular(999, 5n), label)]);
    expect(many).toMatchObject({ apart: { pairs: 999 } });
  });

  it('is told for each camera of more than two', async () => {
    const paths = await Promise.all([0n, 1_000_000n, -2_000_000n].map((afterNs) => timingFile(regular(60, afterNs))));
    const cameras = paths.map((path, index) => camera(index, path));
    const offsets = await offsetsOf(cameras, forEver, realFileSystem);
    expect(offsets).toMatchObject([
      { deviceId: 'picam:1', apart: { medianNs: 1_000_000 } },
      { deviceId: 'picam:2', apart: { medianNs: -2_000_000 } },
    ]);
    expect(await offsetsOf(cameras.slice(0, 1), forEver, realFileSystem)).toEqual([]);
    expect(await offsetsOf([], forEver, realFileSystem)).toEqual([]);
  });
});

describe('the offset is not known', () => {
  const good = (): Promise<string> => timingFile(regular(60));
  const written = async (text: string): Promise<string> => {
    const path = join(folder.path, 'odd.csv');
    await writeFile(path, text);
    return path;
  };
  const notOurs = 'picam:1 has a timing file that is not as it was written';
  const gone = 'picam:1 has timing files that were moved or removed, or whose disk is gone';

  it.each<[string, () => Promise<string | null>, string]>([
    ['all sensor times are 0', () => timingFile([0n, 0n, 0n]), 'picam:1 told no sensor times'],
    ['there is no frame', () => timingFile([]), 'picam:1 told no sensor times'],
    ['no path leads to the file', () => Promise.resolve(null), gone],
    ['the file is gone', () => Promise.resolve('/nowhere/timing.csv'), gone],
    ['the file cannot be read', () => Promise.resolve('/'), 'picam:1 has a timing file that cannot be read (EISDIR)'],
    [
      'times run backwards',
      () => timingFile([...regular(3), ...regular(3)]),
      'picam:1 has sensor times that are out of order',
    ],
    [
      'times stand still',
      () => timingFile([...regular(3), ...regular(1, 2n * FRAME_NS)]),
      'picam:1 has sensor times that are out of order',
    ],
    [
      'the cameras recorded one after another',
      () => timingFile(regular(9, 60n * FRAME_NS)),
      'they did not record at the same time',
    ],
    ['the last line is half', () => written(`${TIMING_HEADER}1,CSICameras,picam:1,,1.0,2.0,1,33`), notOurs],
    ['a line is none', () => written(`${TIMING_HEADER}nonsense\n`), notOurs],
    ['a time is no number', () => written(`${TIMING_HEADER}1,CSICameras,picam:1,,1.0,2.0,1,1e9,1\n`), notOurs],
    [
      'a time is too long',
      () => written(`${TIMING_HEADER}1,CSICameras,picam:1,,1.0,2.0,1,${'9'.repeat(400)},1\n`),
      notOurs,
    ],
    ['a time is missing', () => written(`${TIMING_HEADER}1,CSICameras,picam:1,,1.0,2.0,1,,1\n`), notOurs],
    ['it is another file', () => written('a,b,c\n1,2,3\n'), notOurs],
    ['it is empty', () => written(''), notOurs],
    ['it has no lines', () => written('x'.repeat(200_000)), notOurs],
  ])('where %s, and says why', async (_what, other, why) => {
    expect((await offset([await good()], [await other()])).apart).toBe(why);
  });

  it('where the first camera is the one that did not tell, and says which', async () => {
    expect((await offset([await timingFile([0n])], [await good()])).apart).toBe('picam:0 told no sensor times');
  });

  it('where frames lie too far from each other', async () => {
    const sparse = (afterNs: bigint): Promise<string> => timingFile(regular(9, afterNs, 10n * FRAME_NS));
    const dense = [...regular(3), ...regular(3, 95n * FRAME_NS)];
    expect((await offset([await timingFile(dense)], [await sparse(30n * FRAME_NS)])).apart).toBe(
      'no two frames lie within half a frame time of each other',
    );
  });

  it('still tells the first frames where only later times are out of order', async () => {
    const late = [...regular(3000, 7n), ...regular(3)];
    expect(await offset([await timingFile(regular(3000))], [await timingFile(late)])).toEqual({
      deviceId: 'picam:1',
      apart: 'picam:1 has sensor times that are out of order',
      beginsAfterNs: 7,
    });
  });
});

describe('the time limit', () => {
  it('ends the wait for a disk that does not answer', async () => {
    const limit = new AbortController();
    const stuck: Pick<FileSystem, 'open'> = { open: () => new Promise(() => {}) };
    const pending = offset(['/a'], ['/b'], limit.signal, stuck);
    limit.abort(new Error('it took too long'));
    expect(await pending).toEqual({ deviceId: 'picam:1', apart: 'it took too long', beginsAfterNs: undefined });
  });

  it('that is over already leaves no time to read', async () => {
    const path = await timingFile(regular(60));
    const { apart } = await offset([path], [path], AbortSignal.abort(new Error('it took too long')));
    expect(apart).toBe('it took too long');
  });

  it('leaves what was compared by then, and says how much that is', async () => {
    const limit = new AbortController();
    let reads = 0;
    const slow: Pick<FileSystem, 'open'> = {
      open: async (...args) => {
        const file = await realFileSystem.open(...args);
        const read = file.read.bind(file);
        return Object.assign(file, {
          read: (...how: Parameters<typeof read>) => {
            reads += 1;
            if (reads > 4) limit.abort(new Error('it took too long'));
            return read(...how);
          },
        });
      },
    };
    const paths = [await timingFile(regular(9000)), await timingFile(regular(9000, 1_000_000n))] as const;
    const { apart } = await offset([paths[0]], [paths[1]], limit.signal, slow);
    expect(apart).toMatchObject({ medianNs: 1_000_000 });
    const { pairs, comparedNs = 0 } = apart as { pairs: number; comparedNs?: number };
    expect(pairs).toBeGreaterThan(500);
    expect(pairs).toBeLessThan(3000);
    expect(comparedNs).toBeGreaterThan((pairs - 2) * Number(FRAME_NS));
  });
});

/** Offsets in ascending order, by looking at all frames for each. Half a frame time: of the median of its first steps. */
function byDefinition(first: readonly bigint[], other: readonly bigint[]): readonly number[] {
  const apart = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);
  const nearest = (ns: bigint, among: readonly bigint[]): bigint | undefined =>
    among.toSorted((a, b) => Number(apart(a, ns) - apart(b, ns)) || Number(a - b))[0];
  const medianStep = (times: readonly bigint[]): number => {
    const steps = times.slice(1).map((ns, index) => Number(ns - (times[index] ?? 0n)));
    return steps.sort((a, b) => a - b)[Math.floor((steps.length - 1) / 2)] ?? Number.NaN;
  };
  const toleranceNs = Math.min(medianStep(first), medianStep(other)) / 2;
  return first
    .flatMap((ns) => {
      const partner = nearest(ns, other);
      if (partner === undefined || nearest(partner, first) !== ns) return [];
      const offsetNs = Number(partner - ns);
      return Math.abs(offsetNs) > toleranceNs ? [] : [offsetNs];
    })
    .sort((a, b) => a - b);
}
