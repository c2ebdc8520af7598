import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BOTH_HOSTS } from '../harness/both-hosts.js';
import { cameraControl } from '../harness/camera-control.js';
import { cleanFolder } from '../harness/clean-folder.js';
import type { MockHost } from '../harness/mock-host.js';
import { hasFfprobe } from '../harness/need-ffprobe.js';
import { expectWholeRecording, waitForFrames } from '../harness/whole-recording.js';

describe.each(BOTH_HOSTS)('a host that drives the module %s', (_kind, startHost) => {
  const folder = cleanFolder(() => host.end());
  let host: MockHost;

  const start = async (options: { config?: object; env?: Record<string, string> } = {}): Promise<void> => {
    host = await startHost({ folder: folder.path, ...options });
  };
  const session = (): string => join(folder.path, 'session_20260106_081726');
  const assign = async (): Promise<void> => {
    await host.expect('device_ready', {
      command: 'assign_device',
      device_id: 'picam:0',
      display_name: 'IMX296 Global',
    });
  };

  it('records a trial that is whole: every frame with its row, number and timestamp', async () => {
    await start();
    await assign();
    expect(host.log.names().slice(0, 4)).toEqual(['initializing', 'ready', 'device_ack', 'device_ready']);
    await host.expect('command_ack', { command: 'start_session', session_dir: session() });
    const started = await host.expect('recording_started', {
      command: 'start_recording',
      trial_number: 7,
      trial_label: 'a "quoted", label',
    });
    expect(started.data).toMatchObject({ device_id: 'picam:0', camera_id: 'picam:0', trial_number: 7, take: 1 });
    expect(started.data.video_path).toBe(
      join(session(), 'CSICameras/IMX296_Global_picam_0/20260106_081726_CSI_trial007_IMX296_Global_picam_0.avi'),
    );
    await waitForFrames(host, 30);
    const stopped = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(stopped.data).toMatchObject({ reason: 'command', dropped: 0, skipped: 0, source_gaps: 0, trial_number: 7 });
    expect(stopped.data.frames).toBeGreaterThanOrEqual(30);
    await expectWholeRecording(stopped.data, { width: 640, height: 480, label: 'a "quoted", label' });
  });

  it('answers start and stop under their aliases, and takes the same trial twice without overwriting', async () => {
    await start();
    await assign();
    const takes = [];
    for (const [record, stop] of [
      ['record', 'pause'],
      ['start_record', 'stop_record'],
    ] as const) {
      await host.expect('recording_started', { command: record, session_dir: session(), trial_number: 1 });
      takes.push((await host.expect('recording_stopped', { command: stop })).data);
    }
    expect(takes.map(({ take }) => take)).toEqual([1, 2]);
    for (const take of takes) await expectWholeRecording(take, { width: 640, height: 480 });
  });

  it('answers a start while recording, and a stop while not, with the present state', async () => {
    await start();
    await assign();
    const first = await host.expect('recording_started', { command: 'start_recording', session_dir: session() });
    const again = await host.expect('recording_started', { command: 'start_recording', trial_number: 9 });
    expect(again.data).toEqual(first.data);
    await host.expect('recording_stopped', { command: 'stop_recording' });
    const nothing = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(nothing.data).toMatchObject({ frames: 0, video_path: null, timing_path: null });
  });

  it('answers a burst of start and stop in order, every cycle, with no empty file', async () => {
    await start({ config: { camera: { fps: 120 } } });
    await assign();
    await host.expect('command_ack', { command: 'start_session', session_dir: session() });
    const ids = Array.from({ length: 20 }, () => [
      host.send({ command: 'start_recording', trial_number: 3 }),
      host.send({ command: 'stop_recording' }),
    ]).flat();
    await host.expect('preview_toggled', { command: 'toggle_preview', enabled: true });
    const answered = host.log.all.filter(
      (status) => status.in_reply_to !== undefined && ids.includes(status.in_reply_to),
    );
    expect(answered.map((status) => status.in_reply_to)).toEqual(ids);
    const stopped = host.log.named('recording_stopped');
    expect(stopped.map(({ data }) => data.take)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    for (const { data } of stopped) expect(data.frames).toBeGreaterThan(0);
    const files = await readdir(join(session(), 'CSICameras', 'IMX296_Global_picam_0'));
    expect(files).toHaveLength(60);
  });

  it('says what it needs: a camera, then a session directory', async () => {
    await start();
    expect((await host.expect('recording_error', { command: 'start_recording' })).data.code).toBe('no_device');
    await assign();
    expect((await host.expect('recording_error', { command: 'start_recording' })).data.code).toBe('no_session_dir');
    const outside = { command: 'start_recording', session_dir: '../outside' };
    expect((await host.expect('recording_error', outside)).data.code).toBe('invalid_session_dir');
    const file = { command: 'start_recording', session_dir: join(folder.path, 'logs', 'commands.jsonl') };
    expect((await host.expect('recording_error', file)).data.code).toBe('invalid_session_dir');
  });

  it('writes a snapshot of the running stream into the session directory', async () => {
    await start();
    await assign();
    await host.expect('command_ack', { command: 'start_session', session_dir: session() });
    const { data } = await host.expect('snapshot_taken', { command: 'take_snapshot' });
    expect(data.path.startsWith(`${session()}/`)).toBe(true);
    const jpeg = await readFile(data.path);
    expect(jpeg).toHaveLength(data.bytes);
    expect([jpeg.subarray(0, 2).toString('hex'), jpeg.subarray(-2).toString('hex')]).toEqual(['ffd8', 'ffd9']);
  });

  it('tells the truth in status: what was asked for, what is given, what is recorded', async () => {
    await start({ config: { camera: { width: 640, height: 480, fps: 30 } } });
    await assign();
    await host.expect('recording_started', { command: 'start_recording', session_dir: session(), trial_number: 2 });
    await waitForFrames(host, 10);
    const { data } = await host.expect('status_report', { command: 'get_status' });
    expect(data).toMatchObject({ module: 'CSICameras', state: 'running', session_dir: session() });
    expect(data.cameras).toHaveLength(1);
    expect(data.cameras[0]).toMatchObject({
      device_id: 'picam:0',
      state: 'recording',
      requested: { width: 640, height: 480, fps: 30 },
      given: { width: 640, height: 480 },
      recording: { trial_number: 2, take: 1, dropped: 0 },
    });
    await host.expect('recording_stopped', { command: 'stop_recording' });
  });

  it('answers every kind of bad input with a nack while a recording goes on without a loss', async () => {
    await start();
    await assign();
    await host.expect('recording_started', { command: 'start_recording', session_dir: session() });
    const badValues = [
      { command: 'no_such_command' },
      { command: '__proto__' },
      { command: 'constructor' },
      { command: 42 },
      { command: ['quit'] },
      { nothing: 'here' },
      { command: 'assign_device' },
      { command: 'assign_device', device_id: 7 },
      { command: 'assign_device', device_id: '' },
      { command: 'assign_device', device_id: 'nodigits' },
      { command: 'assign_device', device_id: 'picam:1', camera_index: -1 },
      { command: 'assign_device', device_id: 'picam:1', camera_index: 1e300 },
      { command: 'start_recording', trial_number: '1' },
      { command: 'start_recording', trial_number: 1.5 },
      { command: 'start_recording', session_dir: '/tmp/a\u0000b' },
      { command: 'start_recording', device_id: 'line\nbreak\u001b[2J' },
      { command: 'start_recording', session_dir: '\ud800' },
      { command: 'start_recording', session_dir: 'x'.repeat(10_000) },
      { command: 'start_recording', trial_label: ['left'] },
      { command: 'toggle_preview', enabled: 'yes' },
      { command: 'set_log_level', level: 'loud' },
      { command: 'get_status', command_id: { $gt: '' } },
    ];
    const badLines = [
      'not json',
      '{"command":"get_status"',
      '[]',
      'null',
      '"quit"',
      '17',
      '{"command":"get_status","__proto__":{"polluted":true}}',
      '[['.repeat(20_000),
      `{"command":"get_status","filler":"${'x'.repeat(1024 * 1024)}"`,
      Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
      Buffer.from('{"command":"get_status","a":"raw \u0001 control"}'),
    ];
    for (const value of badValues) host.send(value as { command: string });
    for (const line of badLines) host.sendBad(line);
    await host.expect('status_report', { command: 'get_status' });
    const nacks = host.log.named('command_nack');
    expect(nacks).toHaveLength(badValues.length + badLines.length);
    for (const { data } of nacks) {
      expect(data.success).toBe(false);
      expect(data.error.length).toBeGreaterThan(10);
      expect(data.error.length).toBeLessThan(1000);
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    const stopped = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(stopped.data).toMatchObject({ dropped: 0, source_gaps: 0 });
    await expectWholeRecording(stopped.data, { width: 640, height: 480 });
  });

  it.each(['unassign_device', 'unassign_all_devices', 'quit'])(
    'ends an assignment that waits for its first frame at once by %s',
    async (command) => {
      await start({ env: { CSI_VIRTUAL_CAMERA: 'start-delay=60000' } });
      const assignment = host.send({ command: 'assign_device', device_id: 'picam:0' });
      await host.log.wait('device_ack');
      const askedAt = performance.now();
      const release = host.ask({ command });
      const refused = await host.log.wait('device_error', (status) => status.in_reply_to === assignment);
      expect(refused.data.code).toBe(command === 'quit' ? 'shutting_down' : 'no_device');
      expect((await release).status).toBe(command === 'quit' ? 'shutdown_complete' : 'device_unassigned');
      // By itself it would end after 5.3 s, the limit of a first frame.
      expect(performance.now() - askedAt).toBeLessThan(4000);
    },
  );

  // How fast, `npm run faults` measures, three times where a busy machine was late.
  it('releases a recording camera, the recording whole', async () => {
    await start();
    await assign();
    await host.expect('recording_started', { command: 'start_recording', session_dir: session() });
    await waitForFrames(host, 5);
    const { data } = await host.expect('device_unassigned', { command: 'unassign_device', device_id: 'picam:0' });
    expect(data).toEqual({ device_id: 'picam:0', port_released: true });
    const [stopped] = host.log.named('recording_stopped');
    expect(stopped?.data.frames).toBeGreaterThan(0);
    if (stopped !== undefined) await expectWholeRecording(stopped.data, { width: 640, height: 480 });
    await assign();
  });

  it('says that a lost camera is lost, after the recording was finished, and is back by itself', async () => {
    const control = await cameraControl(folder.path);
    await start({ env: { ...control.env } });
    await assign();
    await host.expect('recording_started', { command: 'start_recording', session_dir: session() });
    await waitForFrames(host, 5);
    await control.misbehave('exit-after=1');
    await host.log.wait('device_error');
    await control.misbehave('');
    const back = await host.log.wait('device_ready', ({ data }) => data.reconnected === true);
    expect(back.data.attempts).toBeGreaterThanOrEqual(1);
    const order = host.log.names().filter((name) => /recording_stopped|device_error|device_ready/.test(name));
    expect(order.slice(0, 3)).toEqual(['device_ready', 'recording_stopped', 'device_error']);
    const [stopped] = host.log.named('recording_stopped');
    expect(stopped?.data.reason).toBe('device_error');
    if (stopped !== undefined) await expectWholeRecording(stopped.data, { width: 640, height: 480 });
  });

  it.each([
    ['in-use', 'camera_in_use'],
    ['not-found', 'camera_not_found'],
    ['permission-denied', 'permission_denied'],
    ['unsupported-mode', 'unsupported_mode'],
    ['memory-failure', 'capture_failed'],
  ])('says what is wrong with a camera that cannot be opened (%s), and a later assign works', async (how, code) => {
    const control = await cameraControl(folder.path);
    await start({ env: { ...control.env } });
    await control.misbehave(how);
    const failed = await host.expect('device_error', { command: 'assign_device', device_id: 'picam:0' });
    expect(failed.data.code).toBe(code);
    expect(failed.data.error.length).toBeGreaterThan(20);
    await control.misbehave('');
    await assign();
  });

  it('says that the capture tool is missing', async () => {
    await start({ config: { camera: { tool: join(folder.path, 'no-such-tool') } } });
    const failed = await host.expect('device_error', { command: 'assign_device', device_id: 'picam:0' });
    expect(failed.data).toMatchObject({ code: 'capture_tool_missing', recoverable: false });
  });

  it('shuts down in order while recording: recording, capture, logs, then the last status', async () => {
    await start();
    await assign();
    await host.expect('recording_started', { command: 'start_recording', session_dir: session() });
    await host.expect('shutdown_complete', { command: 'quit' });
    const names = host.log.names();
    expect(names.slice(names.indexOf('shutdown_started'))).toEqual([
      'shutdown_started',
      'recording_stopped',
      'device_unassigned',
      'quitting',
      'shutdown_complete',
    ]);
    const [stopped] = host.log.named('recording_stopped');
    expect(stopped?.data.reason).toBe('shutdown');
    if (stopped !== undefined) await expectWholeRecording(stopped.data, { width: 640, height: 480 });
    await host.end();
    const log = await readFile(join(host.logDir, 'commands.jsonl'), 'utf8');
    const lines = log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const quit = lines.find((line) => line['dir'] === 'in' && line['cmd'] === 'quit');
    const life = lines.filter((line) => line['id'] === quit?.['id'] && 'state' in line).map((line) => line['state']);
    expect(life).toEqual(['received', 'processing', 'completed']);
  });

  it('leaves nothing where nothing was recorded', async () => {
    await start();
    await assign();
    await host.expect('command_ack', { command: 'start_session', session_dir: session() });
    await host.expect('command_ack', { command: 'stop_session' });
    await host.expect('shutdown_complete', { command: 'quit' });
    await expect(access(session())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('refuses more commands than may wait, and goes on', async () => {
    await start({ env: { CSI_VIRTUAL_CAMERA: 'start-delay=60000' } });
    host.send({ command: 'assign_device', device_id: 'picam:0' });
    await host.log.wait('device_ack');
    const ids = Array.from({ length: 300 }, () => host.send({ command: 'get_settings' }));
    await host.log.wait('command_nack', ({ in_reply_to: id }) => id === ids.at(-1));
    await host.expect('status_report', { command: 'get_status' });
    expect(host.log.named('command_nack').map(({ data }) => data.code)).toEqual(
      Array.from({ length: 44 }, () => 'queue_full'),
    );
    host.send({ command: 'quit' });
    await host.log.wait('shutdown_complete');
    expect(host.log.named('command_nack').filter(({ data }) => data.code === 'shutting_down')).toHaveLength(256);
  });
});

it('has ffprobe to hold recordings against, or says that it has not', () => {
  expect(typeof hasFfprobe).toBe('boolean');
});
