import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { errorWithAdvice } from '../../../../src/core/errors.js';
import { DEFAULT_CONFIG } from '../../../../src/protocol/config.js';
import { healthy, healthyBut, silent, type PipelineHabit } from '../../../harness/fake-pipeline.js';
import { settled } from '../../../harness/manual-clock.js';
import { moduleRig, type ModuleRig } from '../module-rig.js';

const SESSION = '/data/session_1';

let rig: ModuleRig;

beforeEach(() => {
  rig = moduleRig();
});

afterEach(() => rig.end());

async function started(config?: object, habit: PipelineHabit = healthy): Promise<ModuleRig> {
  rig.pipelines.habit = habit;
  await rig.start(config);
  return rig;
}

describe('assign_device', () => {
  it('acknowledges at once and is ready with the first frame', async () => {
    const { heard, pipelines } = await started({}, silent);
    const answer = rig.ask('assign_device', { device_id: 'picam:0', command_id: 'a1' });
    await settled();
    expect(heard.names()).toEqual(['initializing', 'ready', 'device_ack']);
    pipelines.last.giveFirstFrame();
    expect(await answer).toMatchObject({ status: 'device_ready', in_reply_to: 'a1', command_id: 'a1' });
    expect(heard.named('device_ack')[0]?.in_reply_to).toBe('a1');
  });

  it.each([
    [{ device_id: 'picam:3' }, { index: 3 }],
    [{ device_id: 'picam:12' }, { index: 12 }],
    [{ device_id: 'front', camera_index: 1 }, { index: 1 }],
    [{ device_id: 'picam:0', camera_index: 1 }, { index: 1 }],
    [{ device_id: 'picam:1', camera_stable_id: 'picam:1' }, { index: 1 }],
    [
      { device_id: 'front', camera_stable_id: 'i2c@88000/imx296@1a' },
      { index: 0, stableId: 'i2c@88000/imx296@1a' },
    ],
    [
      { device_id: 'front', camera_hw_model: 'imx296' },
      { index: 0, hardwareModel: 'imx296' },
    ],
    [{ device_id: 'picam:1', camera_index: null, camera_stable_id: null, camera_hw_model: null }, { index: 1 }],
  ])('means by %p the camera %p', async (fields, camera) => {
    const { pipelines } = await started();
    await rig.ask('assign_device', fields);
    expect(pipelines.last.told('open')[0]?.request.camera).toEqual(camera);
  });

  it.each([['front'], ['picam:123'], ['picam0x']])('refuses %p, which names no camera', async (deviceId) => {
    const { pipelines, heard } = await started();
    expect(await rig.assign(deviceId)).toMatchObject({ status: 'command_nack', data: { code: 'invalid_command' } });
    expect(pipelines.all).toEqual([]);
    expect(heard.names()).not.toContain('device_ack');
  });

  it('hands the configuration to the pipeline', async () => {
    const { pipelines } = await started({
      camera: { width: 640, height: 480, fps: 60, tool: '/usr/bin/my-vid' },
      recording: { fps: 25, commitIntervalMs: 100, minFreeBytes: 7 },
      preview: { enabled: false, fps: 2 },
      buffer: { maxFrames: 10 },
      logs: { gateSkips: true },
    });
    await rig.assign('picam:0', { display_name: 'Left' });
    expect(pipelines.last.options).toEqual({
      deviceId: 'picam:0',
      captureTool: ['/usr/bin/my-vid'],
      recordFps: 25,
      previewFps: 2,
      previewEnabled: false,
      buffer: { ...DEFAULT_CONFIG.buffer, maxFrames: 10 },
      commitIntervalMs: 100,
      minFreeBytes: 7,
      reportGateSkips: true,
    });
    expect(pipelines.last.told('open')[0]?.request.settings).toMatchObject({ width: 640, height: 480, fps: 60 });
    expect(rig.module.status().cameras[0]).toMatchObject({ display_name: 'Left', preview_enabled: false });
  });

  it.each([true, false])(
    'has the metadata of frames kept and written where that is configured (%p)',
    async (isAsked) => {
      const { pipelines } = await started({ recording: { frameMetadata: isAsked } });
      await rig.assign('picam:0');
      expect(pipelines.last.options.writesMetadata ?? false).toBe(isAsked);
      expect(pipelines.last.told('open')[0]?.request.settings.keepsMetadataText ?? false).toBe(isAsked);
    },
  );

  it.each([true, false])('has the frames summed up where that is configured (%p)', async (isAsked) => {
    const { pipelines } = await started({ recording: { checksums: isAsked } });
    await rig.assign('picam:0');
    expect(pipelines.last.options.makesChecksums ?? false).toBe(isAsked);
  });

  it('captures from the virtual camera where that is configured', async () => {
    const { pipelines } = await started({ simulate: true });
    await rig.assign('picam:0');
    expect(pipelines.last.options.captureTool).toEqual([
      process.execPath,
      expect.stringMatching(/\/dist\/virtual-camera\/main\.js$/),
    ]);
  });

  it('sets the session directory too, or refuses before anything else happens', async () => {
    await started();
    await rig.assign('picam:0', { session_dir: SESSION });
    expect(rig.module.status().session_dir).toBe(SESSION);
    expect(await rig.assign('picam:1', { session_dir: '../out' })).toMatchObject({
      status: 'command_nack',
      data: { code: 'invalid_session_dir' },
    });
    expect(rig.module.status().cameras).toHaveLength(1);
  });

  it('answers for a camera that streams already with its present state', async () => {
    const { pipelines } = await started();
    await rig.assign('picam:0');
    expect((await rig.assign('picam:0')).status).toBe('device_ready');
    expect(pipelines.all).toHaveLength(1);
  });

  it('forgets a camera that could not be opened, and lets it be assigned again', async () => {
    const { pipelines } = await started({}, silent);
    const failing = rig.assign('picam:0');
    await settled();
    pipelines.last.lose('camera_in_use');
    expect(await failing).toMatchObject({ status: 'device_error', data: { code: 'camera_in_use' } });
    expect(rig.module.status().cameras).toEqual([]);
    expect(pipelines.last.ends).toHaveLength(1);
    pipelines.habit = healthy;
    expect((await rig.assign('picam:0')).status).toBe('device_ready');
    expect(pipelines.all).toHaveLength(2);
  });

  it('goes on trying where it is told to, answered by the first failure, and is ready by itself', async () => {
    const { pipelines, heard, clock } = await started({ reconnect: { firstDelayMs: 1_000 } }, silent);
    const failing = rig.assign('picam:0', { keep_trying: true, command_id: 'a1' });
    await settled();
    pipelines.last.lose('camera_in_use');
    expect(await failing).toMatchObject({
      status: 'device_error',
      in_reply_to: 'a1',
      data: { code: 'camera_in_use', recoverable: true, retry_in_ms: expect.any(Number) },
    });
    expect(rig.module.status().cameras).toMatchObject([{ state: 'waiting', attempts: 1 }]);
    await clock.advance(1_000);
    pipelines.last.lose('camera_not_found');
    expect(heard.named('device_error')).toHaveLength(2);
    expect(heard.named('device_error')[1]).not.toHaveProperty('in_reply_to');
    await clock.advance(2_000);
    pipelines.last.giveFirstFrame();
    expect(heard.names().at(-1)).toBe('device_ready');
    expect(heard.all.at(-1)).not.toHaveProperty('in_reply_to');
    expect(pipelines.all).toHaveLength(1);
  });

  it('begins with the first frame what was asked for while it kept trying', async () => {
    const { pipelines, heard, clock } = await started({}, silent);
    const failing = rig.assign('picam:0', { keep_trying: true, session_dir: SESSION });
    await settled();
    pipelines.last.lose('camera_in_use');
    await failing;
    const starting = rig.ask('start_recording', { trial_number: 4 });
    pipelines.habit = healthy;
    await clock.advance(500);
    expect(await starting).toMatchObject({ status: 'recording_started', data: { trial_number: 4 } });
    expect(heard.names().slice(-2)).toEqual(['device_ready', 'recording_started']);
  });

  it('opens at once a camera that waits for its next attempt, when the host assigns it itself', async () => {
    const { pipelines } = await started({ reconnect: { firstDelayMs: 60_000, maxDelayMs: 60_000 } }, silent);
    const failing = rig.assign('picam:0', { keep_trying: true });
    await settled();
    pipelines.last.lose('camera_in_use');
    await failing;
    const again = rig.assign('picam:0');
    await settled();
    pipelines.last.lose('camera_in_use');
    expect(await again).toMatchObject({ status: 'device_error', data: { retry_in_ms: expect.any(Number) } });
    pipelines.habit = healthy;
    expect((await rig.assign('picam:0')).status).toBe('device_ready');
    expect(pipelines.all).toHaveLength(1);
  });

  it('stops trying when the camera is unassigned', async () => {
    const { pipelines, clock } = await started({}, silent);
    const failing = rig.assign('picam:0', { keep_trying: true });
    await settled();
    pipelines.last.lose('camera_in_use');
    await failing;
    expect(await rig.ask('unassign_device')).toMatchObject({ data: { port_released: true } });
    await clock.advance(60_000);
    expect(pipelines.last.told('open')).toHaveLength(1);
    expect(rig.module.status().cameras).toEqual([]);
  });

  it.each([
    ['unsupported_mode', {}],
    ['capture_tool_missing', { camera: { tool: '/usr/bin/no-such-tool' } }],
  ] as const)('does not keep trying after %s', async (code, config) => {
    const { pipelines } = await started(config, silent);
    const failing = rig.assign('picam:0', { keep_trying: true });
    await settled();
    pipelines.last.lose(code);
    expect((await failing).data).not.toHaveProperty('retry_in_ms');
    expect(rig.module.status().cameras).toEqual([]);
  });

  it('keeps a camera that gave up reconnecting until it is unassigned', async () => {
    const { pipelines } = await started({ reconnect: { maxAttempts: 1 } });
    await rig.assign('picam:0');
    pipelines.habit = silent;
    pipelines.last.lose();
    await rig.clock.advance(500);
    pipelines.last.lose('camera_not_found');
    expect(rig.module.status().cameras[0]).toMatchObject({ state: 'closed', error: { code: 'camera_not_found' } });
    pipelines.habit = healthy;
    expect((await rig.assign('picam:0')).status).toBe('device_ready');
  });
});

