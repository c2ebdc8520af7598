import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
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

/** The gate's form of `npm run crash-proof`: fewer states of a shorter recording, the readers that are there. */
describeWithFfprobe('a recording, whatever happens to it', () => {
  const readers = READERS.filter(({ program }) => isPresent(program));
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let recorded: RecordedWrites;

  beforeAll(async () => {
    folder = await temporaryFolder();
    recorded = await recordWrites({ folder: folder.path, frames: 240 });
  });

  afterAll(() => folder.remove());

  const hold = (states: Iterable<CrashState> | AsyncIterable<CrashState>): Promise<ProofResult> =>
    prove(truthOf(recorded), states, { readers, folder: join(folder.path, 'states') });

  function expectAllGood({ states, readers: tallies, goodRows, problems }: ProofResult, atLeast: number): void {
    expect(problems).toEqual([]);
    expect(states).toBeGreaterThanOrEqual(atLeast);
    expect(goodRows).toBe(states);
    expect(tallies.map(({ good }) => good)).toEqual(readers.map(() => states));
  }

  it('opens in every reader after a kill at any write, and has lost nothing that is a second old', async () => {
    const result = await hold(killedStates(recorded, 4));
    expectAllGood(result, 40);
    expect(result.oldestLostMs).toBeLessThan(500);
  });

  it('opens in every reader after a power cut that lost any part of what was not synced', async () => {
    const result = await hold(powerCutStates(recorded, 20, 1));
    expectAllGood(result, 40);
    expect(result.oldestLostMs).toBeLessThan(1000);
  });

  it('would not survive a commit before its sync: the proof notices', async () => {
    const planted = { ...recorded, operations: withHeadersBeforeTheirSync(recorded.operations) };
    const { problems } = await prove(truthOf(planted), powerCutStates(planted, 60, 1), {
      readers: readers.slice(0, 1),
      folder: join(folder.path, 'planted'),
      maxProblems: 1,
    });
    expect(problems).not.toEqual([]);
  });

  it('is closed by the next start, frame for row', async () => {
    const states = [...killedStates(recorded, 17), ...powerCutStates(recorded, 5, 2)];
    expectAllGood(await hold(recoveredStates(truthOf(recorded), states, join(folder.path, 'closing'))), 15);
  });

  it('is closed by the next start where the power cut tore its header, with all that was promised', async () => {
    const states = tornHeaderStates(recorded, 15, 3);
    expectAllGood(await hold(recoveredStates(truthOf(recorded), states, join(folder.path, 'closing'), true)), 15);
  });

  it('survives the death of that, too', async () => {
    const at = join(folder.path, 'closing');
    const states = deathsOfRecovery(truthOf(recorded), killedStates(recorded, 80), at, 4, seededRandom(3));
    expectAllGood(await hold(states), 20);
  });

  it('holds every frame older than a second when the program is killed, and the next start closes it', async () => {
    const kills = await killAgainAndAgain({
      readers,
      folder: folder.path,
      kills: 5,
      longestMs: 1500,
      random: seededRandom(Date.now()),
    });
    expect(kills).toMatchObject({ problems: [], kills: 5, closed: 5, good: readers.map(() => 5) });
  }, 120_000);
});
