import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NOTHING_GIVEN } from '../../../../src/core/given-settings.js';
import type { StatusMessage } from '../../../../src/protocol/statuses.js';
import { healthy, healthyBut, NO_FIGURES, type PipelineHabit } from '../../../harness/fake-pipeline.js';
import { settled } from '../../../harness/manual-clock.js';
import { expectOneAnswerEach } from '../../../harness/mock-host.js';
import { moduleRig, type ModuleRig } from '../module-rig.js';

const SESSION = { session_dir: '/data/session_1' };
const GIVEN = { ...NOTHING_GIVEN, exposureTimeUs: 4_996, gain: 2 };

/** Like `healthy`, and each stream tells at once what the camera gives. */
const telling: PipelineHabit = (pipeline, command) => {
  healthy(pipeline, command);
  if (command.type !== 'open') return;
  pipeline.emit({ type: 'figures', run: command.run, figures: { ...NO_FIGURES, given: GIVEN } });
};

let rig: ModuleRig;

beforeEach(async () => {
  rig = moduleRig(telling);
  await rig.start();
});

afterEach(() => rig.end());

const requested = (deviceId = 'picam:0'): unknown => rig.pipelines.of(deviceId).told('open').at(-1)?.request.settings;
const opened = (deviceId = 'picam:0'): number => rig.pipelines.of(deviceId).told('open').length;

describe('without a camera', () => {
  it.each([
    ['set_settings', { settings: { gain: 2 } }],
    ['get_settings', {}],
    ['fix_settings', {}],
    ['set_resolution', { width: 640, height: 480 }],
    ['set_fps', { fps: 10 }],
  ])('%s is refused', async (command, fields) => {
    expect(await rig.ask(command, fields)).toMatchObject({ status: 'command_nack', data: { code: 'no_device' } });
    await rig.assign('picam:0');
    const other = await rig.ask(command, { ...fields, device_id: 'picam:1' });
    expect(other).toMatchObject({
      status: 'command_nack',
      data: { code: 'no_device', error: expect.stringContaining('picam:1 is not assigned.') },
    });
    expect(opened()).toBe(1);
  });
});

describe('with one camera', () => {
  it.each([
    ['set_settings', { settings: { gain: 2, hflip: true } }, { gain: 2, hflip: true }],
    ['set_settings', { settings: { gain: 2, hflip: undefined } }, { gain: 2 }],
    ['set_resolution', { width: 640, height: 480 }, { width: 640, height: 480 }],
    ['set_fps', { fps: 10 }, { fps: 10 }],
    ['set_fps', { fps: 10, device_id: 'picam:0' }, { fps: 10 }],
    ['fix_settings', {}, { exposureTimeUs: 4_996, gain: 2 }],
  ])('%s %j changes it and keeps that', async (command, fields, change) => {
    await rig.assign('picam:0');
    const answer = await rig.ask(command, { ...fields, command_id: 'c1' });
    expect(answer).toMatchObject({
      status: 'settings_changed',
      in_reply_to: 'c1',
      data: { device_id: 'picam:0', asked: change, given: { exposureTimeUs: 4_996, gain: 2 }, kept: change },
    });
    expect(requested()).toMatchObject(change);
    expect(requested()).not.toHaveProperty('vflip');
    expect(rig.heard.names().slice(-2)).toEqual(['device_ready', 'settings_changed']);
    expect(await rig.ask('get_settings')).toMatchObject({ status: 'settings', data: { asked: change, kept: change } });
  });

  it('a bad value is refused by the name of the setting, and nothing changes', async () => {
    await rig.assign('picam:0');
    expect(await rig.ask('set_settings', { settings: { gain: 0.5, fps: 10 } })).toMatchObject({
      status: 'command_nack',
      data: { code: 'invalid_setting', error: 'set_settings: settings.gain must be at least 1.' },
    });
    expect(opened()).toBe(1);
    expect(await rig.ask('get_settings')).toMatchObject({ data: { kept: {} } });
  });

  it('heartbeats tell the restart', async () => {
    await rig.assign('picam:0');
    rig.pipelines.habit = healthyBut('open');
    const answer = rig.ask('set_fps', { fps: 10 });
    await rig.clock.advance(2_000);
    expect(rig.heard.named('heartbeat').at(-1)?.data.cameras[0]).toMatchObject({
      state: 'opening',
      requested: { fps: 10 },
    });
    rig.pipelines.last.giveFirstFrame();
    await rig.clock.advance(3_000);
    expect(await answer).toMatchObject({ status: 'settings_changed' });
    expect(rig.heard.named('device_error')).toEqual([]);
  });

  it('two changes follow each other', async () => {
    await rig.assign('picam:0');
    const [first, second] = await Promise.all([
      rig.ask('set_fps', { fps: 10 }),
      rig.ask('set_settings', { settings: { gain: 3 } }),
    ]);
    expect(first).toMatchObject({ data: { kept: { fps: 10 } } });
    expect(second).toMatchObject({ data: { kept: { fps: 10, gain: 3 } } });
    expect(requested()).toMatchObject({ fps: 10, gain: 3 });
  });
});

