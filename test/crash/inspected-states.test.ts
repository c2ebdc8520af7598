import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openToInspect } from '../../src/inspect/open-file.js';
import { checkVideo } from '../../src/inspect/video/check-video.js';
import type { VideoInspection } from '../../src/inspect/video/video-inspection.js';
import { ProcessOwners } from '../../src/recording/avi/recording-owner.js';
import { temporaryFolder } from '../harness/temporary-folder.js';
import {
  type CrashState,
  killedBehindHeaders,
  killedStates,
  powerCutStates,
  tornHeaderStates,
  truthOf,
} from './proof.js';
import { type RecordedWrites, recordWrites } from './recorded-writes.js';
import { deathsOfRecovery, recoveredStates } from './recovered-states.js';
import { seededRandom } from './seeded-random.js';

const OWNER_AT = 4040;

/** What `csi-cameras verify` says of the video in every state of the crash proof: never that it is damaged. */
describe('a video after a death', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let recorded: RecordedWrites;
  let deadMark: Buffer;

  beforeAll(async () => {
    folder = await temporaryFolder();
    recorded = await recordWrites({ folder: folder.path, frames: 240, writesMetadata: false });
    deadMark = Buffer.from(await new ProcessOwners().self());
    deadMark.writeUInt32LE(0x7fff_fff0, 0); // no process has this number
  });
  afterAll(() => folder.remove());

  async function inspect(state: CrashState): Promise<VideoInspection> {
    const image = state.files.get(recorded.video);
    if (image === undefined) throw new Error(`${state.name} has no video.`);
    const bytes = image.read(0, image.size);
    const isOwned = bytes.subarray(OWNER_AT, OWNER_AT + 16).some((byte) => byte !== 0);
    if (isOwned) deadMark.copy(bytes, OWNER_AT);
    const path = join(folder.path, 'state.avi');
    await writeFile(path, bytes);
    const handle = await openToInspect(path);
    try {
      return await checkVideo(handle, { depth: 'whole' });
    } finally {
      await handle.close();
    }
  }

  async function hold(states: Iterable<CrashState> | AsyncIterable<CrashState>): Promise<number> {
    let held = 0;
    for await (const state of states) {
      const { findings, frames, state: is } = await inspect(state);
      held += 1;
      const failed = findings.filter(({ kind }) => kind === 'failed').map(({ id, message }) => `${id} ${message}`);
      expect([state.name, failed]).toEqual([state.name, []]);
      if (is === 'recording') continue; // the torn header has lost its mark, and its copy has that of this very process
      expect(frames).toBeGreaterThanOrEqual(state.promised);
      if (state.isClosed === true) expect(is).toBe('closed');
      expect(findings.some(({ id, kind }) => id === 'V2' && kind === 'lost')).toBe(is === 'left_open');
    }
    return held;
  }

  it('is not damaged by a kill at any write', async () => {
    expect(await hold(killedStates(recorded, 5))).toBeGreaterThan(20);
  });

  it('is not damaged by a power cut', async () => {
    expect(await hold(powerCutStates(recorded, 25, 1))).toBe(50);
  });

  it('is not damaged when the next start has closed it, nor where that was killed', async () => {
    const states = [...killedStates(recorded, 20), ...powerCutStates(recorded, 4, 2)];
    expect(await hold(recoveredStates(truthOf(recorded), states, join(folder.path, 'closing')))).toBeGreaterThan(15);
    const torn = tornHeaderStates(recorded, 10, 3);
    expect(await hold(recoveredStates(truthOf(recorded), torn, join(folder.path, 'torn'), true))).toBe(10);
    const random = seededRandom(4);
    const died = deathsOfRecovery(
      truthOf(recorded),
      killedStates(recorded, 60),
      join(folder.path, 'dying'),
      40,
      random,
    );
    expect(await hold(died)).toBeGreaterThan(15);
  });

  it('hides no frame from players that walk when it is closed, also where it died between a header and its cover', async () => {
    const closed = recoveredStates(truthOf(recorded), killedBehindHeaders(recorded), join(folder.path, 'covered'));
    expect(await hold(closed)).toBeGreaterThan(10);
  });

  it('is not damaged where its header is torn', async () => {
    expect(await hold(tornHeaderStates(recorded, 20, 3))).toBe(20);
  });
});