describe('unassign_device', () => {
  it('releases the one that is named', async () => {
    await started();
    await rig.assign('picam:0');
    await rig.assign('picam:1');
    expect(await rig.ask('unassign_device', { device_id: 'picam:0' })).toMatchObject({
      status: 'device_unassigned',
      data: { device_id: 'picam:0', port_released: true },
    });
    expect(rig.module.status().cameras.map((camera) => camera.device_id)).toEqual(['picam:1']);
  });

  it('has nothing to release where nothing is assigned', async () => {
    await started();
    expect(await rig.ask('unassign_device', { device_id: 'picam:7' })).toMatchObject({
      data: { device_id: 'picam:7', port_released: true },
    });
    expect(await rig.ask('unassign_all_devices')).toMatchObject({ data: { device_id: null, port_released: true } });
  });

  it('stops a recording first', async () => {
    const { heard } = await started();
    await rig.assign('picam:0', { session_dir: SESSION });
    await rig.ask('start_recording');
    await rig.ask('unassign_device', { command_id: 'u1' });
    expect(heard.names().slice(-2)).toEqual(['recording_stopped', 'device_unassigned']);
    expect(heard.all.slice(-2).map((status) => status.in_reply_to)).toEqual(['u1', 'u1']);
  });

  it('gives up a process that cannot be ended before the host gives up waiting', async () => {
    const { pipelines, clock } = await started();
    await rig.assign('picam:0');
    pipelines.habit = silent;
    const answer = rig.ask('unassign_device');
    await clock.advance(899);
    expect(await answer).toMatchObject({ data: { port_released: false } });
  });

  it('ends the wait for a first frame at once', async () => {
    const { clock } = await started({}, healthyBut('open'));
    const assigning = rig.assign('picam:0');
    await settled();
    const unassigning = rig.ask('unassign_device', { device_id: 'picam:0' });
    expect(await assigning).toMatchObject({ status: 'device_error', data: { code: 'no_device' } });
    expect(await unassigning).toMatchObject({ status: 'device_unassigned' });
    expect(clock.monotonicNs()).toBe(1_000_000_000_000n);
  });

  it('keeps an assignment that waits for its turn before it from opening the camera', async () => {
    const { pipelines, heard } = await started({}, healthyBut('open'));
    const assigning = rig.assign('picam:0');
    const between = rig.ask('get_settings');
    const next = rig.assign('picam:1', { command_id: 'a2' });
    await settled();
    const unassigning = rig.ask('unassign_all_devices');
    expect(await assigning).toMatchObject({ status: 'device_error', data: { code: 'no_device' } });
    expect(await next).toMatchObject({
      status: 'device_error',
      data: { code: 'no_device', error: 'picam:1 was unassigned before it was opened.' },
    });
    expect(await between).toMatchObject({ status: 'settings' });
    expect(await unassigning).toMatchObject({ status: 'device_unassigned' });
    expect(pipelines.all).toHaveLength(1);
    expect(heard.named('device_ack').map((status) => status.in_reply_to)).toContain('a2');
  });

  it('says nothing against an assignment that comes after it', async () => {
    await started();
    await rig.assign('picam:0');
    const unassigning = rig.ask('unassign_device');
    const again = rig.assign('picam:0');
    expect((await unassigning).status).toBe('device_unassigned');
    expect((await again).status).toBe('device_ready');
  });

  it('of one camera leaves the wait for another alone', async () => {
    const { pipelines } = await started({}, healthyBut('open'));
    const assigning = rig.assign('picam:0');
    await settled();
    const unassigning = rig.ask('unassign_device', { device_id: 'picam:1' });
    await settled();
    expect(rig.module.status().cameras[0]?.state).toBe('opening');
    pipelines.last.giveFirstFrame();
    expect((await assigning).status).toBe('device_ready');
    await unassigning;
  });
});

