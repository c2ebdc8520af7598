import { appendFile, open, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { realFileSystem } from '../../../../src/core/file-system.js';
import { writeAlignFile } from '../../../../src/inspect/align/align-file.js';
import { alignTrial } from '../../../../src/inspect/align/alignment.js';
import { type ClipSource, openClipSource } from '../../../../src/inspect/clip/clip-source.js';
import { cutsOfTuples } from '../../../../src/inspect/clip/cuts-of-tuples.js';
import { framesOf } from '../../../../src/inspect/clip/frame-range.js';
import { type ClipOptions, type Cut, type MadeClips, makeClips } from '../../../../src/inspect/clip/make-clips.js';
import { readInfo } from '../../../../src/inspect/info/info-reader.js';
import { findRecordings, type RecordingFiles } from '../../../../src/inspect/recording-files.js';
import { readVideoIndex } from '../../../../src/inspect/video/video-index.js';
import type { Verdict } from '../../../../src/inspect/verdict.js';
import { verifyRecording } from '../../../../src/inspect/verify/verify-recording.js';
import { crc32 } from '../../../../src/recording/checksums/crc32.js';
import type { InfoFile, InfoGap } from '../../../../src/recording/info/info-file.js';
import { infoText } from '../../../../src/recording/info/info-text.js';
import { infoPathOf } from '../../../../src/recording/takes/take-paths.js';
import { FaultyFileSystem } from '../../../harness/faulty-file-system.js';
import { infoOf as infoOfFiles, type Loss } from '../../../harness/bad-recordings/info-of-files.js';
import { usualMetadata } from '../../../harness/jpeg-frames.js';
import { expectDamage } from '../../../harness/recordings-held.js';
import { makeCamera, sessionIn, trueTimes } from '../../../harness/side-by-side-cameras.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

describe('a clip', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const opened: ClipSource[] = [];

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    for (const { video } of opened.splice(0)) await video.close();
    await folder.remove();
  });

  const outIn = (): string => join(folder.path, 'out');

  async function recordings(session = sessionIn(folder.path)): Promise<readonly RecordingFiles[]> {
    const found = await findRecordings([session]);
    expect(found.problems).toEqual([]);
    return found.recordings;
  }

  async function theOnly(session?: string): Promise<RecordingFiles> {
    const [files] = await recordings(session);
    if (files === undefined) throw new Error('No recording was found.');
    return files;
  }

  async function source(files?: RecordingFiles): Promise<ClipSource> {
    const one = await openClipSource(files ?? (await theOnly()));
    opened.push(one);
    return one;
  }

  const cut = (from: ClipSource, first: number, last: number): Cut => ({ source: from, range: { first, last } });

  const verdicts = new Map<string, Verdict>();

  /** Each source is verified once. */
  async function verdictOf(files: RecordingFiles): Promise<Verdict> {
    const path = files.videoPath ?? '';
    const verdict = verdicts.get(path) ?? (await verifyRecording(files, { depth: 'whole' })).verdict;
    verdicts.set(path, verdict);
    return verdict;
  }

  /** Makes clips, and holds each against its source: as whole as that is, and its frames byte for byte. */
  async function heldClips(cuts: readonly Cut[], options: ClipOptions): Promise<MadeClips> {
    const made = await makeClips(cuts, options);
    const clips = await recordings(made.sessionDir);
    expect(clips).toHaveLength(cuts.length);
    for (const [at, { source: from, range }] of cuts.entries()) {
      const clip = clips[at] ?? from.files;
      const whole = await verdictOf(from.files);
      const piece = await verifyRecording(clip, { depth: 'whole' });
      const { verdict, frames, rows, problem } = piece;
      expect({ stem: clip.stem, frames, rows, problem }).toEqual({
        stem: clip.stem,
        frames: range.last - range.first + 1,
        rows: range.last - range.first + 1,
        problem: null,
      });
      // What its source lost may lie outside of the clip.
      if (whole === 'proven' || verdict !== 'proven') expect(verdict).toBe(whole);
      expect(await picturesOf(clip)).toEqual((await picturesOf(from.files)).slice(range.first - 1, range.last));
    }
    return made;
  }

  /** The bytes of each frame. */
  async function picturesOf({ videoPath }: Pick<RecordingFiles, 'videoPath'>): Promise<readonly string[]> {
    const bytes = await readFile(videoPath ?? '', 'latin1');
    const file = await open(videoPath ?? '');
    try {
      const { count, dataAt, dataBytes } = await readVideoIndex(file);
      return Array.from({ length: count }, (_, at) => {
        const from = dataAt[at] ?? 0;
        return bytes.slice(from, from + (dataBytes[at] ?? 0));
      });
    } finally {
      await file.close();
    }
  }

  async function linesOf(path: string | null): Promise<readonly string[]> {
    return (await readFile(path ?? '', 'utf8')).trimEnd().split('\n');
  }

  async function infoOf({ infoPath }: RecordingFiles): Promise<InfoFile> {
    const { info, problem } = await readInfo(infoPath ?? '');
    expect(problem).toBeNull();
    if (info === null) throw new Error('no info');
    return info;
  }

  /** The row with its frame numbers counted from another frame. */
  const renumbered = (row: string, by: number): string => {
    const cells = row.split(',');
    for (const at of [6, 8]) cells[at] = String(Number(cells[at]) - by);
    return cells.join(',');
  };

  it('has the frames byte for byte, their rows with the same times, counted from 1, and tells where it is from', async () => {
    await makeCamera(folder.path, { index: 0, frames: 400, metadata: usualMetadata });
    const original = await theOnly();
    const made = await heldClips([cut(await source(original), 101, 350)], { out: outIn(), what: 'frames_101-350' });

    const clip = await theOnly(made.sessionDir);
    expect(clip.stem).toBe('20260106_081726_frames_101-350_CSI_trial001_IMX296_Global_picam_0');
    expect(await picturesOf(clip)).toEqual((await picturesOf(original)).slice(100, 350));
    const [header = '', ...rows] = await linesOf(original.timingPath);
    expect(await linesOf(clip.timingPath)).toEqual([
      header,
      ...rows.slice(100, 350).map((row) => renumbered(row, 100)),
    ]);
    const [names = '', ...told] = await linesOf(original.metadataPath);
    const withoutNumber = (row: string): string => row.slice(row.indexOf(','));
    const clipped = await linesOf(clip.metadataPath);
    expect(clipped[0]).toBe(names);
    expect(clipped.slice(1).map(withoutNumber)).toEqual(told.slice(100, 350).map(withoutNumber));
    const info = await infoOf(clip);
    expect(info.csi_cameras).toMatchObject({
      trial: 1,
      end: { kind: 'clip' },
      account: null,
      source: { video: `${original.stem}.avi`, trial: 1, take: 1, first_frame: 101, last_frame: 350 },
      first: { sensor_timestamp_ns: String(trueTimes({ index: 0, frames: 400 })(101)) },
    });
    expect(info.csi_cameras.files.timing.rows).toBe(250);
  });

  it('keeps each column of the metadata, though its own frames lack some, and what stands in "other"', async () => {
    const metadata = (number: number): string => {
      if (number === 1) return 'ExposureTime=1\nFocusFoM=7';
      return number === 12 ? 'Later=a, "b"\nExposureTime=1\nExposureTime=2' : '';
    };
    await makeCamera(folder.path, { index: 0, frames: 20, metadata });
    const made = await heldClips([cut(await source(), 11, 13)], { out: outIn(), what: 'x' });
    const [names = '', ...told] = await linesOf((await theOnly()).metadataPath);
    const clipped = await linesOf((await theOnly(made.sessionDir)).metadataPath);
    expect(clipped).toEqual([names, ...told.slice(10, 13).map((row, at) => row.replace(/^\d+/, String(at + 1)))]);
  });

  it('of a clip has the source’s account of what was lost within it', async () => {
    const { videoPath } = await makeCamera(folder.path, {
      index: 0,
      frames: 60,
      isLost: (number) => number % 20 === 0,
    });
    const gap = (after: number, reason: InfoGap['reason']): InfoGap => ({ after_frame: after, frames: 1, reason });
    const info = await sourceInfo(await theOnly(), [
      { number: 20, reason: 'source_gap' },
      { number: 40, reason: 'buffer_full' },
    ]);
    const { account } = info.csi_cameras;
    expect(account).toMatchObject({ delivered: 58, recorded: 57, dropped: 1, source_gaps: 1 });
    await writeFile(infoPathOf(videoPath), infoText(info));
    const made = await heldClips([cut(await source(), 20, 40)], { out: outIn(), what: 'x' });
    const { csi_cameras: facts } = await infoOf(await theOnly(made.sessionDir));
    expect(facts.gaps).toEqual([gap(19, 'buffer_full')]);
    expect(facts.gaps_total).toBe(1);
    expect(facts.account).toEqual({ ...account, delivered: 22, recorded: 21, source_gaps: 0 });
  });

  it('carries checksums, and says which frames of its source are not as they were recorded', async () => {
    expectDamage(folder.path, 'a checksum is not that of its frames', ['V23']);
    const { videoPath } = await makeCamera(folder.path, { index: 0, frames: 2500 });
    const pictures = await picturesOf({ videoPath });
    const sum = (from: number, to: number): string =>
      crc32(Buffer.from(pictures.slice(from, to).join(''), 'latin1'), 0)
        .toString(16)
        .padStart(8, '0');
    const blocks = [sum(0, 1000), '00000000', sum(2000, 2500)];
    const info = await sourceInfo(await theOnly());
    const checksums = { algorithm: 'crc32', frames_per_block: 1000, blocks } as const;
    await writeFile(infoPathOf(videoPath), infoText({ ...info, csi_cameras: { ...info.csi_cameras, checksums } }));
    const from = await source();

    const carried = await heldClips([cut(from, 1001, 2300)], { out: outIn(), what: 'x' });
    const facts = (await infoOf(await theOnly(carried.sessionDir))).csi_cameras;
    expect(facts.checksums?.blocks).toEqual(['00000000', sum(2000, 2300)]);
    expect(carried.clips[0]?.changed).toEqual([{ first: 1001, last: 2000 }]);

    const shifted = await heldClips([cut(from, 501, 2500)], { out: outIn(), what: 'y' });
    const other = (await infoOf(await theOnly(shifted.sessionDir))).csi_cameras;
    expect(other.checksums?.blocks).toEqual([sum(500, 1500), sum(1500, 2500)]);
    expect(shifted.clips[0]?.changed).toEqual([{ first: 1001, last: 2000 }]);
  });

  it('of several cameras has the frames of the same tuples, and refuses the align file of another session', async () => {
    await makeCamera(folder.path, { index: 0, frames: 50 });
    await makeCamera(folder.path, { index: 1, frames: 50, beginsAfterNs: 5_000_000n, isLost: (number) => number < 11 });
    const alignPath = join(folder.path, 'align.csv');
    const handle = await open(alignPath, 'wx');
    await writeAlignFile(handle, await alignTrial(1, await recordings(), {}), false);
    await handle.close();
    const note = (one: ClipSource): void => void opened.push(one);
    const cuts = await cutsOfTuples(await recordings(), alignPath, [5, 20], note);
    expect(cuts.map(({ range }) => range)).toEqual([
      { first: 5, last: 20 },
      { first: 1, last: 10 },
    ]);
    const made = await heldClips(cuts, { out: outIn(), what: 'tuples_5-20' });
    const clips = await recordings(made.sessionDir);
    expect(await Promise.all(clips.map(async (clip) => (await picturesOf(clip)).length))).toEqual([16, 10]);

    await expect(cutsOfTuples(await recordings(), alignPath, [40, 51], note)).rejects.toThrow(/the tuples 1 to 50/);
    const text = await readFile(alignPath, 'utf8');
    await writeFile(alignPath, text.replaceAll(',9298', ',9297'));
    await expect(cutsOfTuples(await recordings(), alignPath, [5, 20], note)).rejects.toThrow(
      /belongs to another session/,
    );
    await writeFile(alignPath, text.replaceAll(',', ';'));
    await expect(cutsOfTuples(await recordings(), alignPath, [5, 20], note)).rejects.toThrow(
      /no file that csi-cameras align wrote/,
    );
  });

  it('lies beside an earlier one of the same range, never over it', async () => {
    await makeCamera(folder.path, { index: 0, frames: 10 });
    const from = await source();
    const first = await heldClips([cut(from, 1, 5)], { out: outIn(), what: 'frames_1-5' });
    const second = await heldClips([cut(from, 1, 5)], { out: outIn(), what: 'frames_1-5' });
    expect([first, second].map(({ sessionDir }) => sessionDir.slice(outIn().length + 1))).toEqual([
      'clip_20260106_081726_frames_1-5',
      'clip_20260106_081726_frames_1-5_2',
    ]);
  });

  it('is never made where the recordings lie', async () => {
    const { videoPath } = await makeCamera(folder.path, { index: 0, frames: 10 });
    const before = await readdir(dirname(videoPath));
    for (const out of [dirname(videoPath), dirname(dirname(videoPath)), join(dirname(videoPath), 'x', 'y')]) {
      await expect(makeClips([cut(await source(), 1, 5)], { out, what: 'x' })).rejects.toThrow(
        /where the recordings lie/,
      );
    }
    expect(await readdir(dirname(videoPath))).toEqual(before);
    expect(await readdir(dirname(dirname(videoPath)))).toHaveLength(1);
  });

  it('leaves nothing where it was ended early', async () => {
    await makeCamera(folder.path, { index: 0, frames: 1200 });
    const ending = new AbortController();
    const onProgress = (): void => {
      ending.abort('SIGINT');
    };
    const work = makeClips([cut(await source(), 1, 1200)], {
      out: outIn(),
      what: 'x',
      signal: ending.signal,
      onProgress,
    });
    await expect(work).rejects.toThrow('SIGINT');
    await expect(readdir(outIn())).rejects.toThrow('ENOENT');
  });

  it('leaves nothing where the disk is full, and says so', async () => {
    await makeCamera(folder.path, { index: 0, frames: 30 });
    const full = new FaultyFileSystem();
    full.limitTo(10);
    const work = makeClips([cut(await source(), 1, 30)], { out: outIn(), what: 'x', fileSystem: full.fileSystem });
    await expect(work).rejects.toThrow(/The disk is full/);
    await expect(readdir(outIn())).rejects.toThrow('ENOENT');
  });

  it('of a recording that was left open reaches to its last committed frame; spare rows do not matter', async () => {
    const { videoPath, timingPath } = await makeCamera(folder.path, { index: 0, frames: 10 });
    const dead = Buffer.alloc(16, 1);
    await stampOwner(videoPath, dead);
    await utimes(videoPath, 1, 1); // a writer of another machine that wrote a moment ago may be alive
    await appendFile(timingPath, '1,CSICameras,picam:0,baseline,1.000000,1.000000000,11,5,11\n');
    const from = await source();
    expect(from.index.state).not.toBe('closed');
    const made = await heldClips([cut(from, 2, 10)], { out: outIn(), what: 'x' });
    expect(made.clips[0]?.frames).toBe(9);
  });

  it.each([
    [{ kind: 'frames', from: 5, to: 9 }, [5, 9]],
    [{ kind: 'seconds', from: 0, to: 0.1 }, [1, 4]],
    // The length that a player shows.
    [{ kind: 'seconds', from: 0.3, to: 0.3333 }, [11, 10]],
    [{ kind: 'seconds', from: 0.0001, to: 0.3333 }, [2, 10]],
    [
      { kind: 'sensorNs', from: trueTimes({ index: 0, frames: 1 })(3), to: trueTimes({ index: 0, frames: 1 })(4) },
      [3, 4],
    ],
  ] as const)('of %j is that of the frames %j', async (wish, [first, last]) => {
    await makeCamera(folder.path, { index: 0, frames: 10 });
    const from = await source();
    if (first > last) expect(() => framesOf(wish, from)).toThrow(/shorter than a frame time/);
    else expect(framesOf(wish, from)).toEqual({ first, last });
  });

  it.each([
    { kind: 'frames', from: 0, to: 3 },
    { kind: 'frames', from: 3, to: 11 },
    { kind: 'frames', from: 4, to: 3 },
    { kind: 'seconds', from: 0, to: 0.4 },
    { kind: 'sensorNs', from: 0n, to: 9_298_000_000_000n },
  ] as const)('is refused outside of its source, with the range that there is: %#', async (wish) => {
    await makeCamera(folder.path, { index: 0, frames: 10 });
    const from = await source();
    expect(() => framesOf(wish, from)).toThrow(/the frames 1 to 10, which are the seconds 0 to 0.299/);
  });
});

/** The info file of a recording, from what its files say. `lost`: by the sensor's count. */
async function sourceInfo({ stem, videoPath, timingPath }: RecordingFiles, lost: readonly Loss[] = []) {
  const [video, timing] = [await readFile(videoPath ?? ''), await readFile(timingPath ?? '')];
  return infoOfFiles({ name: stem, take: 1, video, timing, metadata: null, lost });
}

/** Says that another process is the writer of the video. */
async function stampOwner(videoPath: string, owner: Buffer): Promise<void> {
  const { OWNER_AT } = await import('../../../../src/recording/avi/avi-layout.js');
  const file = await realFileSystem.open(videoPath, 'r+');
  await file.write(owner, 0, owner.length, OWNER_AT);
  await file.close();
}
