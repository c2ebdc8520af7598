import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FFMPEG, OPENCV } from '../../../scripts/readers.mjs';
import type { VerifiedRecording } from '../../../src/inspect/verdict.js';
import { inspectAll } from '../../harness/inspect-all.js';
import { isPresent } from '../../harness/present-readers.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';
import { type VideoFacts, openCvFacts, probedFacts, rowsOf } from './foreign-facts.js';
import { type RandomRecording, randomRecordings, sessionOf } from './random-recordings.js';

/** ffprobe, OpenCV and csv-parse, which share no code with verify, find in recordings what it finds. */

const AT_LEAST = 200;
const READERS = [
  { name: 'ffprobe', isThere: isPresent(FFMPEG), read: probedFacts },
  { name: 'OpenCV', isThere: isPresent(OPENCV), read: openCvFacts },
].filter(({ isThere }) => isThere);

interface Compared extends RandomRecording {
  readonly found: VerifiedRecording;
  /** By each reader that is there, in order. */
  readonly facts: readonly VideoFacts[];
  /** By csv-parse. */
  readonly rows: number | null;
}

describe('verify beside the readers of others', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let compared: Compared[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
    const recordings = await randomRecordings(folder.path, AT_LEAST, 4);
    const byVideo = new Map((await inspectAll([sessionOf(folder.path)])).map((one) => [one.files.videoPath, one]));
    const paths = recordings.map(({ videoPath }) => videoPath);
    const byReader = await Promise.all(READERS.map(({ read }) => read(paths)));
    compared = await Promise.all(
      recordings.map(async (recording, index) => {
        const found = byVideo.get(recording.videoPath);
        if (found === undefined) throw new Error(`verify has not found ${recording.videoPath}.`);
        const facts = byReader.map((all) => all[index] ?? { frames: 0, told: 0, width: 0, height: 0, durationS: 0 });
        return { ...recording, found, facts, rows: await rowsOf(recording.timingPath) };
      }),
    );
  }, 120_000);

  // Each of them was verified already.
  afterAll(() => rm(folder.path, { recursive: true, force: true }));

  it('is asked about as many recordings, good and bad', () => {
    expect(compared.length).toBeGreaterThanOrEqual(AT_LEAST);
    expect(compared.filter(({ damage }) => damage !== null).length).toBeGreaterThanOrEqual(AT_LEAST / 2);
  });

  it('agrees with each of them on every good recording', () => {
    for (const { videoPath, damage, found, facts, rows, frames } of compared) {
      if (damage !== null) continue;
      const { verdict, frames: own, rows: ownRows, durationS, width, height } = found;
      expect({ videoPath, verdict, own, ownRows, rows }).toEqual({
        videoPath,
        verdict: 'proven',
        own: frames,
        ownRows: frames,
        rows: frames,
      });
      for (const fact of facts) {
        const { frames: theirs, told, width: itsWidth, height: itsHeight } = fact;
        expect([videoPath, theirs, told, itsWidth, itsHeight]).toEqual([videoPath, frames, frames, width, height]);
        expect(Math.abs(fact.durationS - (durationS ?? 0))).toBeLessThan(0.002);
      }
    }
  });

  it('calls no recording good in which one of them finds fewer frames or rows than were recorded', () => {
    const trusted = compared.filter(({ found, facts, rows, frames }) => {
      const isLess = rows !== frames || facts.some((fact) => fact.frames !== frames || fact.told !== frames);
      return isLess && found.verdict !== 'damaged';
    });
    expect(trusted.map(({ videoPath, damage, found }) => [videoPath, damage, found.verdict])).toEqual([]);
  });

  it('agrees with csv-parse on the rows of every file that is one', () => {
    for (const { timingPath, damage, rows, found } of compared) {
      if (rows === null) expect({ timingPath, damage, verdict: found.verdict }).toMatchObject({ verdict: 'damaged' });
      else expect({ timingPath, damage, rows: found.rows }).toEqual({ timingPath, damage, rows });
    }
  });
});
