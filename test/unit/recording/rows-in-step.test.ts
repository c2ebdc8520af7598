import { readdir, readFile, rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Frame } from '../../../src/core/frame.js';
import { crc32ByTable } from '../../../src/recording/checksums/crc32.js';
import type { InfoFile } from '../../../src/recording/info/info-file.js';
import type { TakeFacts } from '../../../src/recording/info/take-facts.js';
import type { Recording, RecordingPart, RecordingResult } from '../../../src/recording/recording-session.js';
import { seededRandom } from '../../crash/seeded-random.js';
import { type Fault, FaultyFileSystem } from '../../harness/faulty-file-system.js';
import { jpegFrames, usualMetadata } from '../../harness/jpeg-frames.js';
import { expectNothingLeft, holdings } from '../../harness/nothing-left.js';
import { PROMPT_DISK } from '../../harness/prompt-disk.js';
import { pathsOf, recordingSession, requestIn, SMALL_GEOMETRY } from '../../harness/recordings.js';
import { assertRowsInStep } from '../../harness/rows-in-step.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

const frames = jpegFrames(60, { padding: (number) => (number * 37) % 900, metadata: usualMetadata });
const KIB = 1024;
const OPERATIONS = ['open', 'writev', 'truncate', 'datasync', 'stat', 'close'] as const;

/**
 * Rows of metadata = rows of timing = frames, whatever the disk does. ROWS_RUNS makes more random recordings, ROWS_SEED others.
 */
const RUNS = Number(process.env['ROWS_RUNS'] ?? 20);
const SEED = Number(process.env['ROWS_SEED'] ?? 1);

/** How a recording is written: frames at once, and batches between two commits. */
interface Pace {
  readonly batch: number;
  readonly commitEvery: number;
}

const NO_FACTS: TakeFacts = {
  account: null,
  gaps: [],
  gapsTotal: null,
  askedFps: null,
  settings: { asked: null, given: null },
  tool: null,
  model: null,
  end: { kind: 'failed', reason: null, error: null },
  health: { start: null, end: null },
};

function sumOf(some: readonly Frame[]): string {
  const bytes = Buffer.concat(some.flatMap((frame) => frame.bytes));
  return crc32ByTable(bytes, 0).toString(16).padStart(8, '0');
}

