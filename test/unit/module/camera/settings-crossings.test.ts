import { describe, expect, it } from '@jest/globals';
import { UNASSIGN_MS } from '../../../../src/core/closing-budget.js';
import { fromNow } from '../../../../src/core/deadline.js';
import { NOTHING_GIVEN } from '../../../../src/core/given-settings.js';
import type { Report } from '../../../../src/protocol/statuses.js';
import { healthy, healthyBut, NO_FIGURES, silent } from '../../../harness/fake-pipeline.js';
import { settled } from '../../../harness/manual-clock.js';
import { cameraRig, isAnswered, ORDER, type CameraRig } from './camera-rig.js';

/** What crosses a change of settings on its way, at each of its steps. */

interface Change {
  readonly rig: CameraRig;
  readonly answer: Promise<Report>;
}

async function changing(prepare: (rig: CameraRig) => void): Promise<Change> {
  const rig = cameraRig(healthy);
  await rig.camera.open('a1');
  prepare(rig);
  const answer = rig.camera.changeSettings({ gain: 2 }, 'c1');
  await settled();
  return { rig, answer };
}

/** The steps of a change. `goOn`: it goes on from there, so that the camera streams. */
const STEPS: Record<string, { begin: () => Promise<Change>; goOn: (rig: CameraRig) => void; isMade: boolean }> = {
  'it is being checked': {
    begin: () =>
      changing(({ desk }) => {
        desk.fault = { at: 'propose', how: 'hangs' };
      }),
    goOn: () => undefined,
    isMade: false,
  },
  'the run is being closed': {
    begin: () =>
      changing(({ pipelines }) => {
        pipelines.habit = healthyBut('close');
      }),
    goOn: ({ pipeline }) => {
      pipeline.emit({ type: 'closed', run: 1, portReleased: true });
    },
    isMade: false,
  },
  'the next run is being opened': {
    begin: () =>
      changing(({ pipelines }) => {
        pipelines.habit = healthyBut('open');
      }),
    goOn: ({ pipeline }) => {
      pipeline.giveFirstFrame();
    },
    isMade: false,
  },
  'the former settings are taken again': {
    begin: () =>
      changing(({ pipelines }) => {
        pipelines.habit = (pipeline, command) => {
          if (command.type !== 'open') healthy(pipeline, command);
          else if (command.request.settings.gain === 2) pipeline.lose('unsupported_mode');
        };
      }),
    goOn: ({ pipeline }) => {
      pipeline.giveFirstFrame();
    },
    isMade: false,
  },
  'it is being kept': {
    begin: () =>
      changing(({ desk }) => {
        desk.fault = { at: 'accept', how: 'hangs' };
      }),
    goOn: () => undefined,
    isMade: true,
  },
  'the first figures are waited for': {
    begin: () => changing(() => undefined),
    goOn: () => undefined,
    isMade: true,
  },
};

