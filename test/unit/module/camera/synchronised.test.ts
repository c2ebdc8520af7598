import { describe, expect, it } from '@jest/globals';
import { fromNow } from '../../../../src/core/deadline.js';
import { FakeDesk } from '../../../harness/fake-desk.js';
import {
  healthy,
  healthyBut,
  NO_FIGURES,
  type FakePipeline,
  type PipelineHabit,
} from '../../../harness/fake-pipeline.js';
import { settled } from '../../../harness/manual-clock.js';
import { ASKED, cameraRig, isAnswered, ORDER, type CameraRig } from './camera-rig.js';

/** Gives no frame to a client: the test is its server, or lets the time go by. */
const waiting: PipelineHabit = (pipeline, command) => {
  if (command.type === 'open' && command.request.settings.sync === 'client') return;
  healthy(pipeline, command);
};

const warn = (pipeline: FakePipeline): void => {
  const message = 'The camera waits for its synchronising server, for 10 s so far.';
  pipeline.emit({ type: 'warning', run: pipeline.run, code: 'sync_waiting', message });
};

const roles = ({ pipeline }: CameraRig): unknown[] => pipeline.told('open').map(({ request }) => request.settings.sync);

const client = (): CameraRig => cameraRig(waiting, {}, new FakeDesk({ ...ASKED, sync: 'client' }));

/** Answered with nothing for almost a minute, though the host hears of the wait. */
async function waitsFor55s(rig: CameraRig, answer: Promise<unknown>): Promise<void> {
  for (let tens = 0; tens < 5; tens += 1) {
    await rig.clock.advance(11_000);
    warn(rig.pipeline);
  }
  expect(await isAnswered(answer as Promise<never>)).toBe(false);
}

describe('an assignment of a client without a server', () => {
  it('is answered when the wait is given up, and each warning of the wait is told', async () => {
    const rig = client();
    const answer = rig.camera.open('a1');
    await waitsFor55s(rig, answer);
    expect(rig.reported.map(({ report }) => report)).toEqual(
      Array.from({ length: 5 }, () => ({
        status: 'warning',
        data: { code: 'sync_waiting', device_id: 'picam:0', message: expect.stringContaining('server') },
      })),
    );
    expect(rig.camera.status()).toMatchObject({
      state: 'opening',
      sync: { role: 'client', timer_us: null },
      error: null,
    });
    rig.pipeline.lose('sync_timeout');
    expect(await answer).toMatchObject({
      status: 'device_error',
      data: { code: 'sync_timeout', recoverable: true },
    });
    expect(rig.camera.status()).toMatchObject({ state: 'closed', error: { code: 'sync_timeout' } });
  });

  it('is answered with the first frame where the server comes', async () => {
    const rig = client();
    const answer = rig.camera.open('a1');
    await waitsFor55s(rig, answer);
    rig.pipeline.giveFirstFrame();
    expect(await answer).toMatchObject({ status: 'device_ready' });
  });

  it('waits again and again where it keeps trying', async () => {
    const rig = client();
    const answer = rig.camera.open('a1', { keepsTrying: true });
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      rig.pipeline.lose('sync_timeout');
      await rig.clock.advance(attempt * 500);
    }
    expect(await answer).toMatchObject({ data: { code: 'sync_timeout', recoverable: true, retry_in_ms: 500 } });
    expect(roles(rig)).toEqual(['client', 'client', 'client', 'client']);
    rig.pipeline.giveFirstFrame();
    expect(rig.names()).toEqual(['device_error', 'device_error', 'device_ready']);
  });

  it.each([
    ['command', 'no_device'],
    ['shutdown', 'shutting_down'],
  ] as const)('ends at once with a %s', async (reason, code) => {
    const rig = client();
    const answer = rig.camera.open('a1');
    await rig.clock.advance(30_000);
    const before = rig.clock.monotonicNs();
    const closed = rig.camera.close(reason, fromNow(rig.clock, 950), 'u1');
    expect(await answer).toMatchObject({ status: 'device_error', data: { code } });
    expect(await closed).toMatchObject({ status: 'device_unassigned', data: { port_released: true } });
    expect(rig.clock.monotonicNs()).toBe(before);
  });
});

describe('a start for a client that waits', () => {
  it('is answered as for any camera without frames, and its take begins with the first one', async () => {
    const rig = client();
    void rig.camera.open('a1', { keepsTrying: true });
    const answer = rig.camera.startRecording(ORDER, 'r1');
    await rig.clock.advance(10_000);
    expect(await isAnswered(answer)).toBe(false);
    await rig.clock.advance(300);
    expect(await answer).toMatchObject({ status: 'recording_error', data: { code: 'camera_disconnected' } });
    rig.pipeline.lose('sync_timeout');
    await rig.clock.advance(500);
    expect(rig.camera.status().pending_trial_number).toBe(ORDER.trialNumber);
    rig.pipeline.giveFirstFrame();
    expect(rig.names()).toContain('recording_started');
  });
});

