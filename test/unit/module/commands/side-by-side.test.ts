import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { healthy, healthyBut, silent } from '../../../harness/fake-pipeline.js';
import { settled } from '../../../harness/manual-clock.js';
import { moduleRig, type ModuleRig } from '../module-rig.js';

/** Commands for several cameras that are sent at once: what each finds, and what it counts. */

const [LEFT, RIGHT] = ['picam:0', 'picam:1'] as const;

let rig: ModuleRig;

beforeEach(async () => {
  rig = moduleRig();
  await rig.start();
});

afterEach(() => rig.end());

const takes = (): unknown[] =>
  rig.heard.named('recording_started').map(({ data }) => [data.device_id, data.trial_number, data.video_path]);

describe('the session of a command', () => {
  it('is that of its arrival, also while its camera still waits for its first frame', async () => {
    await rig.ask('start_session', { session_dir: '/data/one' });
    await rig.assign(RIGHT);
    rig.pipelines.habit = healthyBut('open');
    const sent = [
      rig.assign(LEFT),
      rig.ask('start_recording', { device_id: LEFT, trial_number: 1 }),
      rig.ask('start_recording', { device_id: RIGHT, trial_number: 1, session_dir: '/data/two' }),
    ];
    const status = await rig.ask('get_status');
    expect(status.data).toMatchObject({ session_dir: '/data/two' });
    await settled();
    rig.pipelines.of(LEFT).giveFirstFrame();
    await Promise.all(sent);
    expect(takes()).toEqual([
      [RIGHT, 1, '/data/two/trial1_take1.avi'],
      [LEFT, 1, '/data/one/trial1_take1.avi'],
    ]);
  });

  it('is none for what comes after stop_session, though that still waits', async () => {
    await rig.assign(LEFT, { session_dir: '/data/one' });
    rig.pipelines.habit = healthyBut('stopRecording');
    await rig.ask('start_recording');
    const ended = rig.ask('stop_session');
    const late = [
      rig.ask('start_recording', { device_id: LEFT }),
      rig.ask('take_snapshot', { device_id: LEFT }),
      rig.assign(RIGHT, { session_dir: '../outside' }),
    ];
    await settled();
    rig.pipelines.habit = healthy;
    rig.pipelines.of(LEFT).finishRecording('command');
    expect(await ended).toMatchObject({ status: 'command_ack', data: { session_dir: null } });
    expect((await Promise.all(late)).map(({ data }) => ('code' in data ? data.code : null))).toEqual([
      'no_session_dir',
      'no_session_dir',
      'invalid_session_dir',
    ]);
  });

  it('is not changed by a command that is refused', async () => {
    await rig.ask('start_session', { session_dir: '/data/one' });
    await rig.assign('front', { session_dir: '/data/two' });
    await rig.ask('start_session', { session_dir: '../outside' });
    await rig.ask('start_session', { session_dir: 7 });
    rig.pipelines.habit = silent;
    void rig.assign(LEFT);
    for (let waiting = 0; waiting < 256; waiting += 1) void rig.ask('get_settings');
    expect(await rig.ask('start_session', { session_dir: '/data/three' })).toMatchObject({
      data: { code: 'queue_full' },
    });
    expect(rig.module.status()).toMatchObject({ session_dir: '/data/one', commands_waiting: 256 });
  });
});

