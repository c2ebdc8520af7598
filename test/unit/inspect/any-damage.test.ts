import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '../../crash/seeded-random.js';
import { flip, video } from '../../harness/bad-recordings/damaged-videos.js';
import { rows } from '../../harness/bad-recordings/damaged-rows.js';
import { type Place, placeOf } from '../../harness/bad-recordings/place-in-video.js';
import { TINY_GEOMETRY, TakeInMemory } from '../../harness/bad-recordings/take-in-memory.js';
import { inspectAll } from '../../harness/inspect-all.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** Where a changed bit can go unseen without checksums: the pictures' own content, and what nobody reads. */
const BLIND: ReadonlySet<Place> = new Set([
  'entropy code',
  'tables',
  'comment',
  'padding',
  'no frame',
  'room of the live index',
  'copies of the header',
] as const);

describe('verify', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let good: TakeInMemory;
  let withChecksums: TakeInMemory;

  beforeAll(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'any bit of the recordings is changed');
    const made = await Promise.all([TakeInMemory.record(), TakeInMemory.record({ checksums: true })]);
    [good, withChecksums] = made.map(([take]) => take) as [TakeInMemory, TakeInMemory];
  });

  afterAll(() => folder.remove());

  const verdictOf = async (take: TakeInMemory, withInfo: boolean) => {
    const [found, ...more] = await inspectAll([await take.writeTo(folder.path, withInfo)]);
    expect(more).toEqual([]);
    return found?.verdict;
  };

  it('sees every bit that is changed in a video, but where nobody can', async () => {
    const random = seededRandom(7);
    const seen = new Map<Place, [seen: number, unseen: number]>();
    for (let time = 0; time < 300; time += 1) {
      const take = good.copy();
      // Every other one lies where there is more than pictures.
      const at = Math.floor(random() * (time % 2 === 0 ? video(take).length : TINY_HEAD));
      const place = placeOf(video(take), take.map, TINY_GEOMETRY.liveEntries, at);
      flip(take, at, Math.floor(random() * 8));
      const verdict = await verdictOf(take, false);
      const tally = seen.get(place) ?? [0, 0];
      tally[verdict === 'proven' ? 1 : 0] += 1;
      seen.set(place, tally);
    }
    const unseen = [...seen].filter(([, [, count]]) => count > 0).map(([place]) => place);
    expect(unseen.filter((place) => !BLIND.has(place))).toEqual([]);
  });

  it('sees every bit that is changed in a frame, with checksums', async () => {
    const random = seededRandom(8);
    for (let time = 0; time < 50; time += 1) {
      const take = withChecksums.copy();
      const { data, bytes } = take.map.frames[Math.floor(random() * take.map.frames.length)] ?? { data: 0, bytes: 0 };
      const at = data + Math.floor(random() * bytes);
      flip(take, at, Math.floor(random() * 8));
      expect({ at, verdict: await verdictOf(take, true) }).toEqual({ at, verdict: 'damaged' });
    }
  });

  it('sees every cut of a video', async () => {
    const random = seededRandom(9);
    for (let time = 0; time < 50; time += 1) {
      const take = good.copy();
      const length = Math.floor(random() * video(take).length);
      take.video = Buffer.from(video(take).subarray(0, length));
      expect({ length, verdict: await verdictOf(take, false) }).toEqual({ length, verdict: 'damaged' });
    }
  });

  it('sees every changed byte and every cut of the rows, but in the digits of a time', async () => {
    const random = seededRandom(10);
    for (let time = 0; time < 100; time += 1) {
      const take = good.copy();
      const at = Math.floor(random() * rows(take).length);
      if (time % 4 === 0) take.timing = Buffer.from(rows(take).subarray(0, at));
      else rows(take).writeUInt8(rows(take).readUInt8(at) ^ (1 << Math.floor(random() * 7)), at);
      const isDigitOfTime = time % 4 !== 0 && isTime(good, at) && /\d/.test(String.fromCharCode(rows(take)[at] ?? 0));
      const verdict = await verdictOf(take, false);
      expect({ at, verdict: isDigitOfTime ? 'damaged' : verdict }).toEqual({ at, verdict: 'damaged' });
      expect({ at, verdict: await verdictOf(take, true) }).toEqual({ at, verdict: 'damaged' });
    }
  });
});

/** The header block, the room of the live index and the copies. */
const TINY_HEAD = 4096 + 8 * TINY_GEOMETRY.liveEntries + 2 * 4096;

/** Whether a position is in `record_time_unix` or `record_time_mono`, which no other column repeats. */
function isTime(take: TakeInMemory, at: number): boolean {
  const before = rows(take).toString('latin1', 0, at);
  const column = before.slice(before.lastIndexOf('\n') + 1).split(',').length - 1;
  return before.includes('\n') && (column === 4 || column === 5);
}
