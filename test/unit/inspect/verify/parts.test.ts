import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findRecordings } from '../../../../src/inspect/recording-files.js';
import { checkParts } from '../../../../src/inspect/verify/part-checks.js';
import { inspectRecording, type Inspected } from '../../../../src/inspect/verify/verify-recording.js';
import { TWO_PARTS } from '../../../harness/bad-recordings/good-recordings.js';
import { TakeInMemory } from '../../../harness/bad-recordings/take-in-memory.js';
import { inspectAll } from '../../../harness/inspect-all.js';
import { temporaryFolder } from '../../../harness/temporary-folder.js';

describe('V24 of a recording in three parts', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let videos: string[];
  let parts: Inspected[];
  beforeAll(async () => {
    folder = await temporaryFolder();
    const takes = await TakeInMemory.record({ geometry: TWO_PARTS, frames: 100 });
    videos = [];
    for (const take of takes) videos.push(join(await take.writeTo(folder.path, true), `${take.name}.avi`));
    const { recordings } = await findRecordings(videos);
    parts = [];
    for (const files of recordings) parts.push(await inspectRecording(files, { depth: 'quick' }));
    expect(parts).toHaveLength(3);
  });
  afterAll(() => folder.remove());

  it.each([[[0]], [[1]], [[2]], [[0, 2]], [[0, 1]], [[1, 2]]])(
    'holds where only the parts %j are named',
    async (which) => {
      const named = which.map((index) => videos[index] ?? '');
      const verdicts = (await inspectAll(named, 'quick')).map(({ verdict }) => verdict);
      expect(verdicts).toEqual(which.map(() => 'proven'));
    },
  );

  const nothing = (): Promise<boolean> => Promise.resolve(false);
  const said = async (index: number, changed: (part: Inspected, index: number) => Inspected): Promise<string[]> => {
    const all = parts.map(changed);
    const [one] = all.slice(index);
    if (one === undefined) throw new Error('There is no such part.');
    return ((await checkParts(one, all, nothing)) ?? []).map(({ message }) => message);
  };
  const told = (
    one: Inspected,
    part: Partial<{ number: number; continues_take: number | null; is_continued: boolean }>,
  ) => {
    if (one.info === null) throw new Error('There is no info file.');
    const facts = { ...one.info.csi_cameras, part: { ...one.info.csi_cameras.part, ...part } };
    return { ...one, info: { ...one.info, csi_cameras: facts } };
  };

  it('fails where they do not follow one another', async () => {
    expect(await said(1, (part) => part)).toEqual([]);
    const late = (part: Inspected, index: number): Inspected =>
      index === 1 ? { ...part, firstSensorNs: part.firstSensorNs + 40_000_000n } : part;
    expect(await said(1, late)).toEqual([
      expect.stringMatching(/^2\.\d frame times lie between it and the part before/),
    ]);
    const early = (part: Inspected, index: number): Inspected => (index === 1 ? { ...part, firstSensorNs: 1n } : part);
    expect(await said(1, early)).toEqual(['it begins before the part before it ends']);
    expect(await said(1, (part, index) => (index === 1 ? told(part, { continues_take: null }) : part))).toEqual([
      'it is part 2, and continues no take',
    ]);
    expect(await said(1, (part, index) => (index === 0 ? told(part, { is_continued: false }) : part))).toEqual([
      'it continues take 1, which says that it is not continued',
    ]);
    expect(await said(2, (part, index) => (index === 2 ? told(part, { is_continued: true }) : part))).toEqual([
      'it is continued, and the next part is missing',
    ]);
  });
});