describe('the number of a trial', () => {
  beforeEach(async () => {
    await rig.assign(LEFT, { session_dir: '/data/one' });
    await rig.assign(RIGHT);
  });

  it('is one for all cameras of a command, and the next one for the next command', async () => {
    const sent = [
      rig.ask('start_recording', { device_id: LEFT }),
      rig.ask('start_recording', { device_id: RIGHT }),
      rig.ask('stop_recording'),
      rig.ask('start_recording'),
      rig.ask('stop_recording', { device_id: LEFT }),
      rig.ask('start_recording', { device_id: LEFT }),
    ];
    await Promise.all(sent);
    expect(takes().map((take) => (take as unknown[]).slice(0, 2))).toEqual([
      [LEFT, 1],
      [RIGHT, 2],
      [LEFT, 3],
      [RIGHT, 3],
      [LEFT, 4],
    ]);
  });

  it('is counted in the order in which the starts begin', async () => {
    rig.pipelines.habit = healthyBut('takeSnapshot');
    const snapshot = rig.ask('take_snapshot', { device_id: LEFT });
    const sent = [rig.ask('start_recording', { device_id: LEFT }), rig.ask('start_recording', { device_id: RIGHT })];
    await settled();
    rig.pipelines
      .of(LEFT)
      .emit({ type: 'snapshotTaken', run: 1, request: 1, path: '/data/one/snapshot.jpg', bytes: 1_000 });
    await Promise.all([snapshot, ...sent]);
    expect(takes().map((take) => (take as unknown[]).slice(0, 2))).toEqual([
      [RIGHT, 1],
      [LEFT, 2],
    ]);
  });

  it.each([
    [[{ device_id: LEFT }, { device_id: LEFT }]],
    [[{}, {}]],
    [[{}, { device_id: LEFT }]],
    [[{ device_id: LEFT }, {}]],
  ])('is that of the take under way for the second of two starts: %p', async (starts) => {
    rig.pipelines.habit = healthyBut('startRecording');
    const sent = starts.map((fields) => rig.ask('start_recording', fields));
    await settled();
    rig.pipelines.habit = healthy;
    for (const device of [LEFT, RIGHT]) {
      const pipeline = rig.pipelines.of(device);
      for (const { order } of pipeline.told('startRecording')) pipeline.beginRecording(order);
    }
    const answers = await Promise.all(sent);
    expect(answers.map(({ status }) => status)).toEqual(['recording_started', 'recording_started']);
    for (const device of [LEFT, RIGHT])
      expect(rig.pipelines.of(device).told('startRecording').length).toBeLessThanOrEqual(1);
  });
});

describe('a device that was never assigned', () => {
  it.each([
    ['start_recording', 'recording_error', 'no_device'],
    ['stop_recording', 'recording_stopped', undefined],
    ['take_snapshot', 'command_nack', 'no_device'],
    ['get_settings', 'command_nack', 'no_device'],
    ['set_fps', 'command_nack', 'no_device'],
    ['fix_settings', 'command_nack', 'no_device'],
    ['unassign_device', 'device_unassigned', undefined],
  ])('is answered at once beside an assignment that waits: %s', async (name, status, code) => {
    rig.pipelines.habit = silent;
    void rig.assign(LEFT, { session_dir: '/data/one' });
    for (const device of ['picam:9', 'x'.repeat(256)]) {
      const answer = await rig.ask(name, { device_id: device, fps: 30 });
      expect([answer.status, 'code' in answer.data ? answer.data.code : undefined]).toEqual([status, code]);
    }
    expect(rig.module.status().commands_waiting).toBe(0);
  });

  it.each([[''], ['x'.repeat(257)], [7], [{}], [['picam:0']], [true], ['a\u0000b'], ['\ud800']])(
    'with a name that is none (%j) is refused before it could wait',
    async (device) => {
      rig.pipelines.habit = silent;
      void rig.assign(LEFT);
      void rig.ask('get_settings');
      expect(await rig.ask('start_recording', { device_id: device })).toMatchObject({
        status: 'command_nack',
        data: { code: 'invalid_command' },
      });
      expect(rig.module.status().commands_waiting).toBe(1);
    },
  );

  it('means all cameras where its name is null', async () => {
    rig.pipelines.habit = silent;
    void rig.assign(LEFT);
    void rig.ask('get_settings', { device_id: null });
    await settled();
    expect(rig.module.status().commands_waiting).toBe(1);
  });
});