describe.each(Object.entries(STEPS))('while %s', (_title, { begin, goOn, isMade }) => {
  it('an unassignment answers the change at once, and is answered itself', async () => {
    const { rig, answer } = await begin();
    rig.pipelines.habit = healthy;
    const closed = rig.camera.close('command', fromNow(rig.clock, UNASSIGN_MS), 'u1');
    expect(await isAnswered(answer)).toBe(true);
    expect(await answer).toMatchObject(
      isMade ? { status: 'settings_changed' } : { status: 'command_nack', data: { code: 'no_device' } },
    );
    expect(await closed).toMatchObject({ status: 'device_unassigned', data: { port_released: true } });
    expect(rig.names()).not.toContain('device_error');
    expect(rig.desk.kept).toEqual(isMade ? { gain: 2 } : {});
    await rig.clock.advance(5_000);
    expect(rig.clock.timers).toBe(0);
    expect(rig.pipeline.told('open').length).toBeLessThanOrEqual(3);
  });

  it('an unassignment in the queue ends the wait, and what is refused is not kept by what the camera does then', async () => {
    const { rig, answer } = await begin();
    rig.camera.abortWaits('no_device');
    expect(await isAnswered(answer)).toBe(true);
    const { status } = await answer;
    goOn(rig);
    await rig.clock.advance(5_000);
    expect(rig.desk.kept).toEqual(status === 'settings_changed' ? { gain: 2 } : {});
    expect(rig.clock.timers).toBe(0);
  });

  it('an unassignment is answered within its time, whatever the capture process does', async () => {
    const { rig, answer } = await begin();
    rig.pipelines.habit = silent;
    const closed = rig.camera.close('command', fromNow(rig.clock, UNASSIGN_MS), 'u1');
    await rig.clock.advance(UNASSIGN_MS - 50);
    expect(await closed).toMatchObject({ status: 'device_unassigned', data: { port_released: false } });
    expect(await isAnswered(answer)).toBe(true);
    const last = rig.pipeline.told('close').at(-1);
    expect(last?.untilNs).toBeLessThanOrEqual(fromNow(rig.clock, 0));
  });

  it('a shutdown says so', async () => {
    const { rig, answer } = await begin();
    rig.pipelines.habit = healthy;
    void rig.camera.close('shutdown', fromNow(rig.clock, 1_500), 'q1');
    const { status, data } = await answer;
    if (status === 'command_nack') expect(data.code).toBe('shutting_down');
    else expect(status).toBe('settings_changed');
  });

  it('a start waits for the frames, and begins with the first', async () => {
    const { rig } = await begin();
    const started = rig.camera.startRecording(ORDER, 'r1');
    await settled();
    goOn(rig);
    expect(await started).toMatchObject({ status: 'recording_started', data: { trial_number: 3 } });
    expect(rig.names()).not.toContain('device_error');
    expect(rig.pipeline.told('startRecording').map(({ run }) => run)).toEqual([rig.pipeline.run]);
  });

  it('a stop calls such a start off', async () => {
    const { rig } = await begin();
    const { isToRecord } = rig.camera;
    expect(isToRecord).toBe(false);
    const started = rig.camera.startRecording(ORDER, 'r1');
    rig.camera.releaseStart();
    await rig.camera.stopRecording('s1');
    goOn(rig);
    await started;
    expect(rig.camera.isToRecord).toBe(false);
  });

  it('a camera that is lost is tried again, and both are told', async () => {
    const { rig, answer } = await begin();
    rig.pipelines.habit = silent;
    for (let run = 0; run < 3 && rig.camera.status().state !== 'waiting'; run += 1) rig.pipeline.lose();
    expect(rig.camera.status().state).toBe('waiting');
    expect(rig.names().filter((name) => name === 'device_error')).toHaveLength(1);
    await rig.clock.advance(3_000);
    expect(await isAnswered(answer)).toBe(true);
    rig.pipeline.giveFirstFrame();
    expect(rig.camera.status()).toMatchObject({ state: 'streaming', error: null });
  });

  it('a snapshot is refused, or taken', async () => {
    const { rig } = await begin();
    const { state } = rig.camera.status();
    const snapshot = await rig.camera.takeSnapshot('/data', 't1');
    expect(snapshot.status).toBe(state === 'streaming' ? 'snapshot_taken' : 'command_nack');
  });

  it('another assignment of the camera is answered by its first frame', async () => {
    const { rig } = await begin();
    const opened = rig.camera.open('a2');
    await settled();
    goOn(rig);
    expect(await opened).toMatchObject({ status: 'device_ready' });
  });

  it('the change is answered in the end', async () => {
    const { rig, answer } = await begin();
    goOn(rig);
    rig.pipeline.emit({ type: 'figures', run: rig.pipeline.run, figures: { ...NO_FIGURES, given: NOTHING_GIVEN } });
    await rig.clock.advance(3_000);
    await rig.clock.advance(3_000);
    expect(await isAnswered(answer)).toBe(true);
    expect(rig.camera.status().state).toBe('streaming');
    expect(rig.clock.timers).toBe(0);
  });
});

it('keeps nothing of a change that was given up while it was being checked', async () => {
  const rig = cameraRig(healthy);
  await rig.camera.open('a1');
  const propose = rig.desk.propose.bind(rig.desk);
  rig.desk.propose = async (change) => {
    const proposal = await propose(change);
    await rig.camera.close('command', fromNow(rig.clock, UNASSIGN_MS), 'u1');
    return proposal;
  };
  expect(await rig.camera.changeSettings({ gain: 2 }, 'c1')).toMatchObject({ data: { code: 'no_device' } });
  await settled();
  expect(rig.desk.kept).toEqual({});
});