describe('a change that makes a streaming camera a client', () => {
  async function changed(): Promise<CameraRig & { answer: Promise<unknown> }> {
    const rig = cameraRig(waiting);
    await rig.camera.open('a1');
    const answer = rig.camera.changeSettings({ sync: 'client' }, 'c1');
    await settled();
    expect(roles(rig)).toEqual([undefined, 'client']);
    return { ...rig, answer };
  }

  it('is answered when the server has come, however late', async () => {
    const { answer, ...rig } = await changed();
    await waitsFor55s(rig, answer);
    rig.pipeline.giveFirstFrame();
    await rig.clock.advance(3_000);
    expect(await answer).toMatchObject({ status: 'settings_changed', data: { asked: { sync: 'client' } } });
  });

  it('falls back to the former settings where no server came, and keeps nothing', async () => {
    const { answer, ...rig } = await changed();
    await waitsFor55s(rig, answer);
    rig.pipeline.lose('sync_timeout');
    const { status, data } = (await answer) as { status: string; data: { code: string; error: string } };
    expect([status, data.code]).toEqual(['command_nack', 'invalid_setting']);
    expect(data.error).toMatch(/gives no frames with these settings, and the former ones are used again/);
    expect(roles(rig)).toEqual([undefined, 'client', undefined]);
    expect(rig.desk.kept).toEqual({});
    expect(rig.camera.status()).toMatchObject({ state: 'streaming', sync: null });
    expect(rig.names()).not.toContain('device_error');
  });

  it('is cut short by an unassignment', async () => {
    const { answer, ...rig } = await changed();
    await rig.clock.advance(30_000);
    await rig.camera.close('command', fromNow(rig.clock, 950), 'u1');
    expect(await answer).toMatchObject({ status: 'command_nack', data: { code: 'no_device' } });
  });
});

describe('a change for a client that waits', () => {
  it('is asked for at once, not when the wait is over', async () => {
    const rig = client();
    const opened = rig.camera.open('a1', { keepsTrying: true });
    await rig.clock.advance(20_000);
    const answer = rig.camera.changeSettings({ sync: 'off' }, 'c1');
    expect(await answer).toMatchObject({ status: 'settings_changed', data: { asked: { sync: 'off' } } });
    await settled();
    expect(roles(rig)).toEqual(['client', 'off']);
    expect(await opened).toMatchObject({ status: 'device_ready' });
    expect(rig.names()).toEqual([]);
  });

  it('that asks for the same leaves it waiting', async () => {
    const rig = client();
    void rig.camera.open('a1');
    await rig.camera.changeSettings({ sync: 'client' }, 'c1');
    await settled();
    expect(roles(rig)).toEqual(['client']);
  });

  it('leaves a camera that is opened and is no client alone, as ever', async () => {
    const rig = cameraRig(healthyBut('open'));
    void rig.camera.open('a1');
    await rig.camera.changeSettings({ gain: 2 }, 'c1');
    await settled();
    expect(roles(rig)).toHaveLength(1);
  });
});

describe('the status of a camera', () => {
  it('has the role and the timer of the last frame, and neither where it is not synchronised', async () => {
    const rig = cameraRig(healthy, {}, new FakeDesk({ ...ASKED, sync: 'server' }));
    await rig.camera.open('a1');
    expect(rig.camera.status().sync).toEqual({ role: 'server', timer_us: null });
    const tell = (timerUs: number | null): void => {
      const figures = { ...NO_FIGURES, sync: { isReady: true, timerUs } };
      rig.pipeline.emit({ type: 'figures', run: rig.pipeline.run, figures });
    };
    tell(-33_333);
    expect(rig.camera.status().sync).toEqual({ role: 'server', timer_us: -33_333 });
    tell(null);
    expect(rig.camera.status().sync).toEqual({ role: 'server', timer_us: null });
    tell(-66_666);
    rig.pipeline.lose();
    expect(rig.camera.status().sync).toEqual({ role: 'server', timer_us: null });
    for (const sync of ['off', undefined] as const) {
      const other = cameraRig(healthy, {}, new FakeDesk(sync === undefined ? ASKED : { ...ASKED, sync }));
      await other.camera.open('a1');
      expect(other.camera.status().sync).toBeNull();
    }
  });
});
