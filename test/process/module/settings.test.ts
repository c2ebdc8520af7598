import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { BOTH_HOSTS } from '../../harness/both-hosts.js';
import { cameraControl } from '../../harness/camera-control.js';
import { cleanFolder } from '../../harness/clean-folder.js';
import type { MockHost } from '../../harness/mock-host.js';
import { tellingTool } from '../../harness/telling-tool.js';
import { expectWholeRecording, waitForFrames } from '../../harness/whole-recording.js';

describe.each(BOTH_HOSTS)('a host that changes the settings of a streaming camera, %s', (_kind, startHost) => {
  const folder = cleanFolder(() => host.end());
  let host: MockHost;

  const start = async (options: { config?: object; env?: Readonly<Record<string, string>> } = {}): Promise<void> => {
    host = await startHost({ folder: folder.path, ...options });
    await host.expect('device_ready', { command: 'assign_device', device_id: 'picam:0' });
  };
  const session = (): string => join(folder.path, 'session_20260106_081726');

  it('has the new size and rate within a second or so, without an error, and records with them', async () => {
    await start();
    const before = performance.now();
    const id = host.send({ command: 'set_settings', settings: { width: 320, height: 240, fps: 50 } });
    const ready = await host.log.wait('device_ready', (status) => status.in_reply_to === id);
    const restartMs = performance.now() - before;
    expect(restartMs).toBeLessThan(5_000); // 0.3 to 0.6 s where nothing else runs
    expect(ready.data).toMatchObject({ width: 320, height: 240, fps: 50 });
    const changed = await host.log.wait('settings_changed', (status) => status.in_reply_to === id);
    expect(changed.data).toMatchObject({
      device_id: 'picam:0',
      asked: { width: 320, height: 240, fps: 50, exposureTimeUs: null },
      given: { width: 320, height: 240 },
      kept: { width: 320, height: 240, fps: 50 },
    });
    expect(host.log.names()).not.toContain('device_error');
    await host.expect('recording_started', { command: 'start_recording', session_dir: session(), trial_number: 1 });
    await waitForFrames(host, 20);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    await expectWholeRecording(data, { width: 320, height: 240 });
  });

  it('has size and rate by the commands that the field host knows', async () => {
    await start();
    await host.expect('settings_changed', { command: 'set_resolution', width: 320, height: 240 });
    await host.expect('settings_changed', { command: 'set_fps', fps: 25 });
    const { data } = await host.expect('status_report', { command: 'get_status' });
    expect(data.cameras[0]).toMatchObject({
      state: 'streaming',
      requested: { width: 320, height: 240, fps: 25 },
      given: { width: 320, height: 240, fps: 25 },
    });
  });

  it('is refused while it records, and nothing is disturbed', async () => {
    await start();
    await host.expect('recording_started', { command: 'start_recording', session_dir: session(), trial_number: 1 });
    for (const command of [
      { command: 'set_settings', settings: { gain: 2 } },
      { command: 'set_fps', fps: 10 },
      { command: 'set_resolution', width: 320, height: 240 },
      { command: 'fix_settings' },
    ]) {
      const { data } = await host.expect('command_nack', command);
      expect(data).toMatchObject({ code: 'recording_in_progress', error: expect.stringContaining('picam:0 records') });
    }
    await waitForFrames(host, 10);
    const { data } = await host.expect('recording_stopped', { command: 'stop_recording' });
    expect(data).toMatchObject({ reason: 'command', dropped: 0 });
    await expectWholeRecording(data, { width: 640, height: 480 });
    expect((await host.expect('settings', { command: 'get_settings' })).data.kept).toEqual({});
  });

  it('goes on as before where the capture tool refuses, and reads in the answer what it said', async () => {
    const refusal = `case "$*" in *'--framerate 61'*) echo 'ERROR: *** no such rate today ***' >&2; exit 255;; esac`;
    const tool = await tellingTool(folder.path, 'capture-tool', refusal);
    await start({ config: { camera: { tool: tool.path } } });
    const { data } = await host.expect('command_nack', { command: 'set_fps', fps: 61 });
    expect(data).toMatchObject({ code: 'invalid_setting', error: expect.stringContaining('no such rate today') });
    const report = await host.expect('status_report', { command: 'get_status' });
    expect(report.data.cameras[0]).toMatchObject({ state: 'streaming', requested: { fps: 30 }, error: null });
    expect((await host.expect('settings', { command: 'get_settings' })).data.kept).toEqual({});
    expect(host.log.names()).not.toContain('device_error');
    expect(host.log.named('device_ready')).toHaveLength(2);
  });

  it('is released in time in the middle of a restart', async () => {
    const control = await cameraControl(folder.path);
    await start({ env: control.env });
    await control.misbehave('start-delay=20000');
    const id = host.send({ command: 'set_fps', fps: 10 });
    await host.log.wait('heartbeat', ({ data }) => data.cameras[0]?.state === 'opening');
    const before = performance.now();
    const released = await host.expect('device_unassigned', { command: 'unassign_device', device_id: 'picam:0' });
    expect(performance.now() - before).toBeLessThan(900);
    expect(released.data.port_released).toBe(true);
    const refused = await host.log.wait('command_nack', (status) => status.in_reply_to === id);
    expect(refused.data.code).toBe('no_device');
  });
});