describe('with two cameras', () => {
  beforeEach(async () => {
    await rig.assign('picam:0', SESSION);
    await rig.assign('picam:1');
  });

  it('each is changed, and the last one’s answer is that of the command', async () => {
    const answer = await rig.ask('set_fps', { fps: 10, command_id: 'c1' });
    const told = rig.heard.named('settings_changed');
    expect(new Set(told.map(({ data }) => data.device_id))).toEqual(new Set(['picam:0', 'picam:1']));
    for (const { in_reply_to: replyTo } of told) expect(replyTo).toBe('c1');
    expect(rig.heard.all.at(-1)).toBe(answer);
    expect(rig.heard.answersTo('c1', 'set_fps')).toHaveLength(2);
  });

  it('none is changed where one records', async () => {
    await rig.ask('start_recording', { device_id: 'picam:1' });
    expect(await rig.ask('set_fps', { fps: 10 })).toMatchObject({
      status: 'command_nack',
      data: {
        code: 'recording_in_progress',
        error: expect.stringMatching(/^picam:1 records.*Stop the recording first/),
      },
    });
    expect([opened('picam:0'), opened('picam:1')]).toEqual([1, 1]);
    expect(await rig.ask('set_fps', { fps: 10, device_id: 'picam:0' })).toMatchObject({ status: 'settings_changed' });
  });

  it('both tell their settings', async () => {
    await rig.ask('get_settings', { command_id: 'g1' });
    expect(rig.heard.named('settings').map(({ data }) => data.device_id)).toEqual(['picam:0', 'picam:1']);
  });
});

describe('what ends a change', () => {
  it.each([
    ['unassign_device', 'no_device', 'device_unassigned'],
    ['unassign_all_devices', 'no_device', 'device_unassigned'],
    ['quit', 'shutting_down', 'shutdown_complete'],
  ])('%s waits for no restart', async (command, code, status) => {
    await rig.assign('picam:0');
    rig.pipelines.habit = healthyBut('open');
    const change = rig.ask('set_fps', { fps: 10, command_id: 'c1' });
    await settled();
    const end = rig.ask(command, { command_id: 'e1' });
    await settled();
    expect(await change).toMatchObject({ status: 'command_nack', data: { code } });
    expect(await end).toMatchObject({ status });
    expectOneAnswerEach(rig.heard, [
      { id: 'c1', name: 'set_fps' },
      { id: 'e1', name: command },
    ]);
  });

  it('an unassignment that stands behind a change in the queue keeps it from beginning', async () => {
    await rig.assign('picam:0');
    rig.pipelines.habit = healthyBut('open');
    const first = rig.ask('get_status');
    const change = rig.ask('set_fps', { fps: 10 });
    const end = rig.ask('unassign_device', { device_id: 'picam:0' });
    await first;
    expect(await change).toMatchObject({ status: 'command_nack', data: { code: 'no_device' } });
    expect(await end).toMatchObject({ status: 'device_unassigned' });
    expect(opened()).toBe(1);
  });

  it('a start behind it begins when it is over', async () => {
    await rig.assign('picam:0', SESSION);
    const answers: Promise<StatusMessage>[] = [rig.ask('set_fps', { fps: 10 }), rig.ask('start_recording')];
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(['settings_changed', 'recording_started']);
    const { run } = rig.pipelines.last;
    expect(rig.pipelines.last.told('startRecording').map((command) => command.run)).toEqual([run]);
  });
});

