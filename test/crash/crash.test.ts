import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeWithFfprobe } from '../harness/describe-with-ffprobe.js';
import { isPresent } from '../harness/present-readers.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import { killAgainAndAgain } from './kills.js';
import { withHeadersBeforeTheirSync } from './power-cut.js';
import {
  type CrashState,
  killedStates,
  powerCutStates,
  prove,
  tornHeaderStates,
  truthOf,
  type ProofResult,
} from './proof.js';
import { READERS } from './readers.js';
import { type RecordedWrites, recordWrites } from './recorded-writes.js';
import { deathsOfRecovery, recoveredStates } from './recovered-states.js';
import { seededRandom } from './seeded-random.js';

const readers = READERS.filter(({ program }) => isPresent(program));

// Some hundred videos, each through several decoders: on a busy machine that is a minute. No time is judged by this limit.
jest.setTimeout(120_000);

/** The gate's form of `npm run crash-proof`: fewer states of a shorter recording, the readers that are there. */
describeWithFfprobe.each([
  { what: 'a recording', writesMetadata: false, nth: 1 },
  // Nothing of the video differs: every third state is enough.
  { what: 'a recording with metadata', writesMetadata: true, nth: 3 },
])('$what, whatever happens to it', ({ writesMetadata, nth }) => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let recorded: RecordedWrites;

  beforeAll(async () => {
    folder = await temporaryFolder();
    recorded = await recordWrites({ folder: folder.path, frames: 240, writesMetadata });
  });

  afterAll(() => folder.remove());

  const hold = (states: Iterable<CrashState> | AsyncIterable<CrashState>): Promise<ProofResult> =>
    prove(truthOf(recorded), states, { readers, folder: join(folder.path, 'states') });

  function expectAllGood(
    { states, readers: tallies, goodRows, verified, problems }: ProofResult,
    atLeast: number,
  ): void {
    expect(problems).toEqual([]);
    expect(states).toBeGreaterThanOrEqual(Math.floor(atLeast / nth));
    expect(goodRows).toBe(states);
    expect(verified).toBe(states);
    expect(tallies.map(({ good }) => good)).toEqual(readers.map(() => states));
  }

  it('opens in every reader after a kill at any write, and has lost nothing that is a second old', async () => {
    const result = await hold(killedStates(recorded, 4 * nth));
    expectAllGood(result, 40);
    expect(result.oldestLostMs).toBeLessThan(500);
  });

  it('opens in every reader after a power cut that lost any part of what was not synced', async () => {
    const result = await hold(powerCutStates(recorded, Math.ceil(20 / nth), 1));
    expectAllGood(result, 40);
    expect(result.oldestLostMs).toBeLessThan(1000);
  });

  it('would not survive a commit before its sync: the proof notices', async () => {
    const planted = { ...recorded, operations: withHeadersBeforeTheirSync(recorded.operations) };
    const { problems } = await prove(truthOf(planted), powerCutStates(planted, 60, 1), {
      readers: readers.slice(0, 1),
      folder: join(folder.path, 'planted'),
      batch: 5, // one problem is enough, and it comes soon
      maxProblems: 1,
    });
    expect(problems).not.toEqual([]);
  });

  it('is closed by the next start, frame for row', async () => {
    const states = [...killedStates(recorded, 17 * nth), ...powerCutStates(recorded, Math.ceil(5 / nth), 2)];
    expectAllGood(await hold(recoveredStates(truthOf(recorded), states, join(folder.path, 'closing'))), 15);
  });

  it('is closed by the next start where the power cut tore its header, with all that was promised', async () => {
    const states = tornHeaderStates(recorded, Math.ceil(15 / nth), 3);
    expectAllGood(await hold(recoveredStates(truthOf(recorded), states, join(folder.path, 'closing'), true)), 15);
  });

  it('survives the death of that, too', async () => {
    const at = join(folder.path, 'closing');
    const states = deathsOfRecovery(truthOf(recorded), killedStates(recorded, 80 * nth), at, 4, seededRandom(3));
    expectAllGood(await hold(states), 20);
  });
});

describeWithFfprobe('the program, killed', () => {
  it('holds every frame older than a second, with its rows, and the next start closes it', async () => {
    const folder = await temporaryFolder();
    try {
      const random = seededRandom(Date.now());
      const result = await killAgainAndAgain({ readers, folder: folder.path, kills: 6, longestMs: 1500, random });
      expect(result).toMatchObject({ problems: [], kills: 6, closed: 6, good: readers.map(() => 6) });
    } finally {
      await folder.remove();
    }
  });
});