describe('unassign_all_devices', () => {
  it('answers once, and says of every camera what became of it', async () => {
    const { heard } = await started();
    for (const index of [0, 1, 2]) await rig.assign(`picam:${index}`);
    expect(await rig.ask('unassign_all_devices', { command_id: 'u1' })).toMatchObject({ in_reply_to: 'u1' });
    const unassigned = heard.named('device_unassigned').map(({ data }) => data.device_id);
    expect(new Set(unassigned)).toEqual(new Set(['picam:0', 'picam:1', 'picam:2']));
    expect(unassigned).toHaveLength(3);
    expect(rig.module.status().cameras).toEqual([]);
  });

  it('answers for the camera that could not be released', async () => {
    const { pipelines, clock } = await started();
    await rig.assign('picam:0');
    await rig.assign('picam:1');
    pipelines.habit = (pipeline, command) => {
      if (pipeline.options.deviceId === 'picam:1') healthy(pipeline, command);
    };
    const answer = rig.ask('unassign_all_devices');
    await clock.advance(900);
    expect(await answer).toMatchObject({ data: { device_id: 'picam:0', port_released: false } });
  });
});

describe('start_session and stop_session', () => {
  it('set and forget the directory', async () => {
    await started();
    expect(await rig.ask('start_session', { session_dir: 'session_2' })).toMatchObject({
      status: 'command_ack',
      data: { success: true, session_dir: '/data/session_2' },
    });
    expect(await rig.ask('start_session', { session_dir: '../out' })).toMatchObject({
      status: 'command_nack',
      data: { code: 'invalid_session_dir' },
    });
    expect(rig.module.status().session_dir).toBe('/data/session_2');
    expect(await rig.ask('stop_session')).toMatchObject({ data: { success: true, session_dir: null } });
    expect(rig.module.status().session_dir).toBeNull();
  });

  it('stop what is being recorded, and nothing else', async () => {
    const { heard } = await started();
    await rig.assign('picam:0', { session_dir: SESSION });
    await rig.assign('picam:1');
    await rig.ask('start_recording', { device_id: 'picam:1' });
    await rig.ask('stop_session', { command_id: 's1' });
    expect(heard.named('recording_stopped')).toMatchObject([{ in_reply_to: 's1', data: { device_id: 'picam:1' } }]);
    expect(heard.names().slice(-2)).toEqual(['recording_stopped', 'command_ack']);
  });

  it('stop a recording from going on when a lost camera is back', async () => {
    const { pipelines, clock } = await started();
    await rig.assign('picam:0', { session_dir: SESSION });
    await rig.ask('start_recording');
    pipelines.last.lose();
    await rig.ask('stop_session');
    await clock.advance(1_000);
    expect(rig.module.status().cameras[0]).toMatchObject({ state: 'streaming', recording: null });
  });
});