describe('what a change does not hold up', () => {
  beforeEach(async () => {
    await rig.assign('picam:0', SESSION);
    await rig.assign('picam:1');
  });

  it.each([
    ['stop_recording', { device_id: 'picam:0' }],
    ['stop_recording', {}],
    ['stop_session', {}],
  ])(
    '%s %j of a camera that records, while another one gives no frame with its new settings',
    async (command, fields) => {
      await rig.ask('start_recording', { device_id: 'picam:0' });
      rig.pipelines.habit = healthyBut('open');
      const change = rig.ask('set_fps', { fps: 10, device_id: 'picam:1', command_id: 'c1' });
      await settled();
      expect(await rig.ask(command, { ...fields, command_id: 's1' })).not.toHaveProperty('data.code');
      expect(rig.heard.named('recording_stopped')[0]).toMatchObject({
        in_reply_to: 's1',
        data: { device_id: 'picam:0' },
      });
      expect(rig.heard.named('settings_changed')).toEqual([]);
      rig.pipelines.habit = telling;
      void rig.ask('unassign_device', { device_id: 'picam:1' });
      expect(await change).toMatchObject({ in_reply_to: 'c1', data: { code: 'no_device' } });
    },
  );

  it('a burst of changes costs few restarts, each is answered once, and the last value holds', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `c${index}`);
    const answers = ids.map((id, index) =>
      rig.ask('set_settings', { device_id: 'picam:1', settings: { gain: index + 1 }, command_id: id }),
    );
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ status: 'settings_changed' });
    expect(opened('picam:1')).toBeLessThan(10);
    expect(requested('picam:1')).toMatchObject({ gain: 50 });
    expectOneAnswerEach(
      rig.heard,
      ids.map((id) => ({ id, name: 'set_settings' as const })),
    );
  });

  it('a picture, the settings and a take of the same camera wait until it is over', async () => {
    const answers = [
      rig.ask('set_fps', { fps: 10, device_id: 'picam:1' }),
      rig.ask('take_snapshot', { device_id: 'picam:1' }),
      rig.ask('set_fps', { fps: 20, device_id: 'picam:1' }),
      rig.ask('get_settings', { device_id: 'picam:1' }),
    ];
    const told = await Promise.all(answers);
    expect(told.map(({ status }) => status)).toEqual([
      'settings_changed',
      'snapshot_taken',
      'settings_changed',
      'settings',
    ]);
    expect(told[3]).toMatchObject({ data: { asked: { fps: 20 } } });
  });

  it('counts as a command that waits: beyond 256 one is refused', async () => {
    rig.pipelines.habit = healthyBut('open');
    const changes = Array.from({ length: 300 }, () => rig.ask('set_fps', { fps: 10, device_id: 'picam:1' }));
    await settled();
    void rig.ask('quit');
    const codes = (await Promise.all(changes)).map(({ data }) => ('code' in data ? data.code : ''));
    expect(codes.filter((code) => code === 'queue_full').length).toBeGreaterThan(40);
    expect(codes.filter((code) => code === 'shutting_down').length).toBeGreaterThan(200);
  });
});
