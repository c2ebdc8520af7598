import { describe, expect, it } from '@jest/globals';
import type { Exposure } from '../../../../src/cli/settings/steady-exposure.js';
import { untilSteady } from '../../../../src/cli/settings/until-steady.js';
import { ManualClock } from '../../../harness/manual-clock.js';

const SET_IT = 'csi-cameras settings --camera 0 --set exposureTimeUs=10000 --set gain=2';

/** Waits on a clock turned by hand. `exposureAt`: what the camera tells so many ms after the beginning. */
async function wait(exposureAt: (ms: number) => Exposure | string): Promise<{
  readonly why: string | undefined;
  readonly ms: number;
  readonly notes: readonly string[];
}> {
  const clock = new ManualClock();
  const startedMs = clock.wallMs();
  const notes: string[] = [];
  const ended: number[] = [];
  const waiting = untilSteady({
    camera: 0,
    clock,
    look: () => Promise.resolve(exposureAt(clock.wallMs() - startedMs)),
    note: (text) => {
      notes.push(text);
    },
  }).finally(() => {
    ended.push(clock.wallMs() - startedMs);
  });
  for (let turn = 0; ended.length === 0 && turn < 1000; turn += 1) await clock.advance(50);
  return { why: await waiting, ms: ended[0] ?? Number.NaN, notes };
}

describe('the wait for a steady exposure', () => {
  it('ends after 3 s of the same, and says once a second how far it is', async () => {
    const { why, ms, notes } = await wait((at) => ({ exposureTimeUs: at < 1000 ? 100 + at : 5000, gain: 2 }));
    expect({ why, ms }).toEqual({ why: undefined, ms: 4000 });
    expect(notes).toEqual([
      'Waiting for a steady exposure: 100 us, gain 2 (0.0 of 3 s)',
      'Waiting for a steady exposure: 5000 us, gain 2 (0.0 of 3 s)',
      'Waiting for a steady exposure: 5000 us, gain 2 (1.0 of 3 s)',
      'Waiting for a steady exposure: 5000 us, gain 2 (2.0 of 3 s)',
    ]);
  });

  it('ends after 10 s of an exposure that goes on changing, with what to do', async () => {
    const { why, ms } = await wait((at) => ({ exposureTimeUs: 1000 + at, gain: 2 }));
    expect(ms).toBe(10_000);
    expect(why).toBe(
      `The exposure did not come to rest within 10 s (11000 us, gain 2 at the end). Steady the light, or set it: ${SET_IT}`,
    );
  });

  it('ends after 10 s of a camera that tells no exposure, with what to do', async () => {
    const { why, ms } = await wait(() => ({ exposureTimeUs: null, gain: null }));
    expect(ms).toBe(10_000);
    expect(why).toBe(`The camera does not tell its exposure, so it cannot be fixed as it is. Set it: ${SET_IT}`);
  });

  it('ends with the reason why the camera tells nothing any more', async () => {
    expect(await wait((at) => (at < 500 ? { exposureTimeUs: 1, gain: 1 } : 'It is gone.'))).toMatchObject({
      why: 'It is gone.',
      ms: 500,
    });
  });
});