describe('a recording whose camera was lost', () => {
  const lost = async (config?: object): Promise<ModuleRig> => {
    const { pipelines } = await started(config);
    await rig.assign('picam:0', { session_dir: SESSION });
    await rig.ask('start_recording', { trial_number: 3, trial_label: 'left' });
    pipelines.last.lose();
    return rig;
  };

  it('goes on by itself in the same trial, unless the configuration says no', async () => {
    const { clock, heard } = await lost();
    expect(rig.module.status().cameras[0]).toMatchObject({ state: 'waiting', pending_trial_number: 3 });
    await clock.advance(500);
    expect(heard.names().slice(-2)).toEqual(['device_ready', 'recording_started']);
    expect(heard.named('recording_started').map(({ data }) => [data.trial_number, data.trial_label])).toEqual([
      [3, 'left'],
      [3, 'left'],
    ]);
  });

  it('does not go on where the configuration says no', async () => {
    const { clock } = await lost({ recording: { resumeAfterReconnect: false } });
    await clock.advance(500);
    expect(rig.module.status().cameras[0]).toMatchObject({ state: 'streaming', recording: null });
  });

  it('does not go on after a stop', async () => {
    const { clock } = await lost();
    expect(await rig.ask('stop_recording')).toMatchObject({ data: { frames: 0, trial_number: null } });
    await clock.advance(500);
    expect(rig.module.status().cameras[0]).toMatchObject({ state: 'streaming', recording: null });
  });

  it('gives way to a new start', async () => {
    const { clock, heard } = await lost();
    const starting = rig.ask('start_recording', { trial_number: 4, trial_label: 'right' });
    await clock.advance(500);
    expect(await starting).toMatchObject({ data: { trial_number: 4, trial_label: 'right' } });
    expect(heard.named('recording_started').map(({ data }) => data.trial_number)).toEqual([3, 4]);
  });
});

