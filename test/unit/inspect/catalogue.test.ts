import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CheckId, VerifiedRecording } from '../../../src/inspect/verdict.js';
import { DAMAGED_INFO } from '../../harness/bad-recordings/damaged-info.js';
import { DAMAGED_ROWS } from '../../harness/bad-recordings/damaged-rows.js';
import { DAMAGED_VIDEOS } from '../../harness/bad-recordings/damaged-videos.js';
import { GOOD_RECORDINGS } from '../../harness/bad-recordings/good-recordings.js';
import type { Expected, RecordingCase } from '../../harness/bad-recordings/recording-case.js';
import { TakeInMemory } from '../../harness/bad-recordings/take-in-memory.js';
import { inspectAll } from '../../harness/inspect-all.js';
import { expectDamage } from '../../harness/recordings-held.js';
import { temporaryFolder } from '../../harness/temporary-folder.js';

/** Every good and every bad recording of the catalogue, with its info file beside it and without. */

const ALL = [...GOOD_RECORDINGS, ...DAMAGED_VIDEOS, ...DAMAGED_ROWS, ...DAMAGED_INFO];

/** These are not shown by damage: V2 tells a state, V18 a clock that was set, V26 needs logs. */
const WITHOUT_DAMAGE: ReadonlySet<CheckId> = new Set(['V2', 'V18', 'V26']);

describe('verify', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    expectDamage(folder.path, 'the catalogue of bad recordings');
  });

  afterAll(() => folder.remove());

  it.each(ALL)('says the truth of a recording $what', async (of) => {
    for (const withInfo of [false, true]) {
      const place = await mkdtemp(join(folder.path, 'case-'));
      const { found, name } = await inspected(of, place, withInfo);
      expect({ withInfo, ...said(found, name, of) }).toEqual({ withInfo, ...expectedOf(of, withInfo) });
    }
  });

  it('has a bad recording for each check', () => {
    const shown = new Set(
      ALL.flatMap(({ expected, withInfo }) => [...(expected.failed ?? []), ...(withInfo?.failed ?? [])]),
    );
    const missing = Array.from({ length: 26 }, (_, index): CheckId => `V${index + 1}`).filter(
      (id) => !shown.has(id) && !WITHOUT_DAMAGE.has(id),
    );
    expect(missing).toEqual([]);
  });
});

const recorded = new Map<string, Promise<TakeInMemory[]>>();

/** Recordings of the same wish are the same: each is made once. */
function partsOf({ recorded: wish = {} }: RecordingCase): Promise<TakeInMemory[]> {
  const key = JSON.stringify(wish, (_, value: unknown) => (typeof value === 'function' ? String(value) : value));
  const known = recorded.get(key);
  if (known !== undefined) return known;
  const made = TakeInMemory.record(wish);
  recorded.set(key, made);
  return made;
}

async function inspected(of: RecordingCase, place: string, withInfo: boolean) {
  const parts = (await partsOf(of)).map((part) => part.copy());
  const take = parts[of.part ?? 0];
  if (take === undefined) throw new Error('There is no such part.');
  of.change?.(take, parts);
  let camera = place;
  for (const part of parts) camera = await part.writeTo(place, withInfo);
  const before = await stateOf(camera);
  const found = await inspectAll([camera], of.depth);
  expect(await stateOf(camera)).toEqual(before);
  return { found, name: take.name };
}

/** It must not write, not even a time. */
async function stateOf(camera: string): Promise<string[]> {
  const names = (await readdir(camera)).sort();
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs, ctimeMs } = await stat(join(camera, name));
      return `${name} ${size} ${mtimeMs} ${ctimeMs}`;
    }),
  );
}

/** What was found, as far as it was declared. */
function said(found: readonly VerifiedRecording[], name: string, of: RecordingCase) {
  const own = found.find(({ files }) => files.stem === name);
  if (own === undefined) throw new Error(`verify found no ${name}.`);
  const failed = own.findings.filter(({ kind }) => kind === 'failed');
  const { at, notes = [] } = of.expected;
  const place = failed.find(({ id }) => id === at?.[0])?.frame ?? null;
  return {
    verdict: own.verdict,
    failed: inOrder(failed.map(({ id }) => id)),
    at: at === undefined ? null : [at[0], place],
    notes: notes.filter((id) => own.findings.some((one) => one.id === id && one.kind === 'note')),
  };
}

function expectedOf({ expected, withInfo: changes }: RecordingCase, withInfo: boolean) {
  const { verdict, failed = [], at, notes = [] }: Expected = withInfo ? { ...expected, ...changes } : expected;
  return { verdict, failed: inOrder(failed), at: at ?? null, notes };
}

function inOrder(ids: readonly CheckId[]): CheckId[] {
  return [...new Set(ids)].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
}
