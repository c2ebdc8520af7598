import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { ACCIDENTS, cause } from './accidents.js';
import { expectTruth } from './expect-truth.js';
import { BATCHES, carryOut } from './bursts.js';
import { newModel, prepare, resumeOnFullDisk, STEPS } from './model.js';
import { SequenceRig } from './rig.js';
import { runParameters } from './run-parameters.js';

describe('any sequence of commands and faults', () => {
  it('is answered as the protocol says, one by one, and leaves the truth on disk', async () => {
    const commands = fc.commands(STEPS, { maxCommands: 30, size: 'max', ...replay() });
    await fc.assert(
      fc.asyncProperty(commands, fc.boolean(), async (steps, isPrepared) => {
        const rig = await SequenceRig.start();
        try {
          const model = newModel();
          if (isPrepared) await prepare(model, rig);
          await fc.asyncModelRun(() => ({ model, real: rig }), steps);
          await rig.end();
          await expectTruth(rig);
        } finally {
          await rig.tidyUp();
        }
      }),
      runParameters(100),
    );
  }, 60_000);

  it('comes to the same in bursts for three cameras, each command in its turn and in the session of its arrival', async () => {
    await fc.assert(
      fc.asyncProperty(BATCHES, fc.boolean(), async (batches, isPrepared) => {
        const rig = await SequenceRig.start();
        try {
          const model = newModel();
          if (isPrepared) await prepare(model, rig);
          for (const batch of batches) await carryOut(batch, model, rig);
          await rig.end();
          await expectTruth(rig);
        } finally {
          await rig.tidyUp();
        }
      }),
      runParameters(50),
    );
  }, 60_000);

  it('tells of a take that cannot go on after its camera is back, and records the next one', async () => {
    const rig = await SequenceRig.start();
    try {
      const model = newModel();
      await prepare(model, rig);
      await resumeOnFullDisk(model, rig);
      const told = rig.heard.named('recording_error').map(({ data }) => [data.device_id, data.code]);
      expect(told).toEqual([['picam:1', 'disk_full']]);
      await rig.end();
      await expectTruth(rig);
    } finally {
      await rig.tidyUp();
    }
  });

  it('leaves the truth on disk also where nobody waits for an answer, and everything happens at once', async () => {
    const accidents = fc.array(ACCIDENTS, { maxLength: 50, size: 'max' });
    const recording = fc.record({
      resumeAfterReconnect: fc.boolean(),
      fps: fc.constantFrom(0, 10),
      frameMetadata: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(accidents, fc.boolean(), recording, async (happening, isPrepared, config) => {
        const rig = await SequenceRig.start(config);
        try {
          if (isPrepared) await prepare(newModel(), rig);
          for (const accident of happening) await cause(rig, accident);
          await rig.end();
          await expectTruth(rig);
        } finally {
          await rig.tidyUp();
        }
      }),
      runParameters(100),
    );
  }, 60_000);
});

/** `FC_REPLAY`: the `replayPath` that a failure printed. */
function replay(): { replayPath?: string } {
  const path = process.env['FC_REPLAY'];
  return path === undefined ? {} : { replayPath: path };
}