describe('start_session', () => {
  it.each([[{}], [{ session_dir: null }]])('with %p means the data directory', async (fields) => {
    await started();
    expect(await rig.ask('start_session', fields)).toMatchObject({
      status: 'command_ack',
      data: { success: true, session_dir: '/data' },
    });
    expect(rig.module.status().session_dir).toBe('/data');
  });

  it('needs a session_dir where there is no data directory', async () => {
    await rig.module.start({ logDir: '/logs', sendStatus: () => undefined });
    expect(await rig.ask('start_session')).toMatchObject({
      status: 'command_nack',
      data: { code: 'no_session_dir', error: expect.stringContaining('there is no data directory') },
    });
    expect((await rig.ask('start_session', { session_dir: '/elsewhere' })).status).toBe('command_ack');
  });
});

describe('free text of a host', () => {
  const LABEL = `a\tb\n\u2028c\ud800 ${'x'.repeat(300)}`;
  const CLEAN = `a b  c  ${'x'.repeat(248)}`;

  it('is cleaned in a trial label: the trial is recorded, and a warning says so', async () => {
    const { heard, logs } = await started();
    await rig.assign('picam:0', { session_dir: SESSION });
    const answer = await rig.ask('start_recording', { trial_label: LABEL, command_id: 'r1' });
    expect(answer).toMatchObject({ status: 'recording_started', data: { trial_label: CLEAN } });
    expect(heard.named('warning')).toMatchObject([
      {
        in_reply_to: 'r1',
        data: { code: 'label_cleaned', message: expect.stringMatching(/^trial_label was changed\. /) },
      },
    ]);
    expect(
      logs.saying(
        'trial_label was changed. Such a text is one line of at most 256 characters: control characters become spaces, and the rest is cut.',
      ),
    ).toHaveLength(1);
  });

  it('is cleaned in a display name', async () => {
    const { heard } = await started();
    expect((await rig.assign('picam:0', { display_name: 'Left\u0000eye' })).status).toBe('device_ready');
    expect(rig.module.status().cameras[0]?.display_name).toBe('Left eye');
    expect(heard.named('warning')).toMatchObject([{ data: { code: 'label_cleaned' } }]);
  });

  it('is left alone, without a warning, where it is plain', async () => {
    const { heard } = await started();
    await rig.assign('picam:0', { session_dir: SESSION, display_name: 'Linkes Äuge 👁' });
    await rig.ask('start_recording', { trial_label: 'a, "b" \u200f c'.padEnd(256, '.') });
    expect(heard.named('warning')).toEqual([]);
  });
});