describe.each([
  ['with', true],
  ['without', false],
])('the rows of a recording %s metadata are in step', (_with, writesMetadata) => {
  const before = holdings();
  const files = ['.avi', '_timing.csv', ...(writesMetadata ? ['_metadata.csv'] : [])];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let summedUp = 0;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await expectNothingLeft(before);
    await folder.remove();
  });

  /** Resolves with whether the recording failed: what it says is held elsewhere. */
  async function record(recording: Recording, { batch, commitEvery }: Pace): Promise<boolean> {
    try {
      for (let from = 0; from < frames.length; from += batch) {
        await recording.append(frames.slice(from, from + batch));
        if (Math.floor(from / batch) % commitEvery === 0) await recording.checkpoint();
      }
      return false;
    } catch {
      return true;
    }
  }

  /** One recording on this disk. Afterwards the files hold what is said of them, or there are none. */
  async function holds(disk: FaultyFileSystem, pace: Pace, heal: () => void): Promise<RecordingResult> {
    const session = recordingSession({ fileSystem: disk.fileSystem, geometry: SMALL_GEOMETRY, sync: 'onCheckpoint' });
    const more = { makesChecksums: true, ...(writesMetadata ? { writesMetadata } : {}) };
    const request = requestIn(folder.path, more);
    const recording = session.begin(request);
    const hasFailed = await record(recording, pace);
    const counted = recording.frames;
    const { failure, ...result } = await recording.close();
    heal();
    expect(result.frames).toBeLessThanOrEqual(counted);
    if (!hasFailed && failure === undefined) expect(result.frames).toBe(frames.length);
    let behind = 0;
    for (const [index, part] of (result.paths === null ? [] : (result.parts ?? [result as RecordingPart])).entries()) {
      const sum = await checksumOf(recording, index + 1);
      if (sum !== null) expect(sum).toBe(sumOf(frames.slice(behind, behind + part.frames)));
      if (sum !== null) summedUp += 1;
      behind += part.frames;
      const paths = pathsOf(part.paths);
      expect(paths.metadataPath !== undefined).toBe(writesMetadata);
      await assertRowsInStep(paths, part.frames);
    }
    if (result.paths === null) expect(await readdir(folder.path)).toEqual([]);
    else await rm(request.sessionDir, { recursive: true });
    return result;
  }

  /** Of a part; `null` where its info file could not be written: the disk is still full. */
  async function checksumOf(recording: Recording, part: number): Promise<string | null> {
    const path = await recording.describe?.(part, NO_FACTS).catch(() => undefined);
    if (path === undefined) return null;
    const { checksums } = (JSON.parse(await readFile(path, 'utf8')) as InfoFile).csi_cameras;
    expect(checksums).toMatchObject({ algorithm: 'crc32', frames_per_block: 1000, blocks: [expect.any(String)] });
    return checksums?.blocks[0] ?? null;
  }

  async function holdsWith(fault: Fault, pace: Pace): Promise<number> {
    const disk = new FaultyFileSystem(PROMPT_DISK);
    const injection = disk.inject(fault);
    await holds(disk, pace, () => {
      injection.end();
    });
    return injection.hits;
  }

  afterAll(() => {
    // Whatever was given up at the end: the checksums were those of the frames that are in the files.
    expect(summedUp).toBeGreaterThan(0);
  });

  it.each(OPERATIONS.flatMap((operation) => files.map((file) => [operation, file] as const)))(
    'whenever %s of %s fails, once or from then on',
    async (operation, path) => {
      for (const [times, errno] of [
        [1, 'EIO'],
        [Number.POSITIVE_INFINITY, 'ENOSPC'],
      ] as const) {
        let hits = 1;
        for (let after = 0; hits > 0; after += after < 8 ? 1 : 5) {
          const fault: Fault = { operation, path, after, times, effect: { kind: 'fail', errno } };
          hits = await holdsWith(fault, { batch: 15, commitEvery: 2 });
        }
      }
    },
  );

  it('whatever fails, however little a write takes, and however it is written', async () => {
    const random = seededRandom(SEED);
    const oneOf = <T>(choices: readonly [T, ...T[]]): T => choices[Math.floor(random() * choices.length)] ?? choices[0];
    for (let run = 0; run < RUNS; run += 1) {
      const effect = oneOf<Fault['effect']>([
        { kind: 'fail', errno: oneOf(['EIO', 'ENOSPC', 'EFBIG', 'EDQUOT']) },
        { kind: 'short', bytes: 1 + Math.floor(random() * 3000) },
      ]);
      const operation = effect.kind === 'short' ? 'writev' : oneOf(OPERATIONS);
      const fault: Fault = {
        operation,
        path: files[Math.floor(random() * files.length)] ?? '',
        after: Math.floor(random() * 30),
        times: oneOf([1, 2, 5, Number.POSITIVE_INFINITY]),
        effect,
      };
      await holdsWith(fault, { batch: 1 + Math.floor(random() * 30), commitEvery: oneOf([1, 2, 9]) });
    }
  });

  it('however full the disk is', async () => {
    const random = seededRandom(SEED);
    for (let run = 0; run < RUNS; run += 1) {
      const disk = new FaultyFileSystem(PROMPT_DISK);
      disk.limitTo(Math.floor(random() * 70));
      const pace = { batch: 1 + Math.floor(random() * 30), commitEvery: 1 + Math.floor(random() * 3) };
      await holds(disk, pace, () => undefined);
    }
  });

  it('in every part, where no file may grow', async () => {
    const random = seededRandom(SEED);
    let parts = 0;
    for (let run = 0; run < RUNS / 3; run += 1) {
      const disk = new FaultyFileSystem(PROMPT_DISK);
      disk.limitFilesTo(70 * KIB + Math.floor(random() * 40 * KIB));
      const result = await holds(disk, { batch: 1 + Math.floor(random() * 30), commitEvery: 2 }, () => undefined);
      expect(result.frames).toBe(frames.length);
      parts += result.parts?.length ?? 1;
    }
    expect(parts).toBeGreaterThan(RUNS / 3);
  });
});
