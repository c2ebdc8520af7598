import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { allComeBack, commandsFor, HAPPENINGS, LONG_MS, type Model, PLAIN, type Step } from './model.js';
import type { SequenceRig } from './rig.js';

/** Commands that a host sends without waiting for answers. What becomes of them in the end is what becomes of them one by one. */

/** What passes before the next command: turns of the event loop, frames, or time. */
type Pause = { readonly turns: number } | { readonly frames: number } | { readonly ms: number };

interface Burst {
  readonly step: Step;
  readonly pause: Pause;
}

/** Something happens, and then commands come in a burst. */
interface Batch {
  readonly before: readonly Step[];
  readonly burst: readonly Burst[];
}

const pause: fc.Arbitrary<Pause> = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ turns: 0 }) },
  { weight: 2, arbitrary: fc.record({ turns: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ frames: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ ms: fc.constantFrom(250, 1_000) }) },
);

const CAMERAS = ['picam:0', 'picam:1', 'picam:2'];

export const BATCHES: fc.Arbitrary<readonly Batch[]> = fc.array(
  fc.record({
    before: fc.array(fc.oneof(...HAPPENINGS), { maxLength: 2 }),
    burst: fc.array(fc.record({ step: fc.oneof(...commandsFor(...CAMERAS), PLAIN), pause }), {
      minLength: 1,
      maxLength: 12,
      size: 'max',
    }),
  }),
  { minLength: 1, maxLength: 4, size: 'max' },
);

export async function carryOut({ before, burst }: Batch, model: Model, rig: SequenceRig): Promise<void> {
  for (const { definition } of before) {
    await definition.happen?.(rig);
    definition.expected(model);
  }
  const steps = burst.filter(({ step }) => isDetermined(step, model));
  const isCounted = hasCountedTakes(steps, model);
  const [heard, wanted] = [takesOf(rig).size, new Array<string>()];
  for (const { step, pause: after } of steps) {
    const { send } = step.definition;
    if (send !== undefined) rig.send(send);
    const was = new Map(model.cameras);
    step.definition.expected(model);
    for (const [id, state] of model.cameras)
      if (state === 'recording' && was.get(id) === 'streaming') wanted.push(`${id} in ${model.session}`);
    await pass(after, rig);
  }
  await rig.answered();
  await rig.wait(LONG_MS);
  allComeBack(model);
  await rig.frames(1);
  const what = `after ${steps.map(({ step }) => String(step)).join(', ')}`;
  assert.deepEqual(rig.cameras, Object.fromEntries(model.cameras), `the cameras ${what}`);
  assert.equal(rig.session, model.session === null ? null : join(rig.folder, model.session), `the session ${what}`);
  const taken = [...takesOf(rig).values()].slice(heard);
  if (isCounted) assert.deepEqual(taken.toSorted(), wanted.toSorted(), `the takes ${what}`);
}

async function pass(after: Pause, rig: SequenceRig): Promise<void> {
  if ('turns' in after) await rig.turns(after.turns);
  else if ('frames' in after) await rig.frames(after.frames, 'at once');
  else await rig.wait(after.ms);
}

/** A change of settings is called off by an unassignment behind it. Whether a camera that cannot be opened was restarted is then chance. */
function isDetermined({ definition }: Step, { isRefused }: Model): boolean {
  return !isRefused || definition.send?.['command'] !== 'set_settings';
}

/**
 * Whether each start makes a take. A stop or an unassignment calls off, when it arrives, a start before it that waits for a
 * first frame.
 */
function hasCountedTakes(burst: readonly Burst[], { cameras }: Model): boolean {
  const sent = burst.map(({ step }) => step.definition.send);
  const isSteady = [...cameras.values()].every((state) => state !== 'waiting');
  const unsettling = sent.filter(
    (send) =>
      String(send?.['command']).startsWith('unassign') ||
      send?.['command'] === 'set_settings' || // the camera is restarted
      (send?.['command'] === 'assign_device' && !cameras.has(String(send['device_id']))),
  );
  return isSteady && unsettling.length === 0;
}

/** The takes that the host was told of, by their files: the device and the session. */
function takesOf({ heard, folder }: SequenceRig): ReadonlyMap<string, string> {
  return new Map(
    heard.named('recording_started').map(({ data }) => {
      const session = data.video_path.slice(folder.length + 1).split('/')[0];
      return [data.video_path, `${data.device_id} in ${session}`];
    }),
  );
}