describe('start_recording', () => {
  it('needs a camera, and a session directory', async () => {
    await started();
    expect(await rig.ask('start_recording')).toMatchObject({
      status: 'recording_error',
      data: { device_id: null, code: 'no_device' },
    });
    expect(await rig.ask('start_recording', { device_id: 'picam:5' })).toMatchObject({
      data: { device_id: 'picam:5', code: 'no_device', error: expect.stringContaining('picam:5 is not assigned') },
    });
    await rig.assign('picam:0');
    expect(await rig.ask('start_recording')).toMatchObject({ data: { code: 'no_session_dir' } });
    expect(await rig.ask('start_recording', { session_dir: '../out' })).toMatchObject({
      status: 'recording_error',
      data: { code: 'invalid_session_dir' },
    });
  });

  it('records every camera into the same trial', async () => {
    const { heard } = await started();
    await rig.assign('picam:0');
    await rig.assign('picam:1');
    const fields = { session_dir: SESSION, trial_number: 7, trial_label: 'left', command_id: 'r1' };
    expect((await rig.ask('record', fields)).status).toBe('recording_started');
    const data = { trial_number: 7, trial_label: 'left' };
    expect(heard.named('recording_started')).toMatchObject([
      { in_reply_to: 'r1', data: { ...data, device_id: 'picam:0' } },
      { in_reply_to: 'r1', data: { ...data, device_id: 'picam:1' } },
    ]);
  });

  it('answers with the failure where one camera of several fails', async () => {
    const { heard, pipelines } = await started({}, healthyBut('open'));
    const first = rig.assign('picam:0', { session_dir: SESSION });
    await settled();
    pipelines.last.giveFirstFrame();
    await first;
    const second = rig.assign('picam:1');
    await settled();
    pipelines.last.giveFirstFrame();
    await second;
    pipelines.habit = (pipeline, command) => {
      if (pipeline === pipelines.of('picam:1') || command.type !== 'startRecording') healthy(pipeline, command);
      else {
        const error = errorWithAdvice('disk_full', 'No room.').toData();
        pipeline.emit({ type: 'recordingFailed', run: command.run, error, isCameraLost: false });
      }
    };
    expect(await rig.ask('start_recording', { command_id: 'r1' })).toMatchObject({
      status: 'recording_error',
      data: { device_id: 'picam:0', code: 'disk_full' },
    });
    expect(heard.named('recording_started')).toMatchObject([{ in_reply_to: 'r1', data: { device_id: 'picam:1' } }]);
  });

  describe('of a camera that is being reconnected', () => {
    async function lost(): Promise<void> {
      await started();
      await rig.assign('picam:0', { session_dir: SESSION });
      rig.pipelines.last.lose();
    }

    it('begins by itself when the camera is back, as a new trial', async () => {
      await lost();
      const answer = rig.ask('start_recording', { command_id: 'r1' });
      await rig.clock.advance(1_000);
      expect(await answer).toMatchObject({ status: 'recording_started', in_reply_to: 'r1', data: { trial_number: 1 } });
    });

    it('waits no longer when its stop arrives, and does not begin after it', async () => {
      await lost();
      const start = rig.ask('start_recording', { command_id: 'r1' });
      await settled();
      const stop = rig.ask('stop_recording', { command_id: 's1' });
      expect(await start).toMatchObject({ status: 'recording_error', data: { code: 'camera_disconnected' } });
      expect(await stop).toMatchObject({ status: 'recording_stopped', data: { frames: 0 } });
      await rig.clock.advance(60_000);
      expect(rig.heard.named('recording_started')).toEqual([]);
    });

    it('waits not at all while its stop, the end of the session or an unassignment stands behind it', async () => {
      for (const end of ['stop_recording', 'stop_session', 'unassign_device', 'unassign_all_devices']) {
        await lost();
        const hold = rig.ask('get_settings');
        const start = rig.ask('start_recording');
        const ended = rig.ask(end);
        await hold;
        const code = end.startsWith('unassign') ? 'no_device' : 'camera_disconnected';
        expect(await start).toMatchObject({ status: 'recording_error', data: { code } });
        await ended;
        expect(rig.clock.timers).toBeGreaterThan(0);
        await rig.end();
      }
      await started();
    });

    it('is waited for although another camera is stopped', async () => {
      await lost();
      await rig.assign('picam:1');
      const start = rig.ask('start_recording', { device_id: 'picam:0' });
      await settled();
      void rig.ask('stop_recording', { device_id: 'picam:1' });
      await rig.clock.advance(1_000);
      expect(await start).toMatchObject({ status: 'recording_started' });
    });
  });

  it('counts trials, and counts none for a start while recording', async () => {
    await started();
    await rig.assign('picam:0', { session_dir: SESSION });
    const numbers = [];
    for (const fields of [{ trial_number: 4 }, {}, {}]) {
      const answer = await rig.ask('start_recording', fields);
      numbers.push(answer.status === 'recording_started' ? answer.data.trial_number : null);
      expect(await rig.ask('start_recording', { trial_number: 99 })).toMatchObject({
        status: 'recording_started',
        data: { trial_number: numbers.at(-1) },
      });
      await rig.ask('stop_recording');
    }
    expect(numbers).toEqual([4, 5, 6]);
  });

  it('answers 100 rapid starts and stops in order', async () => {
    await started();
    await rig.assign('picam:0', { session_dir: SESSION });
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => [await rig.ask('start_recording'), await rig.ask('stop_recording')]),
    );
    expect(
      answers
        .flat()
        .map((answer) => answer.status)
        .filter((name) => !name.startsWith('recording_st')),
    ).toEqual([]);
  });
});

describe('stop_recording', () => {
  it('answers with zeros where nothing is recorded', async () => {
    await started();
    expect(await rig.ask('stop_recording')).toMatchObject({ data: { device_id: null, frames: 0, video_path: null } });
    expect(await rig.ask('pause', { device_id: 'picam:9' })).toMatchObject({ data: { device_id: 'picam:9' } });
    await rig.assign('picam:0');
    expect(await rig.ask('stop_record')).toMatchObject({ data: { device_id: 'picam:0', trial_number: null } });
  });

  it('stops the one that is named', async () => {
    await started();
    await rig.assign('picam:0', { session_dir: SESSION });
    await rig.assign('picam:1');
    await rig.ask('start_recording');
    expect(await rig.ask('stop_recording', { device_id: 'picam:0' })).toMatchObject({ data: { device_id: 'picam:0' } });
    expect(rig.module.status().cameras.map((camera) => camera.state)).toEqual(['streaming', 'recording']);
  });
});

describe('take_snapshot', () => {
  it('needs a camera, and a session directory', async () => {
    await started();
    expect(await rig.ask('take_snapshot')).toMatchObject({ status: 'command_nack', data: { code: 'no_device' } });
    await rig.assign('picam:0');
    expect(await rig.ask('take_snapshot')).toMatchObject({ data: { code: 'no_session_dir' } });
    await rig.ask('start_session', { session_dir: SESSION });
    expect(await rig.ask('take_snapshot')).toMatchObject({
      status: 'snapshot_taken',
      data: { device_id: 'picam:0', path: `${SESSION}/snapshot_1.jpg` },
    });
  });

  it('is refused once where several cameras give no picture', async () => {
    await started();
    await rig.assign('picam:0');
    await rig.assign('picam:1', { session_dir: SESSION });
    rig.pipelines.of('picam:0').lose();
    rig.pipelines.of('picam:1').lose();
    expect(rig.module.status().cameras.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    const answer = await rig.ask('take_snapshot', { command_id: 's1' });
    expect(rig.heard.all.filter((status) => status.in_reply_to === 's1')).toEqual([answer]);
  });
});

describe('the smaller commands', () => {
  it('get_status answers with the snapshot of status()', async () => {
    await started();
    await rig.assign('picam:0');
    const answer = await rig.ask('get_status');
    expect(answer).toMatchObject({
      status: 'status_report',
      data: { state: 'running', cameras: [{ device_id: 'picam:0' }] },
    });
    expect(answer.data).toEqual(rig.module.status());
  });

  it.each([
    ['debug', 'debug'],
    ['INFO', 'info'],
    ['warning', 'warn'],
    ['warn', 'warn'],
    ['error', 'error'],
    ['critical', 'error'],
  ])('set_log_level %s sets %s', async (level, set) => {
    await started();
    expect(await rig.ask('set_log_level', { level, target: 'all' })).toMatchObject({
      status: 'log_level_changed',
      data: { success: true, level: set },
    });
    expect(rig.logs.level).toBe(set);
  });

  it('toggle_preview turns it on and off for one camera or for all', async () => {
    await started();
    expect(await rig.ask('toggle_preview', { enabled: true })).toMatchObject({
      status: 'preview_toggled',
      data: { success: false, code: 'no_device', enabled: false },
    });
    await rig.assign('picam:0');
    await rig.assign('picam:1');
    const shown = (): boolean[] => rig.module.status().cameras.map((camera) => camera.preview_enabled);
    expect(await rig.ask('toggle_preview', { enabled: false })).toMatchObject({
      data: { success: true, enabled: false },
    });
    expect(shown()).toEqual([false, false]);
    await rig.ask('toggle_preview', { enabled: true, camera_id: 'picam:1' });
    expect(shown()).toEqual([false, true]);
  });

  it.each(['show_window', 'hide_window', 'get_geometry'])(
    '%s is answered politely: there is no window',
    async (name) => {
      await started();
      expect(await rig.ask(name)).toMatchObject({ status: 'command_ack', data: { success: true, supported: false } });
    },
  );
});
